//! The members of the five answers that the demo shows or compares.

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Meta {
    pub window: Window,
}

/// Half-open.
#[derive(Debug, Deserialize)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

#[derive(Debug, Deserialize)]
pub struct Adoption {
    pub total_updates: u64,
    pub successful_updates: u64,
    pub failed_updates: u64,
    pub success_rate: Option<f64>,
    pub hourly_installs: Vec<Hour>,
    pub trend: Vec<Interval>,
}

#[derive(Debug, Deserialize)]
pub struct Hour {
    pub hour: Timestamp,
    pub installs: u64,
    pub failures: u64,
}

/// An interval of adoption's trend.
#[derive(Debug, Deserialize)]
pub struct Interval {
    pub installs: u64,
}

#[derive(Debug, Deserialize)]
pub struct Versions {
    pub versions: Vec<VersionCount>,
    pub total_devices: u64,
}

#[derive(Debug, Deserialize)]
pub struct VersionCount {
    pub version: String,
    pub device_count: u64,
    pub percentage: f64,
}

#[derive(Debug, Deserialize)]
pub struct ActiveDevices {
    pub total_active_devices: u64,
    pub average_daily_active_devices: Option<f64>,
    pub daily_breakdown: Vec<Day>,
}

#[derive(Debug, Deserialize)]
pub struct Day {
    pub date: Date,
    pub active_devices: u64,
}

#[derive(Debug, Deserialize)]
pub struct Failures {
    pub total_failures: u64,
    pub failure_rate: Option<f64>,
    pub failure_events: u64,
    pub total_rollbacks: u64,
    pub failures: Vec<FailureGroup>,
}

#[derive(Debug, Deserialize)]
pub struct FailureGroup {
    pub error_code: String,
    pub failures: u64,
    pub percentage: Option<f64>,
    pub example_message: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Performance {
    pub metrics: Metrics,
}

#[derive(Debug, Deserialize)]
pub struct Metrics {
    pub download_speed_mbps: Measured,
    pub install_duration_seconds: Measured,
    pub download_duration_seconds: Measured,
    pub package_size_bytes: Measured,
}

#[derive(Debug, Deserialize)]
pub struct Measured {
    pub count: u64,
    pub avg: Option<f64>,
    pub p50: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
}
