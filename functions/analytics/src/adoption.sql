-- Successful and failed updates, each at its own time, by quarter-hour: every hour and every interval begins on one.
SELECT
    intDiv(at_ms, 900000) * 900000 AS quarter,
    countIf(successful) AS installs,
    countIf(NOT successful) AS failures
FROM (SELECT successful, if(successful, installed_ms, failed_ms) AS at_ms FROM selected)
WHERE at_ms >= {from:Int64} AND at_ms < {to:Int64} AND at_ms > 0
GROUP BY quarter
