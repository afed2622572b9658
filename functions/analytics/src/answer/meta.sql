-- The newest event time and receipt in the scope and window. An event met twice changes nothing.
SELECT
    toUnixTimestamp64Milli(maxOrNull(seen)) AS data_through_ms,
    toUnixTimestamp64Milli(maxOrNull(received)) AS ingested_through_ms
FROM (
    SELECT last_seen AS seen, last_received AS received
    FROM freshness
    WHERE tenant_id = {tenant_id:String}
      AND ({org_id:String} = '' OR org_id = {org_id:String})
      AND ({app_id:String} = '' OR app_id = {app_id:String})
      AND halfday >= {first_halfday:Int64} AND halfday < {end_halfday:Int64}
    UNION ALL
    SELECT event_time AS seen, received_at AS received
    FROM ota_events_raw
    WHERE tenant_id = {tenant_id:String}
      AND ({org_id:String} = '' OR org_id = {org_id:String})
      AND ({app_id:String} = '' OR app_id = {app_id:String})
      AND (event_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND event_time < fromUnixTimestamp64Milli({head_end:Int64}, 'UTC')
           OR event_time >= fromUnixTimestamp64Milli({tail_start:Int64}, 'UTC') AND event_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC'))
)
