-- One row an `update_failed` event; read with uniqExact of its id.
CREATE TABLE IF NOT EXISTS failure_events${local} ${on_cluster} (
    tenant_id   LowCardinality(String),
    org_id      LowCardinality(String),
    app_id      LowCardinality(String),
    event_time  DateTime64(3, 'UTC'),
    device_key  UInt64,
    event_id    UUID,
    release     LowCardinality(String),
    received_at DateTime64(3, 'UTC')
)
ENGINE = ${replicated}ReplacingMergeTree
ORDER BY (tenant_id, org_id, app_id, event_time, device_key, event_id)
TTL toDateTime(received_at) + toIntervalDay(${retention_days});
