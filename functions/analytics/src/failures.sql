-- Failed updates by interval and by group in one pass, so that both add up to the same total; the groups beyond the limit are one row.
SELECT
    by_group,
    start,
    place > {limit:UInt64} AS cut,
    if(cut, '', group_1) AS key_1,
    if(cut, '', group_2) AS key_2,
    if(cut, '', group_3) AS key_3,
    sum(updates) AS updates,
    max(last_ms) AS last_ms,
    substring(max(newest_message), 9) AS example_message
FROM (
    SELECT *, if(by_group, row_number() OVER (PARTITION BY by_group ORDER BY updates DESC, group_1, group_2, group_3), 0) AS place
    FROM (
        SELECT
            grouping(group_1) = 0 AS by_group,
            start, group_1, group_2, group_3,
            count() AS updates,
            max(failed_ms) AS last_ms,
            max(if(error_message = '', '', concat(reinterpretAsFixedString(byteSwap(toUInt64(failed_ms))), error_message))) AS newest_message
        FROM (
            SELECT
                failed_ms,
                error_message,
                roundDown(failed_ms, {starts:Array(Int64)}) AS start,
                {group_1:Identifier} AS group_1,
                {group_2:Identifier} AS group_2,
                {group_3:Identifier} AS group_3
            FROM selected
            WHERE NOT successful AND failed_ms >= {from:Int64} AND failed_ms < {to:Int64} AND failed_ms > 0
        )
        GROUP BY GROUPING SETS ((start), (group_1, group_2, group_3))
    )
)
GROUP BY by_group, start, cut, key_1, key_2, key_3
