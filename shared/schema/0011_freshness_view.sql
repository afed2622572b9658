CREATE MATERIALIZED VIEW IF NOT EXISTS freshness_view${local} ${on_cluster} TO freshness${local} AS
SELECT
    tenant_id, org_id, app_id,
    toUInt32(intDiv(toUInt64(greatest(toUnixTimestamp64Milli(event_time), 0)), 43200000)) AS halfday,
    max(event_time) AS last_seen,
    max(received_at) AS last_received
FROM ota_events_raw${local}
GROUP BY tenant_id, org_id, app_id, halfday;
