-- Update attempts of simulated devices as events, by the definitions of the simulated fleet (localstack/traffic): staged roll-outs,
-- failures with retries, cancels, rollbacks, queues that come days late, events that come twice.
-- `slices`: (tenant, its devices, index of the release from 0, first place, number of places); a place is a device's turn in a release's roll-out, so
-- that places go with time. `late` = 0: what comes when it happens; 1: the queues of devices that were offline for days, and what comes a second time.
INSERT INTO ota_events_raw (
    event_id, tenant_id, org_id, app_id, device_id, session_id, event_type, timestamp, event_time, received_at,
    device_os, device_os_version, device_model, device_manufacturer, current_version, target_version, connection_type, bandwidth_mbps,
    download_speed_mbps, install_duration_seconds, download_duration_seconds, package_size_bytes, battery_level, storage_available_mb,
    error_code, error_message, failure_stage, payload
)
WITH
    {releases:UInt64} AS releases,
    {end_ms:Int64} AS end_ms,
    {history_ms:Int64} AS history_ms,
    ['4.0.2', '4.1.0', '4.2.0', '4.3.0', '4.3.1', '4.4.0', '4.4.1', '4.5.0', '4.6.0', '5.0.0', '5.0.1'] AS versions,
    -- In a thousand attempts, by release; the fourth is a bad one.
    [85, 102, 68, 357, 68, 85, 70, 90, 102, 119, 80] AS failing,
    [10, 12, 10, 120, 6, 10, 8, 10, 12, 15, 10] AS rolled_back,
    [48., 52., 55., 55., 55., 58., 12., 61., 63., 70., 9.] AS megabytes_of,
    -- (name of the system, its version, model, maker), by weight in 103.
    [('android', '14', 'Pixel 8', 'Google'), ('android', '15', 'Pixel 8', 'Google'), ('android', '15', 'Pixel 9 Pro', 'Google'),
     ('android', '13', 'Galaxy A54', 'Samsung'), ('android', '14', 'Galaxy A54', 'Samsung'), ('android', '15', 'Galaxy S24', 'Samsung'),
     ('android', '13', 'Redmi Note 12', 'Xiaomi'), ('ios', '17.6', 'iPhone 13', 'Apple'), ('ios', '18.1', 'iPhone 14', 'Apple'),
     ('ios', '18.1', 'iPhone 15', 'Apple'), ('ios', '18.2', 'iPhone 16 Pro', 'Apple')] AS models,
    [14, 23, 29, 41, 52, 65, 75, 82, 91, 99, 103] AS models_up_to,
    [('NETWORK_TIMEOUT', 'download', 'no data for 60 s, 3 attempts'), ('CONNECTION_RESET', 'download', 'connection reset by peer'),
     ('INSUFFICIENT_STORAGE', 'download', 'needs 412 MB, 97 MB free'),
     ('CHECKSUM_MISMATCH', 'verify', 'sha256 of the package differs from the manifest'), ('SIGNATURE_INVALID', 'verify', 'signed by an unknown key (kid 7f3a…)'),
     ('INSTALL_FAILED', 'install', 'post-install script exited with 1'), ('LOW_BATTERY', 'install', 'battery at 11 %, 20 % needed'),
     ('BOOT_TIMEOUT', 'reboot', 'not up after 180 s, "slot B" marked bad')] AS errors,
    [30, 41, 55, 67, 71, 84, 93, 100] AS errors_up_to,
    attempts AS (
        SELECT
            slice.1 AS tenant, slice.2 AS devices, slice.3 AS release, slice.4 + number AS place,
            -- Each release reaches the devices in another order.
            (place * [7919, 104729, 1299709, 15485863, 86028121, 32452843][release % 6 + 1] + release * 7) % devices AS device,
            sipHash64(tenant, device) AS of_device,
            sipHash64(tenant, device, release) AS of_attempt,
            intHash64(of_attempt) AS more, intHash64(of_attempt + 1) AS yet_more,
            of_attempt % 1000 < failing[release + 1] AS fails,
            not fails and intDiv(of_attempt, 1000) % 1000 < 35 AS cancels,
            not fails and not cancels and intDiv(of_attempt, 1000000) % 1000 < rolled_back[release + 1] AS rolls_back,
            fails and intDiv(of_attempt, 1000000000) % 10 < 6 AS tries_again,
            intDiv(of_attempt, 10000000000) % 100 = 7 AS is_late,
            intDiv(of_attempt, 1000000000000) % 50 = 11 AS comes_again,
            arrayFirstIndex(upto -> upto > more % 100, errors_up_to) AS error_at,
            errors[error_at] AS error,
            multiIf(cancels, [1, 7], not fails, [1, 2, 2, 2, 2, 3, 4, 4, 4, 5], error_at <= 3, [1, 2, 2, 6], error_at <= 5, [1, 2, 2, 2, 2, 3, 6],
                [1, 2, 2, 2, 2, 3, 4, 4, 4, 6]) AS first_steps,
            arrayConcat(first_steps, if(rolls_back, [8, 9], []), if(tries_again, [1, 2, 2, 2, 2, 3, 4, 4, 4, 5], []))::Array(UInt8) AS steps,
            length(first_steps) AS first_length,
            models[arrayFirstIndex(upto -> upto > of_device % 103, models_up_to)] AS model,
            ['wifi', '5g', '4g', '3g'][arrayFirstIndex(upto -> upto > intDiv(of_device, 103) % 100, [60, 76, 96, 100])] AS network,
            [85., 140., 24., 3.][indexOf(['wifi', '5g', '4g', '3g'], network)] AS usual_mbps,
            intDiv(of_device, 10300) % 10 < 3 AS in_payload,
            round(usual_mbps * exp(intDiv(more, 100) % 1000 / 500. - 1), 3) AS mbps,
            round(mbps * 0.65, 3) AS speed,
            megabytes_of[release + 1] * if(intDiv(more, 100000) % 10 < 3, 0.22, 1) AS megabytes,
            toInt64(megabytes * 8000000 / speed / 1000) AS download_ms,
            toInt64(120000 + intDiv(more, 1000000) % 1080000) AS wait_ms,
            toInt64((25 + megabytes * 0.6) * 1000 * exp(intDiv(yet_more, 1000) % 1000 / 1000. - 0.5)) AS install_ms,
            toInt64(1800000 + yet_more % 106200000) AS pause_ms,
            -- The first twentieth at once, the next fifth slowly, then everyone.
            place / devices AS rank,
            multiIf(rank < 0.05, rank, rank < 0.25, 0.1 + (rank - 0.05) * 1.5, 0.4 + (rank - 0.25) * 0.76) AS share,
            end_ms - history_ms + toInt64((history_ms - 50400000) / releases * (release + 0.02 + share)) + toInt64(yet_more % 43200000) AS start_ms,
            toString(reinterpretAsUUID(sipHash128(tenant, device, release))) AS session
        FROM (SELECT arrayJoin({slices:Array(Tuple(String, UInt64, UInt64, UInt64, UInt64))}) AS slice)
        ARRAY JOIN range(slice.5) AS number
        WHERE if({late:UInt8}, is_late or comes_again, not is_late)
    ),
    steps AS (
        SELECT
            *, step, at,
            at > first_length and tries_again AS again,
            if(again, at - first_length, at) AS n,
            sipHash64(of_attempt, at) AS of_event,
            toInt64(start_ms + if(again, pause_ms, 0) + multiIf(
                step = 1, 0,
                step = 2, download_ms * 0.24 * (n - 1),
                step = 3, download_ms,
                step = 4, download_ms + wait_ms + install_ms * 0.3 * (n - 7),
                step = 5, download_ms + wait_ms + install_ms,
                step = 6, multiIf(n = 4, download_ms * 0.5 + 60000, n = 7, download_ms + 5000, download_ms + wait_ms + install_ms * 0.9),
                step = 7, 60000 + pause_ms % 240000,
                step = 8, download_ms + wait_ms + install_ms + pause_ms * 2,
                download_ms + wait_ms + install_ms + pause_ms * 2 + 48000
            )) AS at_ms,
            of_event % 100 != 3 AS names_device,
            intDiv(of_event, 100) % 100 != 3 AS names_release,
            step IN (8, 9) AS is_rollback,
            if(is_rollback, versions[release + 2], versions[release + 1]) AS running,
            if(is_rollback, versions[release + 1], versions[release + 2]) AS target,
            concat(
                if(in_payload and names_release, concat('"current_version":"', running, '","target_version":"', target, '"'), ''),
                if(in_payload and step = 6, concat(',"error_code":"', error.1, '","failure_stage":"', error.2, '"'), '')
            ) AS common,
            multiIf(
                step = 2, concat('"progress":', toString([12, 36, 60, 87][n - 1])),
                step = 3, concat('"package_size":', toString(round(megabytes * 1000000)), ',"download_duration":', toString(download_ms / 1000)),
                step = 4, concat('"install_progress":', toString([5, 35, 60][n - 6])),
                step = 5, concat('"success_metrics":{"boot_seconds":', toString(round(14 * exp(of_event % 100 / 100. - 0.5), 3)), ',"attempts":', if(again, '2', '1'), '}'),
                step = 7, '"cancellation_reason":"user_postponed"',
                step = 8, '"rollback_reason":"crash_rate_exceeded"',
                step = 9, '"rollback_duration":48.0',
                ''
            ) AS own
        FROM attempts
        ARRAY JOIN steps AS step, arrayEnumerate(steps) AS at
    )
