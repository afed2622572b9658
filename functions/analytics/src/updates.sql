-- The updates in question, one row each whatever has been merged (FINAL), with their newest values as plain text.
-- `failure.error_code` would read that subcolumn alone and so not the newest one: the tuple is compared as a whole.
WITH
    (packed -> if(packed = '', 'unknown', substring(packed, 9))) AS text,
    (value -> if(value = '', 'unknown', value)) AS known,
    selected AS (
        SELECT
            app_id,
            release AS target_version,
            device_key,
            first_installed < toDateTime64('2299-12-31 00:00:00', 3, 'UTC') AS successful,
            toUnixTimestamp64Milli(first_installed) AS installed_ms,
            toUnixTimestamp64Milli(last_failed) AS failed_ms,
            toUnixTimestamp64Milli(last_rollback) AS rollback_ms,
            known(tupleElement(failure, 'error_code')) AS error_code,
            known(tupleElement(failure, 'failure_stage')) AS failure_stage,
            tupleElement(failure, 'error_message') AS error_message,
            text(updates.device_os) AS device_os,
            text(updates.device_os_version) AS device_os_version,
            text(updates.device_model) AS device_model,
            download_speed_mbps, install_duration_seconds, download_duration_seconds, package_size_bytes,
            '' AS nothing
        FROM updates FINAL
        WHERE tenant_id = {tenant_id:String}
          AND ({org_id:String} = '' OR org_id = {org_id:String})
          AND ({app_id:String} = '' OR app_id = {app_id:String})
          AND ({target_version:String} = '' OR release = {target_version:String})
          AND ({device_os:String} = '' OR text(updates.device_os) = {device_os:String})
    )
