//! What happened on a device, as the device knows it; how it is written is [`crate::Dialect`]'s matter.

use jiff::{SignedDuration, Timestamp, tz::Offset};
use serde::Serialize;
use std::sync::Arc;
use uuid::Uuid;

/// The update lifecycle; the order breaks ties between events of one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    UpdateStarted,
    UpdateDownloading,
    UpdateDownloaded,
    UpdateInstalling,
    UpdateInstalled,
    UpdateFailed,
    UpdateCancelled,
    RollbackStarted,
    RollbackCompleted,
}

impl EventType {
    #[must_use]
    pub fn is_rollback(self) -> bool {
        matches!(self, Self::RollbackStarted | Self::RollbackCompleted)
    }
}

/// One event. Equal events are one event to the system: they have the same id, given or derived from their content.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// `None`: the client leaves the id to the server, which derives it from the content.
    pub event_id: Option<Uuid>,
    pub tenant_id: &'static str,
    pub org_id: &'static str,
    pub app_id: &'static str,
    pub device_id: Arc<str>,
    pub session_id: Option<Uuid>,
    pub event_type: EventType,
    /// When it truly happened: the event time that the system must arrive at.
    pub at: Timestamp,
    /// How far the device's clock is ahead. Where it isn't zero, the device sends `sent_at` by the same clock.
    pub clock_ahead: SignedDuration,
    /// The UTC offset that the device writes its times with.
    pub offset: Offset,
    pub dialect: Dialect,
    pub device: Option<DeviceInfo>,
    pub network: Option<NetworkInfo>,
    pub current_version: Option<&'static str>,
    pub target_version: Option<&'static str>,
    pub metrics: Metrics,
    pub failure: Option<Failure>,
    pub detail: Detail,
}

/// Where a client puts values that the contract reads in two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// In `release_info`, `performance_metrics` and `error_info`.
    Objects,
    /// In `payload`.
    Payload,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DeviceInfo {
    pub os: &'static str,
    pub os_version: &'static str,
    pub model: &'static str,
    pub manufacturer: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NetworkInfo {
    pub connection_type: &'static str,
    pub bandwidth_mbps: f64,
}

/// Measured values, each where the event has it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Metrics {
    pub download_speed_mbps: Option<f64>,
    pub install_duration_seconds: Option<f64>,
    pub download_duration_seconds: Option<f64>,
    pub package_size_bytes: Option<f64>,
    pub battery_level: Option<u8>,
    pub storage_available_mb: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    pub error_code: &'static str,
    pub failure_stage: &'static str,
    pub error_message: &'static str,
}

/// What only the payload says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Detail {
    None,
    /// Percent downloaded.
    Downloading(u8),
    /// Percent installed.
    Installing(u8),
    /// Seconds that the first start took, and the attempts that were needed.
    Installed {
        boot_seconds: f64,
        attempts: u32,
    },
    Cancelled(&'static str),
    RollbackStarted(&'static str),
    /// Seconds.
    RollbackCompleted(f64),
}

impl Event {
    /// The release that the event belongs to, if it names one.
    #[must_use]
    pub fn release(&self) -> Option<&'static str> {
        if self.event_type.is_rollback() { self.current_version } else { self.target_version }
    }

    /// The version that the device runs, if the event says so.
    #[must_use]
    pub fn running_version(&self) -> Option<&'static str> {
        match self.event_type {
            EventType::UpdateInstalled | EventType::RollbackCompleted => self.target_version,
            _ => self.current_version,
        }
    }
}
