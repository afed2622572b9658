-- One row an app and half-day: the newest event time and the newest receipt in it, for every answer's `meta`.
CREATE TABLE IF NOT EXISTS freshness${local} ${on_cluster} (
    tenant_id     LowCardinality(String),
    org_id        LowCardinality(String),
    app_id        LowCardinality(String),
    halfday       UInt32,
    last_seen     SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    last_received SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = ${replicated}AggregatingMergeTree
ORDER BY (tenant_id, org_id, app_id, halfday)
TTL toDateTime(last_received) + toIntervalDay(${retention_days});
