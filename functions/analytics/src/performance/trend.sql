-- Each metric over the window and by interval, in one pass.
SELECT
    grouping(start) = 1 AS overall,
    start,
    metric,
    count() AS count,
    avg(value) AS avg,
    quantilesExactInclusive(0.5, 0.95, 0.99)(value) AS quantiles
FROM (SELECT metric, value, roundDown(at_ms, {starts:Array(Int64)}) AS start FROM measurements)
GROUP BY GROUPING SETS ((metric), (metric, start))
