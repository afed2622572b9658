SELECT {segment:Identifier} AS segment, version, count() AS device_count
FROM devices
GROUP BY segment, version
