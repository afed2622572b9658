-- The updates in question, one row each whatever has been merged, with their newest values as plain text. Only the columns that are
-- asked for are computed. Grouped by one number, the hashes of device and release together: cheaper than by both, or by FINAL.
-- `failed_since` and `rolled_back_since` (ms): only updates that did so then or later; below 0 they leave out none.
WITH
    (packed -> if(packed = '', 'unknown', substring(packed, 9))) AS text,
    (value -> if(value = '', 'unknown', value)) AS known,
    (value -> replaceAll(replaceAll(value, '\x01\x02', '\0'), '\x01\x03', '\x01')) AS unescaped,
    scope AS (
        SELECT *, bitXor(device_key, sipHash64(release)) AS update_key
        FROM updates
        WHERE tenant_id = {tenant_id:String}
          AND ({org_id:String} = '' OR org_id = {org_id:String})
          AND ({app_id:String} = '' OR app_id = {app_id:String})
          AND ({target_version:String} = '' OR release = {target_version:String})
    ),
    grouped AS (
        SELECT
            any(scope.app_id) AS app_id,
            any(scope.release) AS target_version,
            any(scope.device_key) AS device_key,
            min(scope.first_installed) AS first_installed,
            max(scope.last_failed) AS last_failed,
            max(scope.last_rollback) AS last_rollback,
            splitByChar('\0', substring(max(scope.failure), 9)) AS failure,
            text(max(scope.device_os)) AS device_os,
            text(max(scope.device_os_version)) AS device_os_version,
            text(max(scope.device_model)) AS device_model,
            max(scope.download_speed_mbps) AS download_speed_mbps,
            max(scope.install_duration_seconds) AS install_duration_seconds,
            max(scope.download_duration_seconds) AS download_duration_seconds,
            max(scope.package_size_bytes) AS package_size_bytes
        FROM scope
        WHERE ({failed_since:Int64} < 0 AND {rolled_back_since:Int64} < 0) OR update_key GLOBAL IN (
            SELECT update_key
            FROM scope
            WHERE ({failed_since:Int64} < 0 OR last_failed >= fromUnixTimestamp64Milli({failed_since:Int64}, 'UTC'))
              AND ({rolled_back_since:Int64} < 0 OR last_rollback >= fromUnixTimestamp64Milli({rolled_back_since:Int64}, 'UTC'))
        )
        GROUP BY update_key
    ),
    selected AS (
        SELECT
            app_id, target_version, device_key,
            first_installed < toDateTime64('2299-12-31 00:00:00', 3, 'UTC') AS successful,
            toUnixTimestamp64Milli(first_installed) AS installed_ms,
            toUnixTimestamp64Milli(last_failed) AS failed_ms,
            toUnixTimestamp64Milli(last_rollback) AS rollback_ms,
            known(unescaped(failure[1])) AS error_code,
            known(unescaped(failure[2])) AS failure_stage,
            unescaped(failure[3]) AS error_message,
            device_os, device_os_version, device_model,
            download_speed_mbps, install_duration_seconds, download_duration_seconds, package_size_bytes,
            '' AS nothing
        FROM grouped
        WHERE {device_os:String} = '' OR device_os = {device_os:String}
    )
