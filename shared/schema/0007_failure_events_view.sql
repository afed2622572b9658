CREATE MATERIALIZED VIEW IF NOT EXISTS failure_events_view${local} ${on_cluster} TO failure_events${local} AS
SELECT
    tenant_id, org_id, app_id, event_time,
    sipHash64(tenant_id, org_id, app_id, device_id) AS device_key,
    event_id,
    ifNull(target_version, 'unknown') AS release,
    received_at
FROM ota_events_raw${local}
WHERE event_type = 'update_failed';
