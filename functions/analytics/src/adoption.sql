-- Successful and failed updates, each at its own time, by UTC hour and interval at once: every sum comes from these rows.
SELECT
    intDiv(at_ms, 3600000) * 3600000 AS hour,
    roundDown(at_ms, {starts:Array(Int64)}) AS start,
    countIf(successful) AS installs,
    countIf(NOT successful) AS failures
FROM (SELECT successful, if(successful, installed_ms, failed_ms) AS at_ms FROM selected)
WHERE at_ms >= {from:Int64} AND at_ms < {to:Int64} AND at_ms > 0
GROUP BY hour, start
