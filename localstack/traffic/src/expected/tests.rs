use super::*;
use crate::event::{Detail, Dialect, EventType, Failure, Metrics};
use jiff::{SignedDuration, tz::Offset};
use proptest::{prelude::*, sample::select};
use std::collections::BTreeMap;
use uuid::Uuid;

const WINDOW: (&str, &str) = ("2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z");

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn window() -> Window {
    Window { from: at(WINDOW.0), to: at(WINDOW.1) }
}

/// An event of device `d` on the way from 1.0 to 2.0, each with an id of its own.
fn event(event_type: EventType, time: &str) -> Event {
    Event {
        event_id: Some(Uuid::from_u128(at(time).as_millisecond() as u128 * 16 + event_type as u128)),
        tenant_id: "t",
        org_id: "o",
        app_id: "a",
        device_id: "d".into(),
        session_id: None,
        event_type,
        at: at(time),
        clock_ahead: SignedDuration::ZERO,
        offset: Offset::UTC,
        dialect: Dialect::Objects,
        device: None,
        network: None,
        current_version: Some("1.0"),
        target_version: Some("2.0"),
        metrics: Metrics::default(),
        failure: None,
        detail: Detail::None,
    }
}

fn failed(code: &'static str, time: &str) -> Event {
    let failure = Some(Failure { error_code: code, failure_stage: "download", error_message: "m" });
    Event { failure, ..event(EventType::UpdateFailed, time) }
}

fn on(device: &str, event: Event) -> Event {
    let id = event.event_id.map(|id| Uuid::from_u128(id.as_u128() ^ (u128::from(device.as_bytes()[0]) << 64)));
    Event { device_id: device.into(), event_id: id, ..event }
}

fn answers(events: impl IntoIterator<Item = Event>) -> Answers {
    let mut expected = Expected::default();
    for event in events {
        expected.add(&Arc::new(event));
    }
    expected.answers("t", window())
}

#[test]
fn an_update_that_failed_and_was_installed_is_successful_at_its_first_install() {
    use EventType::UpdateInstalled;
    let adoption = answers([
        event(UpdateInstalled, "2026-03-02T05:00:00Z"),
        event(UpdateInstalled, "2026-03-01T10:59:59.999Z"),
        failed("E1", "2026-03-02T06:00:00Z"),
        on("e", failed("E1", "2026-03-01T10:00:00Z")),
        on("e", failed("E2", "2026-03-01T11:00:00Z")),
        on("f", event(EventType::UpdateStarted, "2026-03-01T11:00:00Z")),
    ])
    .adoption;
    assert_eq!((adoption.successful_updates, adoption.failed_updates, adoption.total_updates()), (1, 1, 2));
    assert_eq!(adoption.success_rate(), Some(50.0));
    assert_eq!(
        adoption.hourly,
        BTreeMap::from([(at("2026-03-01T10:00:00Z"), (1, 0)), (at("2026-03-01T11:00:00Z"), (0, 1))])
    );
}

#[test]
fn the_window_is_half_open_and_decided_at_the_event_that_counts() {
    use EventType::UpdateInstalled;
    let adoption = answers([
        on("a", event(UpdateInstalled, "2026-02-28T23:59:59.999Z")),
        on("a", event(UpdateInstalled, "2026-03-01T12:00:00Z")),
        on("b", event(UpdateInstalled, WINDOW.0)),
        on("c", event(UpdateInstalled, WINDOW.1)),
        on("d", failed("E", "2026-03-02T00:00:00Z")),
        on("d", failed("E", "2026-03-04T00:00:00Z")),
    ])
    .adoption;
    assert_eq!((adoption.successful_updates, adoption.failed_updates), (1, 0));
    assert_eq!(answers([]).adoption.success_rate(), None);
}

#[test]
fn a_device_runs_what_its_newest_event_with_a_version_says() {
    use EventType::{RollbackCompleted, RollbackStarted, UpdateInstalled, UpdateStarted};
    let restored = |event: Event| Event { current_version: Some("2.0"), target_version: Some("1.0"), ..event };
    let versions = answers([
        on("a", event(UpdateInstalled, "2026-03-01T01:00:00Z")),
        on("b", event(UpdateInstalled, "2026-03-01T01:00:00Z")),
        on("b", restored(event(RollbackStarted, "2026-03-01T02:00:00Z"))),
        on("c", event(UpdateInstalled, "2026-03-01T01:00:00Z")),
        on("c", restored(event(RollbackCompleted, "2026-03-01T02:00:00Z"))),
        on("c", Event { current_version: None, ..event(UpdateStarted, "2026-03-01T03:00:00Z") }),
        // At the same instant, the later type.
        on("e", event(UpdateInstalled, "2026-03-01T01:00:00Z")),
        on("e", event(UpdateStarted, "2026-03-01T01:00:00Z")),
        on("f", Event { current_version: None, ..event(UpdateStarted, "2026-03-01T03:00:00Z") }),
        on("g", event(UpdateInstalled, "2026-03-05T00:00:00Z")),
    ])
    .versions;
    assert_eq!(versions.device_count, BTreeMap::from([("1.0", 1), ("2.0", 3), (UNKNOWN, 1)]));
    assert_eq!(versions.total_devices, 5);
}

