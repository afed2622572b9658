-- Each `update_failed` event once, of the updates in question.
SELECT sum(events) AS failure_events
FROM (
    SELECT uniqExact(event_id) AS events
    FROM failure_events
    WHERE tenant_id = {tenant_id:String}
      AND ({org_id:String} = '' OR org_id = {org_id:String})
      AND ({app_id:String} = '' OR app_id = {app_id:String})
      AND ({target_version:String} = '' OR release = {target_version:String})
      AND event_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND event_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
      AND ({device_os:String} = '' OR (release, device_key) GLOBAL IN (SELECT target_version, device_key FROM selected))
    GROUP BY org_id, app_id
)
