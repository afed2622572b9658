-- One row an update: one device moving to one release. Every column is a min or a max, so an event applied twice, late or out of
-- order changes nothing. "Never" is 2299-12-31 for a first, 1970-01-01 for a last.
-- Newest values are a maximum too: text as (rank, value) in one string whose first eight bytes are the rank, big-endian;
-- numbers as rank << 64 | the bits of the Float64. The rank is event time in ms * 16 + event type: the contract's order of "newest".
CREATE TABLE IF NOT EXISTS updates${local} ${on_cluster} (
    tenant_id                 LowCardinality(String),
    org_id                    LowCardinality(String),
    app_id                    LowCardinality(String),
    release                   LowCardinality(String),
    device_key                UInt64,
    first_seen                SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_seen                 SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    last_received             SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    first_started             SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    first_downloading         SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    first_downloaded          SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    first_installing          SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    first_installed           SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_failed               SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    last_cancelled            SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    last_rollback             SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    -- The newest failure: its time and its values, compared together. Read with tupleElement(): `failure.error_code` reads that part
    -- alone, which FINAL doesn't merge.
    failure                   SimpleAggregateFunction(max, Tuple(at DateTime64(3, 'UTC'), error_code String, failure_stage String, error_message String)),
    device_os                 SimpleAggregateFunction(max, String),
    device_os_version         SimpleAggregateFunction(max, String),
    device_model              SimpleAggregateFunction(max, String),
    download_speed_mbps       SimpleAggregateFunction(max, UInt128),
    install_duration_seconds  SimpleAggregateFunction(max, UInt128),
    download_duration_seconds SimpleAggregateFunction(max, UInt128),
    package_size_bytes        SimpleAggregateFunction(max, UInt128)
)
ENGINE = ${replicated}AggregatingMergeTree
ORDER BY (tenant_id, org_id, app_id, release, device_key);
