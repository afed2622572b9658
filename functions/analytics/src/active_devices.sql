-- Devices by local date. A half-day belongs to one date up to a quarter-hour and to the next one from there: `masks` has the quarter-hours
-- of the first, `early_…` and `late_…` the bits of both dates, in words of 64 dates. 65535 is any date.
,
    ((number, word) -> arrayMap(bit -> toUInt16(number * 64 + bit), bitPositionsToArray(word))) AS dates_of,
    ((early, late) -> bitOr(
        if(bitAnd(slots, mask) != 0, early, 0),
        if({splits:UInt8} = 1, if(bitAnd(slots, bitNot(mask)) != 0, late, 0), 0)
    )) AS dates_in,
    present AS (
        SELECT
            groupBitOr(dates_in({early_0:Array(UInt64)}[position], {late_0:Array(UInt64)}[position])) AS word_0,
            groupBitOr(dates_in({early_1:Array(UInt64)}[position], {late_1:Array(UInt64)}[position])) AS word_1,
            groupBitOr(dates_in({early_2:Array(UInt64)}[position], {late_2:Array(UInt64)}[position])) AS word_2,
            groupBitOr(dates_in({early_3:Array(UInt64)}[position], {late_3:Array(UInt64)}[position])) AS word_3,
            groupBitOr(dates_in({early_4:Array(UInt64)}[position], {late_4:Array(UInt64)}[position])) AS word_4,
            groupBitOr(dates_in({early_5:Array(UInt64)}[position], {late_5:Array(UInt64)}[position])) AS word_5,
            text(max(located.device_os)) AS device_os
        FROM (
            SELECT
                device_key, slots, activity.device_os,
                toInt64(halfday) - {base_halfday:Int64} + 1 AS position,
                {masks:Array(UInt64)}[position] AS mask
            FROM activity
        ) AS located
        GROUP BY device_key
    )
SELECT date, count() AS active_devices
FROM (
    SELECT arrayJoin(arrayPushFront(arrayConcat(
        dates_of(0, word_0),
        if({words:UInt8} > 1, dates_of(1, word_1), []),
        if({words:UInt8} > 2, dates_of(2, word_2), []),
        if({words:UInt8} > 3, dates_of(3, word_3), []),
        if({words:UInt8} > 4, dates_of(4, word_4), []),
        if({words:UInt8} > 5, dates_of(5, word_5), [])
    ), 65535)) AS date
    FROM present
    WHERE {device_os:String} = '' OR device_os = {device_os:String}
)
GROUP BY date
