//! An OTA event: from bytes to a checked value, and back to the bytes that Kafka carries.
//!
//! Pure: no clock, no network. The same parser serves ingest (client's bytes) and the consumer (Kafka's value).

mod document;
mod encode;
mod fields;
mod id;
mod json;
mod path;
mod plain;
#[cfg(test)]
mod tests;
mod timestamp;
mod validate;

pub use document::Document;
pub use timestamp::{format_timestamp, parse_timestamp, truncate_to_ms};

use crate::problem::FieldError;
use jiff::Timestamp;
use serde::Serialize;
use std::borrow::Cow;
use uuid::Uuid;

/// Text borrowed from the request where it needs no unescaping.
pub type Text<'a> = Cow<'a, str>;

/// The update lifecycle, numbered in the order that breaks ties between events of one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EventType {
    UpdateStarted = 1,
    UpdateDownloading = 2,
    UpdateDownloaded = 3,
    UpdateInstalling = 4,
    UpdateInstalled = 5,
    UpdateFailed = 6,
    UpdateCancelled = 7,
    RollbackStarted = 8,
    RollbackCompleted = 9,
}

impl EventType {
    pub const ALL: [Self; 9] = [
        Self::UpdateStarted,
        Self::UpdateDownloading,
        Self::UpdateDownloaded,
        Self::UpdateInstalling,
        Self::UpdateInstalled,
        Self::UpdateFailed,
        Self::UpdateCancelled,
        Self::RollbackStarted,
        Self::RollbackCompleted,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UpdateStarted => "update_started",
            Self::UpdateDownloading => "update_downloading",
            Self::UpdateDownloaded => "update_downloaded",
            Self::UpdateInstalling => "update_installing",
            Self::UpdateInstalled => "update_installed",
            Self::UpdateFailed => "update_failed",
            Self::UpdateCancelled => "update_cancelled",
            Self::RollbackStarted => "rollback_started",
            Self::RollbackCompleted => "rollback_completed",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event_type| event_type.as_str() == name)
    }

    #[must_use]
    pub fn is_rollback(self) -> bool {
        matches!(self, Self::RollbackStarted | Self::RollbackCompleted)
    }
}

/// What an event is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// To the millisecond.
    pub received_at: Timestamp,
    /// The batch's `sent_at`; an event's own wins.
    pub batch_sent_at: Option<Timestamp>,
    pub age: Age,
}

/// Whether an event may be too old or too far ahead.
#[derive(Debug, Clone, Copy)]
pub enum Age {
    AtIngest {
        max_age_days: u32,
    },
    /// It was acknowledged once; it stays an event however late it is read.
    AlreadyAccepted,
}

/// An event that keeps every rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted<'a> {
    pub event: Event<'a>,
    pub warnings: Vec<Warning>,
}

/// Something the client should know of an accepted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Warning {
    pub field: &'static str,
    pub code: &'static str,
}

/// Why it is no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// As it was given.
    pub event_id: Option<String>,
    /// At least one. An empty field stands for the whole.
    pub errors: Vec<FieldError>,
}

/// A checked event. Absent text and numbers are `None`; numbers are finite and ≥ 0.
/// Values that a payload gives are already in their own place (the own object wins).
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    pub event_id: Uuid,
    pub tenant_id: Text<'a>,
    pub org_id: Text<'a>,
    pub app_id: Text<'a>,
    pub device_id: Text<'a>,
    pub session_id: Option<Text<'a>>,
    pub event_type: EventType,
    /// By the device's clock, to the millisecond.
    pub timestamp: Timestamp,
    /// The device's clock as it sent, where it said so.
    pub sent_at: Option<Timestamp>,
    /// `timestamp`, corrected where the device's clock is off by more than 60 s.
    pub event_time: Timestamp,
    /// When ingest received it, to the millisecond.
    pub received_at: Timestamp,
    pub device: Device<'a>,
    pub release: Release<'a>,
    pub network: Network<'a>,
    pub performance: Performance,
    pub error: ErrorInfo<'a>,
    /// The client's `payload` object as JSON text, whole.
    pub payload: Option<Text<'a>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Device<'a> {
    pub os: Option<Text<'a>>,
    pub os_version: Option<Text<'a>>,
    pub model: Option<Text<'a>>,
    pub manufacturer: Option<Text<'a>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Release<'a> {
    pub current_version: Option<Text<'a>>,
    pub target_version: Option<Text<'a>>,
    pub release_notes: Option<Text<'a>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network<'a> {
    pub connection_type: Option<Text<'a>>,
    pub bandwidth_mbps: Option<f64>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Performance {
    pub download_speed_mbps: Option<f64>,
    pub install_duration_seconds: Option<f64>,
    /// From `payload`, and written with it.
    pub download_duration_seconds: Option<f64>,
    /// From `payload`, and written with it.
    pub package_size_bytes: Option<f64>,
    pub battery_level: Option<f64>,
    pub storage_available_mb: Option<f64>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ErrorInfo<'a> {
    pub error_code: Option<Text<'a>>,
    pub error_message: Option<Text<'a>>,
    pub failure_stage: Option<Text<'a>>,
}
