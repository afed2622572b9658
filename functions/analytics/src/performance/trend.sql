-- Each metric over the window and by interval, in one pass: the intervals' values are put together for the whole.
SELECT
    grouping(start) = 1 AS overall,
    start,
    metric,
    sum(measured) AS count,
    avgMerge(average) AS avg,
    quantilesExactInclusiveMerge(0.5, 0.95, 0.99)(sorted) AS quantiles
FROM (
    SELECT
        metric, start,
        count() AS measured,
        avgState(value) AS average,
        quantilesExactInclusiveState(0.5, 0.95, 0.99)(value) AS sorted
    FROM (SELECT metric, value, roundDown(at_ms, {starts:Array(Int64)}) AS start FROM measurements)
    GROUP BY metric, start
)
GROUP BY GROUPING SETS ((metric), (metric, start))
