-- What stands beside the failures: rollbacks by interval, and the successful updates (in whatever row, they are summed).
SELECT
    if(rolled_back, roundDown(rollback_ms, {starts:Array(Int64)}), 0) AS start,
    countIf(rolled_back) AS rollbacks,
    countIf(installed) AS successful_updates
FROM (
    SELECT
        rollback_ms,
        rollback_ms >= {from:Int64} AND rollback_ms < {to:Int64} AND rollback_ms > 0 AS rolled_back,
        installed_ms >= {from:Int64} AND installed_ms < {to:Int64} AS installed
    FROM selected
)
GROUP BY start
