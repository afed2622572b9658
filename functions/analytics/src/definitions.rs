//! What each number means, in one sentence each: the only source of these words, for answers and documentation.

use serde::{Serialize, Serializer};

/// One number of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Its path in `data`, without the lists' brackets: `trend.installs`.
    pub name: &'static str,
    pub meaning: &'static str,
}

const fn define(name: &'static str, meaning: &'static str) -> Definition {
    Definition { name, meaning }
}

pub const ADOPTION: &[Definition] = &[
    define("total_updates", "Successful and failed updates together; an update is one device moving to one release."),
    define("successful_updates", "Updates that were ever installed, counted at their first update_installed event."),
    define(
        "failed_updates",
        "Updates that were never installed and failed, counted at their newest update_failed event.",
    ),
    define("success_rate", "100 × successful_updates ÷ total_updates; null without updates."),
    define(
        "hourly_installs.installs",
        "The successful updates that count in this UTC hour; hours without any update are left out.",
    ),
    define("hourly_installs.failures", "The failed updates that count in this UTC hour."),
    define("trend.installs", "The successful updates that count in this interval."),
    define("trend.failures", "The failed updates that count in this interval."),
    define("active_devices", "Devices with any event in the window; null unless target_version is given."),
    define(
        "adopted_devices",
        "Of the active devices, those whose current version is target_version; null unless target_version is given.",
    ),
    define(
        "adoption_rate",
        "100 × adopted_devices ÷ active_devices; null without active devices and unless target_version is given.",
    ),
];

pub const VERSIONS: &[Definition] = &[
    define("total_devices", "Devices with any event in the window, each counted once."),
    define(
        "versions.device_count",
        "Devices whose newest event in the window that names their current version names this one; unknown where none does.",
    ),
    define("versions.percentage", "100 × device_count ÷ total_devices."),
];

pub const SEGMENTS: &[Definition] = &[
    define(
        "segments.total_devices",
        "Devices whose newest value in the window is this segment's; unknown where no event gave one.",
    ),
    define("segments.versions.device_count", "Devices of the segment whose current version is this one."),
    define("segments.versions.percentage", "100 × device_count ÷ total_devices of the segment."),
];

pub const ACTIVE_DEVICES: &[Definition] = &[
    define("total_active_devices", "Distinct devices with any event in the window."),
    define("average_daily_active_devices", "The mean of active_devices over all dates of the window."),
    define(
        "daily_breakdown.active_devices",
        "Distinct devices with any event on this date of the time zone, as far as the window holds it.",
    ),
];

pub const FAILURES: &[Definition] = &[
    define(
        "total_failures",
        "Failed updates: never installed, with an update_failed event, counted at their newest one.",
    ),
    define("failure_rate", "100 × failed ÷ (successful + failed) updates; null without any of them."),
    define(
        "failure_events",
        "Distinct update_failed events in the window, so that a device that tries three times counts three.",
    ),
    define("total_rollbacks", "Updates with a rollback event, counted at their newest one."),
    define(
        "failures.failures",
        "Failed updates of this group, by the values of their newest failure and the newest of their device.",
    ),
    define("failures.percentage", "100 × failures ÷ total_failures."),
    define("trend.failures", "The failed updates that count in this interval."),
    define("trend.rollbacks", "The updates rolled back whose newest rollback event lies in this interval."),
];

pub const PERFORMANCE: &[Definition] = &[
    define("metrics.download_speed_mbps", "Download speed in Mbit/s, over the updates that gave one."),
    define("metrics.install_duration_seconds", "Seconds that the installation took, over the updates that gave them."),
    define("metrics.download_duration_seconds", "Seconds that the download took, over the updates that gave them."),
    define("metrics.package_size_bytes", "Size of the package in bytes, over the updates that gave one."),
    define(
        "count",
        "Updates that gave the metric, each once, with its newest value, at the time of the event that gave it.",
    ),
    define("avg", "The mean of these values; null without any."),
    define("p50", "The median of these values: exact, with linear interpolation; null without any."),
    define("p95", "What 95 % of these values don't exceed: exact, with linear interpolation; null without any."),
    define("p99", "What 99 % of these values don't exceed: exact, with linear interpolation; null without any."),
    define("trend", "The same figures of the values whose event lies in this interval."),
];

pub const PERFORMANCE_GROUPS: &[Definition] = &[
    define("groups.metrics", "The same figures of this group's updates, grouped by their newest values."),
    define("groups.updates", "Updates of this group that gave any of the four metrics in the window."),
];

pub const PREVIOUS: &[Definition] =
    &[define("previous", "The same totals of the window of equal length that ends where this one begins.")];

/// The definitions of one answer, written as an object from name to meaning.
#[derive(Debug)]
pub struct Definitions(pub Vec<&'static [Definition]>);

impl Serialize for Definitions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.0.iter().copied().flatten();
        serializer.collect_map(all.map(|definition| (definition.name, definition.meaning)))
    }
}