#[test]
fn devices_are_active_on_each_day_they_are_heard_of() {
    let started = |time| event(EventType::UpdateStarted, time);
    let active = answers([
        on("a", started("2026-03-01T23:59:59.999Z")),
        on("a", started("2026-03-02T00:00:00Z")),
        on("b", started("2026-03-02T10:00:00Z")),
        Event { app_id: "other", ..on("b", started("2026-03-02T11:00:00Z")) },
    ])
    .active_devices;
    assert_eq!(active.total_active_devices, 3);
    assert_eq!(active.daily.values().copied().collect::<Vec<_>>(), [1, 3]);
    assert_eq!(active.average_daily_active_devices, 2.0);
    assert_eq!(answers([]).active_devices.daily.len(), 2);
}

#[test]
fn failures_go_by_the_newest_error_and_rollbacks_by_update() {
    use EventType::{RollbackCompleted, RollbackStarted, UpdateInstalled};
    let left = |event: Event| Event { current_version: Some("2.0"), target_version: Some("1.0"), ..event };
    let failures = answers([
        on("a", failed("E1", "2026-03-01T01:00:00Z")),
        on("a", failed("E2", "2026-03-01T02:00:00Z")),
        on("b", Event { failure: None, ..failed("", "2026-03-01T02:00:00Z") }),
        on("c", failed("E1", "2026-03-01T01:00:00Z")),
        on("c", event(UpdateInstalled, "2026-03-01T02:00:00Z")),
        on("c", left(event(RollbackStarted, "2026-03-01T03:00:00Z"))),
        on("c", left(event(RollbackCompleted, "2026-03-01T04:00:00Z"))),
        on("d", left(event(RollbackStarted, "2026-03-01T03:00:00Z"))),
        on("d", left(event(RollbackCompleted, "2026-03-04T04:00:00Z"))),
    ])
    .failures;
    assert_eq!(failures.by_error_code, BTreeMap::from([("E2", 1), (UNKNOWN, 1)]));
    assert_eq!((failures.total_failures, failures.failure_events, failures.total_rollbacks), (2, 4, 1));
    assert!((failures.failure_rate.unwrap() - 66.666_666).abs() < 1e-3);
}

#[test]
fn an_update_counts_once_with_its_newest_value() {
    let speed = |device: &str, time: &str, value: f64| {
        let metrics = Metrics { download_speed_mbps: Some(value), ..Metrics::default() };
        on(device, Event { metrics, ..event(EventType::UpdateDownloading, time) })
    };
    let performance = answers([
        speed("a", "2026-03-01T02:00:00Z", 10.0),
        speed("a", "2026-03-01T01:00:00Z", 99.0),
        speed("b", "2026-03-01T01:00:00Z", 20.0),
        speed("c", "2026-03-01T01:00:00Z", 40.0),
        speed("e", "2026-03-01T01:00:00Z", 50.0),
        speed("f", "2026-03-03T01:00:00Z", 70.0),
    ])
    .performance;
    let metric = performance.download_speed_mbps;
    assert_eq!((metric.count, metric.avg, metric.p50), (4, Some(30.0), Some(30.0)));
    assert!((metric.p95.unwrap() - 48.5).abs() < 1e-9, "{metric:?}");
    assert_eq!(performance.package_size_bytes, Metric::default());
}

#[test]
fn an_event_is_known_by_its_id_or_else_by_its_content() {
    let mut expected = Expected::default();
    let given = event(EventType::UpdateStarted, "2026-03-01T01:00:00Z");
    let derived = Event { event_id: None, ..given.clone() };
    let elsewhere = Event { app_id: "other", ..given.clone() };
    let another = Event { session_id: Some(Uuid::nil()), ..derived.clone() };
    let stream = [&given, &derived, &given, &derived, &elsewhere, &another];
    let new = stream.map(|event| expected.add(&Arc::new(event.clone())));
    assert_eq!(new, [true, true, false, false, true, true]);
    assert_eq!((expected.sent(), expected.distinct()), (6, 4));
}

fn any_event() -> impl Strategy<Value = Event> {
    use EventType::*;
    let types = select(vec![UpdateStarted, UpdateDownloaded, UpdateInstalled, UpdateFailed, RollbackCompleted]);
    let versions = || select(vec![None, Some("1.0"), Some("2.0")]);
    let values = select(vec![None, Some(1.0), Some(2.5), Some(7.0)]);
    // Few instants, so that ties are common; some outside the window.
    (types, 0..8_i64, select(vec!["d", "e"]), versions(), versions(), values, any::<bool>(), select(vec!["E1", "E2"]))
        .prop_map(|(event_type, slot, device, current_version, target_version, value, gives_id, code)| {
            let time = at("2026-02-28T12:00:00Z").saturating_add(SignedDuration::from_hours(8 * slot)).unwrap();
            let event = Event {
                device_id: device.into(),
                current_version,
                target_version,
                metrics: Metrics { package_size_bytes: value, ..Metrics::default() },
                ..failed(code, &time.to_string())
            };
            let event_id = if gives_id { event.event_id } else { None };
            Event { event_type, event_id, ..event }
        })
}

/// Ids are as many as events: another content never comes under a used one.
fn any_stream() -> impl Strategy<Value = Vec<Event>> {
    proptest::collection::vec(any_event(), 0..40).prop_map(|events| {
        let numbered = events.into_iter().zip(0..);
        numbered.map(|(event, id)| Event { event_id: event.event_id.map(|_| Uuid::from_u128(id)), ..event }).collect()
    })
}

proptest! {
    #[test]
    fn repeats_and_order_change_nothing(
        (once, twice) in any_stream().prop_flat_map(|events| {
            let doubled = [events.clone(), events.clone()].concat();
            (Just(events), Just(doubled).prop_shuffle())
        })
    ) {
        prop_assert_eq!(answers(once), answers(twice));
    }
}
