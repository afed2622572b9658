SELECT count() AS active_devices, countIf(version = {target_version:String}) AS adopted_devices
FROM devices
