-- Updates that were rolled back, each at its newest rollback, by interval.
SELECT roundDown(rollback_ms, {starts:Array(Int64)}) AS start, count() AS rollbacks
FROM selected
WHERE rollback_ms >= {from:Int64} AND rollback_ms < {to:Int64} AND rollback_ms > 0
GROUP BY start
