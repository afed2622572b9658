-- One row an update: one device moving to one release. Every column is a min, a max or a set of bits, so an event applied twice, late
-- or out of order changes nothing. "Never" is 2299-12-31 for a first, 1970-01-01 for a last.
-- Newest values are a maximum too: text as (rank, value) in one string whose first eight bytes are the rank, big-endian;
-- numbers as rank << 64 | the bits of the Float64. The rank is event time in ms * 16 + event type: the contract's order of "newest".
-- What most answers read is left to the default codec, which is quick to undo; the rest is compressed harder.
CREATE TABLE IF NOT EXISTS updates${local} ${on_cluster} (
    tenant_id                 LowCardinality(String),
    org_id                    LowCardinality(String),
    app_id                    LowCardinality(String),
    release                   LowCardinality(String),
    device_key                UInt64 CODEC(NONE),
    -- A bit for each type of event that there was: 1 << type.
    types                     SimpleAggregateFunction(groupBitOr, UInt16) CODEC(ZSTD(1)),
    first_seen                SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    last_seen                 SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    last_received             SimpleAggregateFunction(max, DateTime('UTC')) CODEC(ZSTD(1)),
    first_started             SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    first_downloaded          SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    first_installed           SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_failed               SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    last_rollback             SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    -- The newest failure: its rank, then code, stage and message with a NUL after each, so that they compare together. In their
    -- text NUL is written 01 02 and SOH 01 03, which keeps its order.
    failure                   SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    device_os                 SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    device_os_version         SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    device_model              SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    download_speed_mbps       SimpleAggregateFunction(max, UInt128),
    install_duration_seconds  SimpleAggregateFunction(max, UInt128),
    download_duration_seconds SimpleAggregateFunction(max, UInt128),
    package_size_bytes        SimpleAggregateFunction(max, UInt128)
)
ENGINE = ${replicated}AggregatingMergeTree
ORDER BY (tenant_id, org_id, app_id, release, device_key)
-- What is older than an hour is merged into one part: fewer for a query to open, and fewer rows to group.
SETTINGS min_age_to_force_merge_seconds = 3600;
