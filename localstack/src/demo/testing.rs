//! A system that counts right, for the demo's tests: its answers are the tally itself.

use super::api::{Answer, Asked, Five};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use traffic::{Answers, Expected, Fleet, Metric, Size, Window};

/// The `data` of each endpoint.
pub(super) type Data = BTreeMap<&'static str, Value>;

pub(super) fn fleet() -> Fleet {
    Fleet::new(3, Size::Events(3_000), now())
}

fn now() -> Timestamp {
    "2026-05-20T13:37:00Z".parse().unwrap()
}

pub(super) fn window() -> Window {
    let to: Timestamp = "2026-05-20T13:45:00Z".parse().unwrap();
    Window { from: to - SignedDuration::from_hours(720), to }
}

/// What a tenant's answers must be once all of the fleet's traffic is counted.
pub(super) fn expected(tenant_id: &str) -> Answers {
    let mut expected = Expected::default();
    for event in fleet().deliveries().flat_map(|delivery| delivery.events) {
        expected.add(&event);
    }
    expected.answers(tenant_id, window())
}

pub(super) fn answers(expected: &Answers) -> Data {
    let round = |value: Option<f64>, decimals: i32| {
        value.map(|value| (value * 10f64.powi(decimals)).round() / 10f64.powi(decimals))
    };
    let metric = |metric: &Metric| {
        json!({
            "count": metric.count, "avg": round(metric.avg, 3),
            "p50": round(metric.p50, 3), "p95": round(metric.p95, 3), "p99": round(metric.p99, 3),
        })
    };
    let Answers { adoption, versions, active_devices, failures, performance } = expected;
    let hours = adoption.hourly.iter().map(
        |(hour, (installs, failures))| json!({"hour": hour.to_string(), "installs": installs, "failures": failures}),
    );
    let trend = active_devices
        .daily
        .keys()
        .map(|date| json!({"start": format!("{date}T00:00:00+00:00"), "installs": 1, "failures": 0}));
    let share = |part: u64, whole: u64| round(Some(100.0 * part as f64 / whole as f64), 1);
    let counts = versions.device_count.iter().map(|(version, count)| {
        json!({"version": version, "device_count": count, "percentage": share(*count, versions.total_devices)})
    });
    let days = active_devices.daily.iter().map(|(date, count)| json!({"date": date, "active_devices": count}));
    let codes = failures.by_error_code.iter().map(|(code, count)| {
        json!({
            "error_code": code, "failures": count, "percentage": share(*count, failures.total_failures),
            "example_message": "a message", "last_seen": "2026-05-20T13:37:00Z",
        })
    });
    let average = round(Some(active_devices.average_daily_active_devices), 3);
    BTreeMap::from([
        (
            "adoption",
            json!({
                "total_updates": adoption.total_updates(), "successful_updates": adoption.successful_updates,
                "failed_updates": adoption.failed_updates, "success_rate": round(adoption.success_rate(), 2),
                "hourly_installs": hours.collect::<Vec<_>>(), "trend": trend.collect::<Vec<_>>(),
                "active_devices": null, "adopted_devices": null, "adoption_rate": null,
            }),
        ),
        ("versions", json!({"versions": counts.collect::<Vec<_>>(), "total_devices": versions.total_devices})),
        (
            "active-devices",
            json!({
                "total_active_devices": active_devices.total_active_devices,
                "average_daily_active_devices": average, "daily_breakdown": days.collect::<Vec<_>>(),
            }),
        ),
        (
            "failures",
            json!({
                "total_failures": failures.total_failures, "failure_rate": round(failures.failure_rate, 2),
                "failure_events": failures.failure_events, "total_rollbacks": failures.total_rollbacks,
                "failures": codes.collect::<Vec<_>>(), "trend": [],
            }),
        ),
        (
            "performance",
            json!({"metrics": {
                "download_speed_mbps": metric(&performance.download_speed_mbps),
                "install_duration_seconds": metric(&performance.install_duration_seconds),
                "download_duration_seconds": metric(&performance.download_duration_seconds),
                "package_size_bytes": metric(&performance.package_size_bytes),
            }, "trend": []}),
        ),
    ])
}

/// The whole answer around `data`.
pub(super) fn answer(data: &Value) -> Value {
    let window = window();
    json!({"data": data, "meta": {"window": {"from": window.from.to_string(), "to": window.to.to_string()}}})
}

pub(super) fn five(data: Data) -> Five {
    fn asked<T: DeserializeOwned>(data: &Data, endpoint: &str) -> Asked<T> {
        let answer: Answer<T> = serde_json::from_value(answer(&data[endpoint])).unwrap();
        Asked { path: format!("/analytics/{endpoint}?tenant_id=acme&days=30"), answer }
    }
    Five {
        adoption: asked(&data, "adoption"),
        versions: asked(&data, "versions"),
        active_devices: asked(&data, "active-devices"),
        failures: asked(&data, "failures"),
        performance: asked(&data, "performance"),
    }
}
