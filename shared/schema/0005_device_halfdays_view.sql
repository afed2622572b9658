CREATE MATERIALIZED VIEW IF NOT EXISTS device_halfdays_view${local} ${on_cluster} TO device_halfdays${local} AS
WITH
    toUInt64(greatest(toUnixTimestamp64Milli(event_time), 0)) AS event_ms,
    reinterpretAsFixedString(byteSwap(event_ms * 16 + toUInt64(event_type))) AS rank_text,
    if(event_type IN ('update_installed', 'rollback_completed'), target_version, current_version) AS running_version
SELECT
    tenant_id, org_id, app_id,
    toUInt32(intDiv(event_ms, 43200000)) AS halfday,
    sipHash64(tenant_id, org_id, app_id, device_id) AS device_key,
    groupBitOr(bitShiftLeft(toUInt64(1), toUInt8(intDiv(event_ms, 900000) % 48))) AS slots,
    max(toDateTime(received_at)) AS last_received,
    max(if(isNull(running_version), '', concat(rank_text, assumeNotNull(running_version)))) AS version,
    max(if(isNull(events.device_os), '', concat(rank_text, assumeNotNull(events.device_os)))) AS device_os,
    max(if(isNull(events.device_os_version), '', concat(rank_text, assumeNotNull(events.device_os_version)))) AS device_os_version,
    max(if(isNull(events.device_model), '', concat(rank_text, assumeNotNull(events.device_model)))) AS device_model
FROM ota_events_raw${local} AS events
GROUP BY tenant_id, org_id, app_id, halfday, device_key;