SELECT
    reinterpretAsUUID(sipHash128(of_attempt, at)), tenant, 'mobile', 'shopper', concat('phone-', leftPad(toString(device), 7, '0')), session,
    step, fromUnixTimestamp64Milli(at_ms, 'UTC'), fromUnixTimestamp64Milli(at_ms, 'UTC'),
    -- A repeat is received again; what a device sends once it is back comes with the rest of its queue.
    fromUnixTimestamp64Milli(toInt64(at_ms + 100 + of_event % 6000 + {late:UInt8} * comes_again * (of_event % 7200000) + is_late * (86400000 + of_attempt % 259200000)), 'UTC') AS received,
    if(names_device, model.1, NULL), if(names_device, model.2, NULL), if(names_device, model.3, NULL), if(names_device, model.4, NULL),
    if(names_release, running, NULL), if(names_release, target, NULL),
    if(step IN (1, 2), network, NULL), if(step IN (1, 2), mbps, NULL),
    if(step IN (2, 3), speed, NULL), if(step = 5, install_ms / 1000, NULL), if(step = 3, download_ms / 1000, NULL), if(step = 3, round(megabytes * 1000000), NULL),
    if(step = 4, toFloat64(20 + of_event % 81), NULL), if(step = 1, toFloat64(96 + of_event % 47905), NULL),
    if(step = 6, error.1, NULL), if(step = 6, error.3, NULL), if(step = 6, error.2, NULL),
    concat('{', common, if(common != '' and own != '', ',', ''), own, '}')
FROM steps
-- What lies ahead of the end hasn't happened, or hasn't come yet.
WHERE at_ms < end_ms AND received < fromUnixTimestamp64Milli(end_ms, 'UTC')
SETTINGS async_insert = 0, insert_deduplicate = 0, max_partitions_per_insert_block = 0, parallel_view_processing = 1
