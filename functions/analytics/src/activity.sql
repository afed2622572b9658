-- Which devices were active in the window, and what they said last: whole half-days from their rollup, the two that the window
-- cuts from the events themselves. An event met twice changes nothing: everything is a maximum or a set.
WITH
    (packed -> if(packed = '', 'unknown', substring(packed, 9))) AS text,
    activity AS (
        SELECT app_id, halfday, device_key, slots, version, device_os, device_os_version, device_model
        FROM device_halfdays
        WHERE tenant_id = {tenant_id:String}
          AND ({org_id:String} = '' OR org_id = {org_id:String})
          AND ({app_id:String} = '' OR app_id = {app_id:String})
          AND halfday >= {first_halfday:Int64} AND halfday < {end_halfday:Int64}
        UNION ALL
        SELECT
            app_id,
            toUInt32(intDiv(event_ms, 43200000)) AS halfday,
            sipHash64(tenant_id, org_id, app_id, device_id) AS device_key,
            bitShiftLeft(toUInt64(1), toUInt8(intDiv(event_ms, 900000) % 48)) AS slots,
            if(isNull(running_version), '', concat(rank_text, assumeNotNull(running_version))) AS version,
            if(isNull(events.device_os), '', concat(rank_text, assumeNotNull(events.device_os))) AS device_os,
            if(isNull(events.device_os_version), '', concat(rank_text, assumeNotNull(events.device_os_version))) AS device_os_version,
            if(isNull(events.device_model), '', concat(rank_text, assumeNotNull(events.device_model))) AS device_model
        FROM (
            SELECT
                *,
                toUInt64(toUnixTimestamp64Milli(event_time)) AS event_ms,
                reinterpretAsFixedString(byteSwap(event_ms * 16 + toUInt64(event_type))) AS rank_text,
                if(event_type IN ('update_installed', 'rollback_completed'), target_version, current_version) AS running_version
            FROM ota_events_raw
            WHERE tenant_id = {tenant_id:String}
              AND ({org_id:String} = '' OR org_id = {org_id:String})
              AND ({app_id:String} = '' OR app_id = {app_id:String})
              AND (event_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND event_time < fromUnixTimestamp64Milli({head_end:Int64}, 'UTC')
                   OR event_time >= fromUnixTimestamp64Milli({tail_start:Int64}, 'UTC') AND event_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC'))
        ) AS events
    ),
    spoken AS (
        SELECT
            any(activity.app_id) AS app_id,
            text(max(activity.version)) AS version,
            text(max(activity.device_os)) AS device_os,
            text(max(activity.device_os_version)) AS device_os_version,
            text(max(activity.device_model)) AS device_model,
            '' AS nothing
        FROM activity
        GROUP BY device_key
    ),
    devices AS (SELECT * FROM spoken WHERE {device_os:String} = '' OR device_os = {device_os:String})
