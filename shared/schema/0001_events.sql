-- Every event as it was accepted. Columns are the reference's, under its names, and what the analytics need beside them.
-- The key has only what the client gave, so that the same event stored again replaces itself.
CREATE TABLE IF NOT EXISTS ota_events_raw${local} ${on_cluster} (
    event_id                  UUID,
    tenant_id                 LowCardinality(String),
    org_id                    LowCardinality(String),
    app_id                    LowCardinality(String),
    device_id                 String,
    session_id                Nullable(String),
    event_type                Enum8('update_started' = 1, 'update_downloading' = 2, 'update_downloaded' = 3, 'update_installing' = 4, 'update_installed' = 5,
                                    'update_failed' = 6, 'update_cancelled' = 7, 'rollback_started' = 8, 'rollback_completed' = 9),
    timestamp                 DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_date                Date MATERIALIZED toDate(timestamp),
    sent_at                   Nullable(DateTime64(3, 'UTC')),
    event_time                DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at               DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    device_os                 LowCardinality(Nullable(String)),
    device_os_version         LowCardinality(Nullable(String)),
    device_model              LowCardinality(Nullable(String)),
    device_manufacturer       LowCardinality(Nullable(String)),
    current_version           LowCardinality(Nullable(String)),
    target_version            LowCardinality(Nullable(String)),
    release_notes             Nullable(String),
    connection_type           LowCardinality(Nullable(String)),
    bandwidth_mbps            Nullable(Float64),
    download_speed_mbps       Nullable(Float64),
    install_duration_seconds  Nullable(Float64),
    download_duration_seconds Nullable(Float64),
    package_size_bytes        Nullable(Float64),
    battery_level             Nullable(Float64),
    storage_available_mb      Nullable(Float64),
    error_code                LowCardinality(Nullable(String)),
    error_message             Nullable(String),
    failure_stage             LowCardinality(Nullable(String)),
    payload                   String,
    ingested_at               DateTime64(3, 'UTC') DEFAULT now64(3),
    INDEX by_event_time event_time TYPE minmax GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY toYYYYMM(event_time)
ORDER BY (tenant_id, org_id, app_id, toStartOfHour(timestamp), device_id, event_id)
TTL toDateTime(received_at) + toIntervalDay(${retention_days});
