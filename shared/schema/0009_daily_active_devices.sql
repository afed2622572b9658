-- The reference's name, for queries by hand: devices with any event, by UTC date.
-- `active_devices` is a state as in the reference (`uniqExactMerge(active_devices)`); `device_count` the same as a number.
CREATE VIEW IF NOT EXISTS daily_active_devices ${on_cluster} AS
SELECT
    tenant_id, org_id, app_id,
    toDate(intDiv(halfday, 2)) AS stat_date,
    uniqExactState(device_key) AS active_devices,
    uniqExact(device_key) AS device_count
FROM device_halfdays
GROUP BY tenant_id, org_id, app_id, stat_date;
