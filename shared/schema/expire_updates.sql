-- An update ends as a whole, when nothing has been received of it for as long as events are kept; a row's own time to live
-- would end its first half before its second.
ALTER TABLE updates${local} ${on_cluster} DELETE WHERE (tenant_id, org_id, app_id, release, device_key) IN (
    SELECT tenant_id, org_id, app_id, release, device_key
    FROM updates${local}
    GROUP BY tenant_id, org_id, app_id, release, device_key
    HAVING max(last_received) < now() - toIntervalDay(${retention_days})
)
SETTINGS allow_nondeterministic_mutations = 1;
