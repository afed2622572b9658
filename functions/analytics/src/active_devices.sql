-- Devices by local date. `dates[i]` is the number of the date that a half-day begins in, `splits[i]` how many of its 48 quarter-hours
-- belong to it; the others belong to the date after. A device's dates are bits of six words. 65535 is any date.
,
    ((number, word) -> arrayMap(bit -> toUInt16(number * 64 + bit), bitPositionsToArray(word))) AS dates_of
SELECT date, count() AS active_devices
FROM (
    SELECT arrayJoin(arrayPushFront(arrayConcat(
        dates_of(0, word_0), dates_of(1, word_1), dates_of(2, word_2), dates_of(3, word_3), dates_of(4, word_4), dates_of(5, word_5)
    ), 65535)) AS date
    FROM (
        WITH
            (word -> bitOr(if(intDiv(date, 64) = word, early, 0), if(intDiv(date + 1, 64) = word, late, 0))) AS bits
        SELECT
            device_key,
            groupBitOr(bits(0)) AS word_0,
            groupBitOr(if({words:UInt8} > 1, bits(1), 0)) AS word_1,
            groupBitOr(if({words:UInt8} > 2, bits(2), 0)) AS word_2,
            groupBitOr(if({words:UInt8} > 3, bits(3), 0)) AS word_3,
            groupBitOr(if({words:UInt8} > 4, bits(4), 0)) AS word_4,
            groupBitOr(if({words:UInt8} > 5, bits(5), 0)) AS word_5,
            max(if({device_os:String} = '', '', located.device_os)) AS newest_os
        FROM (
            SELECT
                device_key, activity.device_os,
                toInt64(halfday) - {base_halfday:Int64} + 1 AS position,
                {dates:Array(UInt16)}[position] AS date,
                {splits:Array(UInt8)}[position] AS split,
                if(bitAnd(slots, bitShiftLeft(toUInt64(1), split) - 1) = 0, 0, bitShiftLeft(toUInt64(1), date % 64)) AS early,
                if(bitShiftRight(slots, split) = 0, 0, bitShiftLeft(toUInt64(1), (date + 1) % 64)) AS late
            FROM activity
        ) AS located
        GROUP BY device_key
        HAVING {device_os:String} = '' OR text(newest_os) = {device_os:String}
    )
)
GROUP BY date
