-- Each metric by group; the groups beyond the limit are computed as one.
SELECT
    place > {limit:UInt64} AS cut,
    if(cut, '', group) AS key,
    metric,
    sum(updates) AS updates,
    sum(measured) AS count,
    avgMerge(average) AS avg,
    quantilesExactInclusiveMerge(0.5, 0.95, 0.99)(sorted) AS quantiles
FROM (
    SELECT *, dense_rank() OVER (ORDER BY group_updates DESC, group) AS place
    FROM (
        SELECT
            {group:Identifier} AS group,
            metric,
            countIf(is_first) AS updates,
            sum(updates) OVER (PARTITION BY group) AS group_updates,
            count() AS measured,
            avgState(value) AS average,
            quantilesExactInclusiveState(0.5, 0.95, 0.99)(value) AS sorted
        FROM measurements
        GROUP BY group, metric
    )
)
GROUP BY cut, key, metric
