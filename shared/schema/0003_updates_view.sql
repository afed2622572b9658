CREATE MATERIALIZED VIEW IF NOT EXISTS updates_view${local} ${on_cluster} TO updates${local} AS
WITH
    toDateTime64('2299-12-31 00:00:00', 3, 'UTC') AS never_first,
    toDateTime64(0, 3, 'UTC') AS never_last,
    toUInt64(greatest(toUnixTimestamp64Milli(event_time), 0)) * 16 + toUInt64(event_type) AS rank,
    bitShiftLeft(toUInt128(rank), 64) AS rank_high,
    reinterpretAsFixedString(byteSwap(rank)) AS rank_text,
    (text -> concat(replaceAll(replaceAll(ifNull(text, ''), '\x01', '\x01\x03'), '\0', '\x01\x02'), '\0')) AS ended
SELECT
    tenant_id, org_id, app_id,
    coalesce(if(event_type IN ('rollback_started', 'rollback_completed'), current_version, target_version), 'unknown') AS release,
    sipHash64(tenant_id, org_id, app_id, device_id) AS device_key,
    groupBitOr(bitShiftLeft(toUInt16(1), toUInt8(event_type))) AS types,
    min(event_time) AS first_seen,
    max(event_time) AS last_seen,
    max(toDateTime(received_at)) AS last_received,
    min(if(event_type = 'update_started', event_time, never_first)) AS first_started,
    min(if(event_type = 'update_downloaded', event_time, never_first)) AS first_downloaded,
    min(if(event_type = 'update_installed', event_time, never_first)) AS first_installed,
    max(if(event_type = 'update_failed', event_time, never_last)) AS last_failed,
    max(if(event_type IN ('rollback_started', 'rollback_completed'), event_time, never_last)) AS last_rollback,
    maxIf(concat(rank_text, ended(error_code), ended(failure_stage), ended(error_message)), event_type = 'update_failed') AS failure,
    max(if(isNull(events.device_os), '', concat(rank_text, assumeNotNull(events.device_os)))) AS device_os,
    max(if(isNull(events.device_os_version), '', concat(rank_text, assumeNotNull(events.device_os_version)))) AS device_os_version,
    max(if(isNull(events.device_model), '', concat(rank_text, assumeNotNull(events.device_model)))) AS device_model,
    max(if(isNull(events.download_speed_mbps), 0, bitOr(rank_high, reinterpretAsUInt64(abs(assumeNotNull(events.download_speed_mbps)))))) AS download_speed_mbps,
    max(if(isNull(events.install_duration_seconds), 0, bitOr(rank_high, reinterpretAsUInt64(abs(assumeNotNull(events.install_duration_seconds)))))) AS install_duration_seconds,
    max(if(isNull(events.download_duration_seconds), 0, bitOr(rank_high, reinterpretAsUInt64(abs(assumeNotNull(events.download_duration_seconds)))))) AS download_duration_seconds,
    max(if(isNull(events.package_size_bytes), 0, bitOr(rank_high, reinterpretAsUInt64(abs(assumeNotNull(events.package_size_bytes)))))) AS package_size_bytes
FROM ota_events_raw${local} AS events
GROUP BY tenant_id, org_id, app_id, release, device_key;
