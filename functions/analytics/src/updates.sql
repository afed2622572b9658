-- The updates in question, one row each whatever has been merged, with their newest values as plain text. Only the columns that are
-- asked for are computed.
--
-- A part never has two rows of one update, so what is in the largest part and in no other needs no merging; the rest is grouped.
-- Where that part is less than half, or gone by the time that the query runs, or the server can't promise that a query sees one state
-- of a table throughout, all is grouped. So is a cluster's distributed table, which has no parts of its own.
--
-- `failed_since` and `rolled_back_since` (ms): only updates that did so then or later; below 0 they leave out none.
WITH
    (packed -> if(packed = '', 'unknown', substring(packed, 9))) AS text,
    (value -> if(value = '', 'unknown', value)) AS known,
    (value -> replaceAll(replaceAll(value, '\x01\x02', '\0'), '\x01\x03', '\x01')) AS unescaped,
    (
        SELECT if(2 * max(rows) > sum(rows), argMax(name, rows), '')
        FROM system.parts
        WHERE database = currentDatabase() AND table = 'updates' AND active
          AND (SELECT count() FROM system.settings WHERE name = 'enable_shared_storage_snapshot_in_query' AND value = '1') = 1
    ) AS settled_part,
    scope AS (
        SELECT *, bitXor(device_key, sipHash64(release)) AS update_key, _part = settled_part AS is_settled
        FROM updates
        WHERE tenant_id = {tenant_id:String}
          AND ({org_id:String} = '' OR org_id = {org_id:String})
          AND ({app_id:String} = '' OR app_id = {app_id:String})
          AND ({target_version:String} = '' OR release = {target_version:String})
    ),
    touched AS (SELECT update_key FROM scope WHERE settled_part != '' AND NOT is_settled),
    single AS (
        SELECT
            app_id, release, device_key, first_installed, last_failed, last_rollback, failure, device_os, device_os_version, device_model,
            download_speed_mbps, install_duration_seconds, download_duration_seconds, package_size_bytes
        FROM scope
        WHERE is_settled AND update_key GLOBAL NOT IN touched
          AND ({failed_since:Int64} < 0 OR last_failed >= fromUnixTimestamp64Milli({failed_since:Int64}, 'UTC'))
          AND ({rolled_back_since:Int64} < 0 OR last_rollback >= fromUnixTimestamp64Milli({rolled_back_since:Int64}, 'UTC'))
        UNION ALL
        SELECT
            any(scope.app_id) AS app_id, any(scope.release) AS release, any(scope.device_key) AS device_key,
            min(scope.first_installed) AS first_installed, max(scope.last_failed) AS last_failed, max(scope.last_rollback) AS last_rollback,
            max(scope.failure) AS failure,
            max(scope.device_os) AS device_os, max(scope.device_os_version) AS device_os_version, max(scope.device_model) AS device_model,
            max(scope.download_speed_mbps) AS download_speed_mbps, max(scope.install_duration_seconds) AS install_duration_seconds,
            max(scope.download_duration_seconds) AS download_duration_seconds, max(scope.package_size_bytes) AS package_size_bytes
        FROM scope
        WHERE (NOT is_settled OR update_key GLOBAL IN touched)
          AND (({failed_since:Int64} < 0 AND {rolled_back_since:Int64} < 0) OR update_key GLOBAL IN (
              SELECT update_key
              FROM scope
              WHERE ({failed_since:Int64} < 0 OR last_failed >= fromUnixTimestamp64Milli({failed_since:Int64}, 'UTC'))
                AND ({rolled_back_since:Int64} < 0 OR last_rollback >= fromUnixTimestamp64Milli({rolled_back_since:Int64}, 'UTC'))
          ))
        GROUP BY update_key
    ),
    selected AS (
        SELECT
            app_id,
            release AS target_version,
            device_key,
            first_installed < toDateTime64('2299-12-31 00:00:00', 3, 'UTC') AS successful,
            toUnixTimestamp64Milli(first_installed) AS installed_ms,
            toUnixTimestamp64Milli(last_failed) AS failed_ms,
            toUnixTimestamp64Milli(last_rollback) AS rollback_ms,
            splitByChar('\0', substring(failure, 9)) AS failure_texts,
            known(unescaped(failure_texts[1])) AS error_code,
            known(unescaped(failure_texts[2])) AS failure_stage,
            unescaped(failure_texts[3]) AS error_message,
            text(single.device_os) AS device_os,
            text(single.device_os_version) AS device_os_version,
            text(single.device_model) AS device_model,
            download_speed_mbps, install_duration_seconds, download_duration_seconds, package_size_bytes,
            '' AS nothing
        FROM single
        WHERE {device_os:String} = '' OR text(single.device_os) = {device_os:String}
    )
