use super::*;
use crate::{
    delivery::{Encoding, Framing},
    event::{Event, EventType},
    expected::{Expected, Window},
};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

fn now() -> Timestamp {
    "2026-05-20T13:37:00.123456789Z".parse().unwrap()
}

fn fleet() -> Fleet {
    Fleet::new(1, Size::Events(12_000), now())
}

fn sent(fleet: &Fleet) -> Vec<Arc<Event>> {
    fleet.deliveries().flat_map(|delivery| delivery.events).collect()
}

fn tally(fleet: &Fleet) -> Expected {
    let mut expected = Expected::default();
    for event in sent(fleet) {
        expected.add(&event);
    }
    expected
}

#[test]
fn the_seed_decides() {
    let other = Fleet { seed: 2, ..fleet() };
    assert!(fleet().deliveries().eq(fleet().deliveries()));
    assert!(!fleet().deliveries().eq(other.deliveries()));
}

#[test]
fn it_is_as_large_as_asked() {
    let mut deliveries = fleet().deliveries();
    deliveries.by_ref().for_each(drop);
    let expected = tally(&fleet());
    assert!((12_000..12_100).contains(&expected.distinct()), "{}", expected.distinct());
    // 3 % of the events and 3 % of the deliveries.
    let expected = tally(&Fleet { batch: 10, ..fleet() });
    let repeats = expected.sent() - expected.distinct();
    assert!((500..1_000).contains(&repeats), "{repeats} repeats");

    let by_devices = Fleet { size: Size::Devices(deliveries.devices()), ..fleet() };
    assert_eq!(tally(&by_devices).distinct(), expected.distinct());
    assert_eq!(Fleet { size: Size::Devices(0), ..fleet() }.deliveries().count(), 0);
}

#[test]
fn cohorts_change_the_order_only() {
    let whole = tally(&fleet());
    let parts = tally(&Fleet { cohort: 50, ..fleet() });
    let window = Window { from: fleet().start(), to: now() };
    assert_eq!(whole.distinct(), parts.distinct());
    for tenant in Fleet::tenants() {
        assert_eq!(whole.answers(tenant, window), parts.answers(tenant, window), "{tenant}");
    }
}

#[test]
fn events_lie_in_the_history_and_come_in_disorder() {
    let events = sent(&fleet());
    assert!(events.iter().all(|event| event.at.subsec_nanosecond() % 1_000_000 == 0));
    assert!(events.iter().all(|event| (fleet().start()..=fleet().now).contains(&event.at)));
    let disorder = events.windows(2).filter(|pair| pair[0].at > pair[1].at).count();
    assert!(disorder > events.len() / 20, "{disorder}");
    let mut newest = fleet().start();
    let days_late = events.iter().filter(|event| {
        newest = newest.max(event.at);
        newest.duration_since(event.at).as_hours() > 24
    });
    assert!(days_late.count() > 20);
}

#[test]
fn every_kind_of_trouble_occurs() {
    let fleet = fleet();
    let events = sent(&fleet);
    let some = |what: &str, has: fn(&Event) -> bool| {
        let count = events.iter().filter(|event| has(event)).count();
        assert!(count > 0 && count < events.len() / 2, "{what}: {count} of {}", events.len());
    };
    some("without id", |event| event.event_id.is_none());
    some("without device_info", |event| event.device.is_none());
    some("without release", |event| event.target_version.is_none());
    some("failed without error_info", |event| event.event_type == EventType::UpdateFailed && event.failure.is_none());
    some("wrong clock", |event| !event.clock_ahead.is_zero());
    for event_type in [EventType::UpdateCancelled, EventType::RollbackStarted, EventType::RollbackCompleted] {
        assert!(events.iter().any(|event| event.event_type == event_type), "{event_type:?}");
    }
    let mut apps: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
    for event in &events {
        apps.entry(event.app_id).or_default().insert(&event.device_id);
    }
    assert!(!apps["shopper"].is_disjoint(&apps["courier"]), "no device has two apps");
    let deliveries: Vec<_> = fleet.deliveries().collect();
    let gzip = deliveries.iter().filter(|delivery| delivery.encoding == Encoding::Gzip).count();
    let single = deliveries.iter().filter(|delivery| delivery.framing == Framing::Single).count();
    assert!(gzip > 0 && single > 100, "{gzip} gzip, {single} single");
}

#[test]
fn what_is_expected_is_plausible() {
    let expected = tally(&fleet());
    let answers = expected.answers("acme", Window { from: fleet().start(), to: now() });
    assert!((85.0..96.5).contains(&answers.adoption.success_rate().unwrap()), "{:?}", answers.adoption.success_rate());
    assert!(answers.failures.total_rollbacks > 10);
    assert!(answers.failures.failure_events > answers.failures.total_failures);
    assert!(answers.failures.by_error_code.len() > 5);
    assert!(answers.versions.device_count.len() > 5);
}

/// Sending takes time; what is counted of devices with wrong clocks must not depend on how much.
#[test]
fn events_of_wrong_clocks_are_clear_of_each_other_and_of_the_hour() {
    let mut devices: BTreeMap<_, Vec<Timestamp>> = BTreeMap::new();
    let fleet = Fleet { skew_rate: 1.0, duplicate_rate: 0.0, ..fleet() };
    for event in sent(&fleet) {
        devices.entry((event.app_id, event.device_id.clone())).or_default().push(event.at);
    }
    for mut times in devices.into_values() {
        times.sort_unstable();
        assert!(times.windows(2).all(|pair| pair[1].duration_since(pair[0]).as_secs() >= 30));
        assert!(times.iter().all(|at| at.as_second() % 3600 < 3600 - 300));
    }
}
