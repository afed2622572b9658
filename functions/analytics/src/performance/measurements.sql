,
    -- One row an update and metric that it has in the window (its time is in the upper half); `is_first` marks one row of each update.
    measurements AS (
        SELECT
            nothing, app_id, target_version, error_code, failure_stage, device_os, device_os_version, device_model,
            metric,
            toInt64(bitShiftRight(packed, 68)) AS at_ms,
            reinterpretAsFloat64(toUInt64(packed)) AS value,
            metric = arrayFirstIndex(other -> other >= lowest AND other < end, metrics) AS is_first
        FROM (
            SELECT
                *,
                bitShiftLeft(toUInt128({from:Int64} * 16 + 1), 64) AS lowest,
                bitShiftLeft(toUInt128({to:Int64} * 16 + 1), 64) AS end,
                [download_speed_mbps, install_duration_seconds, download_duration_seconds, package_size_bytes] AS metrics
            FROM selected
        )
        ARRAY JOIN metrics AS packed, [1, 2, 3, 4] AS metric
        WHERE packed >= lowest AND packed < end
    )
