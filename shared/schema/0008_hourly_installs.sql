-- The reference's name, for queries by hand: updates by the hour of their first install.
-- `installs` is a state as in the reference (`uniqExactMerge(installs)`); `install_count` the same as a number.
CREATE VIEW IF NOT EXISTS hourly_installs ${on_cluster} AS
SELECT
    tenant_id, org_id, app_id,
    release AS target_version,
    toStartOfHour(toDateTime(first_installed, 'UTC')) AS hour_slot,
    uniqExactState(device_key) AS installs,
    uniqExact(device_key) AS install_count
FROM (
    SELECT tenant_id, org_id, app_id, release, device_key, min(first_installed) AS first_installed
    FROM updates
    GROUP BY tenant_id, org_id, app_id, release, device_key
)
WHERE first_installed < toDateTime64('2299-12-31 00:00:00', 3, 'UTC')
GROUP BY tenant_id, org_id, app_id, target_version, hour_slot;
