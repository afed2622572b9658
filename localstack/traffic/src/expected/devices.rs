//! A device: which version it runs, and when it was heard of.

use super::{UNKNOWN, Window};
use crate::event::Event;
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::Offset};
use std::collections::{BTreeMap, BTreeSet};

type Key<'a> = (&'a str, &'a str, &'a str);

fn key(event: &Event) -> Key<'_> {
    (event.org_id, event.app_id, &event.device_id)
}

/// Devices active in the window by the version they run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Versions {
    pub device_count: BTreeMap<&'static str, u64>,
    pub total_devices: u64,
}

impl Versions {
    pub(super) fn count(events: &[&Event], window: Window) -> Self {
        let mut newest: BTreeMap<Key<'_>, Option<_>> = BTreeMap::new();
        for event in events.iter().filter(|event| window.contains(event.at)) {
            let says = event.running_version().map(|version| (event.at, event.event_type, version));
            let known = newest.entry(key(event)).or_default();
            *known = says.max(*known);
        }
        let mut versions = Self { total_devices: newest.len() as u64, ..Self::default() };
        for known in newest.into_values() {
            let version = known.map_or(UNKNOWN, |(_, _, version)| version);
            *versions.device_count.entry(version).or_default() += 1;
        }
        versions
    }
}

/// Distinct devices with any event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Active {
    pub total_active_devices: u64,
    /// Every UTC date that the window touches.
    pub daily: BTreeMap<Date, u64>,
    pub average_daily_active_devices: f64,
}

impl Active {
    pub(super) fn count(events: &[&Event], window: Window) -> Self {
        let mut devices = BTreeSet::new();
        let mut daily: BTreeMap<Date, BTreeSet<Key<'_>>> = BTreeMap::new();
        let last = date(window.to.saturating_sub(1.nanosecond()).unwrap_or(window.to));
        for day in date(window.from).series(1.day()).take_while(|day| *day <= last) {
            daily.entry(day).or_default();
        }
        for event in events.iter().filter(|event| window.contains(event.at)) {
            devices.insert(key(event));
            daily.entry(date(event.at)).or_default().insert(key(event));
        }
        let daily: BTreeMap<Date, u64> = daily.into_iter().map(|(day, devices)| (day, devices.len() as u64)).collect();
        Self {
            total_active_devices: devices.len() as u64,
            average_daily_active_devices: daily.values().sum::<u64>() as f64 / daily.len().max(1) as f64,
            daily,
        }
    }
}

fn date(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}
