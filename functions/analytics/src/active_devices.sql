-- Devices by local date. `dates[i]` is the date that a half-day begins in, `splits[i]` how many of its 48 quarter-hours belong to it;
-- the others belong to the date after. A device's dates are bits of one word, so at most 64 dates are asked at once. 255 is any date.
SELECT date, count() AS active_devices
FROM (
    SELECT arrayJoin(arrayPushFront(arrayMap(bit -> toUInt8(bit), bitPositionsToArray(dates)), 255)) AS date
    FROM (
        SELECT
            device_key,
            groupBitOr(bitOr(
                if(bitAnd(slots, bitShiftLeft(toUInt64(1), split) - 1) = 0, 0, bitShiftLeft(toUInt64(1), date)),
                if(bitShiftRight(slots, split) = 0, 0, bitShiftLeft(toUInt64(1), date + 1))
            )) AS dates,
            max(if({device_os:String} = '', '', located.device_os)) AS newest_os
        FROM (
            SELECT
                device_key, slots, activity.device_os,
                toInt64(halfday) - {base_halfday:Int64} + 1 AS position,
                {dates:Array(UInt8)}[position] AS date,
                {splits:Array(UInt8)}[position] AS split
            FROM activity
        ) AS located
        GROUP BY device_key
        HAVING {device_os:String} = '' OR text(newest_os) = {device_os:String}
    )
)
GROUP BY date
