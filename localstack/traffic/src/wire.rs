//! An event as the API's JSON.

use crate::event::{Detail, DeviceInfo, Dialect, Event, EventType, NetworkInfo};
use jiff::{SignedDuration, Timestamp, tz::Offset};
use serde::Serialize;
use uuid::Uuid;

/// Serialises as the object that a client sends.
#[derive(Serialize)]
pub(crate) struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<Uuid>,
    tenant_id: &'a str,
    org_id: &'a str,
    app_id: &'a str,
    device_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<Uuid>,
    event_type: EventType,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_info: Option<DeviceInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_info: Option<ReleaseInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_info: Option<NetworkInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performance_metrics: Option<PerformanceMetrics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_info: Option<ErrorInfo>,
    payload: Payload,
}

#[derive(Serialize, Default)]
struct ReleaseInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_version: Option<&'static str>,
}

#[derive(Serialize, Default)]
struct PerformanceMetrics {
    #[serde(skip_serializing_if = "Option::is_none")]
    download_speed_mbps: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    install_duration_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    battery_level: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_available_mb: Option<u32>,
}

#[derive(Serialize, Default)]
struct ErrorInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_stage: Option<&'static str>,
}

#[derive(Serialize, Default)]
struct Payload {
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    release: Option<ReleaseInfo>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    error: Option<ErrorInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    download_speed: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package_size: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    download_duration: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    install_progress: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    install_duration: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    success_metrics: Option<SuccessMetrics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback_duration: Option<f64>,
}

#[derive(Serialize)]
struct SuccessMetrics {
    boot_seconds: f64,
    attempts: u32,
}

impl<'a> Wire<'a> {
    /// The event as sent at `now` (true time).
    pub(crate) fn sent(event: &'a Event, now: Timestamp) -> Self {
        let mut wire = Self::content(event);
        wire.sent_at = (!event.clock_ahead.is_zero()).then(|| clock(now, event.clock_ahead, event.offset));
        wire
    }

    /// What the event says, whenever it is sent.
    pub(crate) fn content(event: &'a Event) -> Self {
        let metrics = event.metrics;
        let release = ReleaseInfo { current_version: event.current_version, target_version: event.target_version };
        let release = (event.current_version.is_some() || event.target_version.is_some()).then_some(release);
        let error = event.failure.map(|failure| ErrorInfo {
            error_code: Some(failure.error_code),
            error_message: Some(failure.error_message),
            failure_stage: Some(failure.failure_stage),
        });
        let mut payload = detail(event.detail);
        payload.package_size = metrics.package_size_bytes;
        payload.download_duration = metrics.download_duration_seconds;
        let mut performance = PerformanceMetrics {
            battery_level: metrics.battery_level,
            storage_available_mb: metrics.storage_available_mb,
            ..Default::default()
        };
        let mut own = (None, None);
        match event.dialect {
            Dialect::Objects => {
                own = (release, error);
                performance.download_speed_mbps = metrics.download_speed_mbps;
                performance.install_duration_seconds = metrics.install_duration_seconds;
            }
            Dialect::Payload => {
                payload.release = release;
                payload.error = error;
                payload.download_speed = metrics.download_speed_mbps;
                payload.install_duration = metrics.install_duration_seconds;
            }
        }
        Self {
            event_id: event.event_id,
            tenant_id: event.tenant_id,
            org_id: event.org_id,
            app_id: event.app_id,
            device_id: &event.device_id,
            session_id: event.session_id,
            event_type: event.event_type,
            timestamp: clock(event.at, event.clock_ahead, event.offset),
            sent_at: None,
            device_info: event.device,
            release_info: own.0,
            network_info: event.network,
            performance_metrics: Some(performance),
            error_info: own.1,
            payload,
        }
    }
}

fn detail(detail: Detail) -> Payload {
    let mut payload = Payload::default();
    match detail {
        Detail::None => {}
        Detail::Downloading(percent) => payload.progress = Some(percent),
        Detail::Installing(percent) => payload.install_progress = Some(percent),
        Detail::Installed { boot_seconds, attempts } => {
            payload.success_metrics = Some(SuccessMetrics { boot_seconds, attempts });
        }
        Detail::Cancelled(reason) => payload.cancellation_reason = Some(reason),
        Detail::RollbackStarted(reason) => payload.rollback_reason = Some(reason),
        Detail::RollbackCompleted(seconds) => payload.rollback_duration = Some(seconds),
    }
    payload
}

/// What the device's clock shows at a true time.
fn clock(at: Timestamp, ahead: SignedDuration, offset: Offset) -> String {
    let shown = at.saturating_add(ahead).unwrap_or(at);
    if offset == Offset::UTC { format!("{shown:.3}") } else { format!("{:.3}", shown.display_with_offset(offset)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Failure, Metrics};
    use serde_json::{Value, json};

    fn event(dialect: Dialect) -> Event {
        Event {
            event_id: Some(Uuid::nil()),
            tenant_id: "t",
            org_id: "o",
            app_id: "a",
            device_id: "d".into(),
            session_id: None,
            event_type: EventType::UpdateFailed,
            at: "2026-01-02T03:04:05.678Z".parse().unwrap(),
            clock_ahead: SignedDuration::from_hours(2),
            offset: Offset::constant(1),
            dialect,
            device: None,
            network: None,
            current_version: Some("1.0.0"),
            target_version: Some("1.1.0"),
            metrics: Metrics { download_speed_mbps: Some(8.5), package_size_bytes: Some(1000.0), ..Default::default() },
            failure: Some(Failure { error_code: "E1", failure_stage: "download", error_message: "lost" }),
            detail: Detail::None,
        }
    }

    fn sent(dialect: Dialect) -> Value {
        let now = "2026-01-03T00:00:00Z".parse().unwrap();
        serde_json::to_value(Wire::sent(&event(dialect), now)).unwrap()
    }

    #[test]
    fn own_objects_carry_the_values() {
        assert_eq!(
            sent(Dialect::Objects),
            json!({
                "event_id": "00000000-0000-0000-0000-000000000000",
                "tenant_id": "t", "org_id": "o", "app_id": "a", "device_id": "d",
                "event_type": "update_failed",
                "timestamp": "2026-01-02T06:04:05.678+01:00",
                "sent_at": "2026-01-03T03:00:00.000+01:00",
                "release_info": {"current_version": "1.0.0", "target_version": "1.1.0"},
                "performance_metrics": {"download_speed_mbps": 8.5},
                "error_info": {"error_code": "E1", "error_message": "lost", "failure_stage": "download"},
                "payload": {"package_size": 1000.0},
            })
        );
    }

    #[test]
    fn the_payload_carries_the_values() {
        let value = sent(Dialect::Payload);
        assert_eq!(value.get("release_info"), None);
        assert_eq!(value.get("error_info"), None);
        assert_eq!(
            value["payload"],
            json!({
                "current_version": "1.0.0", "target_version": "1.1.0", "download_speed": 8.5, "package_size": 1000.0,
                "error_code": "E1", "error_message": "lost", "failure_stage": "download",
            })
        );
    }

    #[test]
    fn a_right_clock_says_nothing_of_sending() {
        let event = Event { clock_ahead: SignedDuration::ZERO, offset: Offset::UTC, ..event(Dialect::Objects) };
        let value = serde_json::to_value(Wire::sent(&event, Timestamp::now())).unwrap();
        assert_eq!(value.get("sent_at"), None);
        assert_eq!(value["timestamp"], "2026-01-02T03:04:05.678Z");
    }
}
