-- One row a device and half-day (12 h from the epoch, UTC): in which of its 48 quarter-hours the device sent any event, and its newest values.
-- Every quarter-hour border of every time zone falls between two bits, so active days are exact in any of them.
CREATE TABLE IF NOT EXISTS device_halfdays${local} ${on_cluster} (
    tenant_id         LowCardinality(String),
    org_id            LowCardinality(String),
    app_id            LowCardinality(String),
    halfday           UInt32,
    device_key        UInt64 CODEC(NONE),
    slots             SimpleAggregateFunction(groupBitOr, UInt64),
    last_received     SimpleAggregateFunction(max, DateTime('UTC')) CODEC(ZSTD(1)),
    -- (rank, value) in one string, as in updates.
    version           SimpleAggregateFunction(max, String),
    device_os         SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    device_os_version SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    device_model      SimpleAggregateFunction(max, String) CODEC(ZSTD(1))
)
ENGINE = ${replicated}AggregatingMergeTree
ORDER BY (tenant_id, org_id, app_id, halfday, device_key)
TTL toDateTime(last_received) + toIntervalDay(${retention_days});
