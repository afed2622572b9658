//! An event as a row of `ota_events_raw`, in RowBinary.

use serde::{Serialize, Serializer};
use shared::event::{Event, EventType, Text};
use uuid::Uuid;

/// The columns that the consumer fills, in this order. Text is borrowed from the record's value where it can be.
#[derive(Debug, Clone, PartialEq, clickhouse::Row, Serialize)]
pub struct Row<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub event_id: Uuid,
    pub tenant_id: Text<'a>,
    pub org_id: Text<'a>,
    pub app_id: Text<'a>,
    pub device_id: Text<'a>,
    pub session_id: Option<Text<'a>>,
    #[serde(serialize_with = "enum8")]
    pub event_type: EventType,
    /// Times are milliseconds since 1970, `DateTime64(3)`.
    pub timestamp: i64,
    pub sent_at: Option<i64>,
    pub event_time: i64,
    pub received_at: i64,
    pub device_os: Option<Text<'a>>,
    pub device_os_version: Option<Text<'a>>,
    pub device_model: Option<Text<'a>>,
    pub device_manufacturer: Option<Text<'a>>,
    pub current_version: Option<Text<'a>>,
    pub target_version: Option<Text<'a>>,
    pub release_notes: Option<Text<'a>>,
    pub connection_type: Option<Text<'a>>,
    pub bandwidth_mbps: Option<f64>,
    pub download_speed_mbps: Option<f64>,
    pub install_duration_seconds: Option<f64>,
    pub download_duration_seconds: Option<f64>,
    pub package_size_bytes: Option<f64>,
    pub battery_level: Option<f64>,
    pub storage_available_mb: Option<f64>,
    pub error_code: Option<Text<'a>>,
    pub error_message: Option<Text<'a>>,
    pub failure_stage: Option<Text<'a>>,
    /// The client's object as JSON, empty where there was none.
    pub payload: Text<'a>,
}

fn enum8<S: Serializer>(event_type: &EventType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i8((*event_type as u8).cast_signed())
}

impl<'a> From<Event<'a>> for Row<'a> {
    fn from(event: Event<'a>) -> Self {
        Self {
            event_id: event.event_id,
            tenant_id: event.tenant_id,
            org_id: event.org_id,
            app_id: event.app_id,
            device_id: event.device_id,
            session_id: event.session_id,
            event_type: event.event_type,
            timestamp: event.timestamp.as_millisecond(),
            sent_at: event.sent_at.map(jiff::Timestamp::as_millisecond),
            event_time: event.event_time.as_millisecond(),
            received_at: event.received_at.as_millisecond(),
            device_os: event.device.os,
            device_os_version: event.device.os_version,
            device_model: event.device.model,
            device_manufacturer: event.device.manufacturer,
            current_version: event.release.current_version,
            target_version: event.release.target_version,
            release_notes: event.release.release_notes,
            connection_type: event.network.connection_type,
            bandwidth_mbps: event.network.bandwidth_mbps,
            download_speed_mbps: event.performance.download_speed_mbps,
            install_duration_seconds: event.performance.install_duration_seconds,
            download_duration_seconds: event.performance.download_duration_seconds,
            package_size_bytes: event.performance.package_size_bytes,
            battery_level: event.performance.battery_level,
            storage_available_mb: event.performance.storage_available_mb,
            error_code: event.error.error_code,
            error_message: event.error.error_message,
            failure_stage: event.error.failure_stage,
            payload: event.payload.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unpack::event_of;

    #[test]
    fn every_value_finds_its_column() {
        let received_at = "2025-06-03T10:30:01.5Z".parse().unwrap();
        let lines = include_str!("../fixtures/events.ndjson").lines();
        let rows: Vec<Row<'_>> = lines.map(|line| event_of(line.as_bytes(), received_at).unwrap().into()).collect();
        insta::assert_json_snapshot!(rows);
    }

    #[test]
    fn text_is_borrowed_unless_it_was_escaped() {
        let value = br#"{"tenant_id":"t","org_id":"o","app_id":"a","device_id":"d\u00e9","event_type":"update_started","timestamp":"2025-06-03T10:30:00Z"}"#;
        let row = Row::from(event_of(value, jiff::Timestamp::UNIX_EPOCH).unwrap());
        assert!(matches!((&row.tenant_id, &row.device_id), (Text::Borrowed("t"), Text::Owned(_))));
        assert_eq!(row.device_id, "dé");
    }
}
