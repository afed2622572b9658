-- Every event as it was accepted. Columns are the reference's, under its names, and what the analytics need beside them.
-- The key has only what the client gave, so that the same event stored again replaces itself; a device's events lie in the order
-- of their times, which compresses the times and all that changes with an update's progress.
CREATE TABLE IF NOT EXISTS ota_events_raw${local} ${on_cluster} (
    event_id                  UUID CODEC(NONE),
    tenant_id                 LowCardinality(String) CODEC(ZSTD(1)),
    org_id                    LowCardinality(String) CODEC(ZSTD(1)),
    app_id                    LowCardinality(String) CODEC(ZSTD(1)),
    device_id                 String CODEC(ZSTD(1)),
    session_id                Nullable(String) CODEC(ZSTD(1)),
    event_type                Enum8('update_started' = 1, 'update_downloading' = 2, 'update_downloaded' = 3, 'update_installing' = 4, 'update_installed' = 5,
                                    'update_failed' = 6, 'update_cancelled' = 7, 'rollback_started' = 8, 'rollback_completed' = 9) CODEC(ZSTD(1)),
    timestamp                 DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    event_date                Date MATERIALIZED toDate(timestamp) CODEC(ZSTD(1)),
    sent_at                   Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    event_time                DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received_at               DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    device_os                 LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    device_os_version         LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    device_model              LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    device_manufacturer       LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    current_version           LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    target_version            LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    release_notes             Nullable(String) CODEC(ZSTD(1)),
    connection_type           LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    bandwidth_mbps            Nullable(Float64) CODEC(ZSTD(1)),
    download_speed_mbps       Nullable(Float64) CODEC(ZSTD(1)),
    install_duration_seconds  Nullable(Float64) CODEC(ZSTD(1)),
    download_duration_seconds Nullable(Float64) CODEC(ZSTD(1)),
    package_size_bytes        Nullable(Float64) CODEC(ZSTD(1)),
    battery_level             Nullable(Float64) CODEC(ZSTD(1)),
    storage_available_mb      Nullable(Float64) CODEC(ZSTD(1)),
    error_code                LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    error_message             Nullable(String) CODEC(ZSTD(1)),
    failure_stage             LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    payload                   String CODEC(ZSTD(1)),
    ingested_at               DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    INDEX by_event_time event_time TYPE minmax GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY toYYYYMM(event_time)
PRIMARY KEY (tenant_id, org_id, app_id, toStartOfHour(timestamp), device_id)
ORDER BY (tenant_id, org_id, app_id, toStartOfHour(timestamp), device_id, timestamp, event_id)
TTL toDateTime(received_at) + toIntervalDay(${retention_days});
