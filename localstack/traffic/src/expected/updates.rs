//! An update: one device moving to one release. Successful, failed, rolled back.

use super::{UNKNOWN, Window, percent};
use crate::event::{Event, EventType, Failure};
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeMap;

/// The events of each update.
pub(super) type Updates<'a> = BTreeMap<(&'a str, &'a str, &'a str, &'a str), Vec<&'a Event>>;

pub(super) fn updates<'a>(events: &[&'a Event]) -> Updates<'a> {
    let mut updates = Updates::new();
    for event in events {
        let release = event.release().unwrap_or(UNKNOWN);
        updates.entry((event.org_id, event.app_id, &event.device_id, release)).or_default().push(event);
    }
    updates
}

/// How an update ended, and at which event.
enum End<'a> {
    Successful(&'a Event),
    Failed(&'a Event),
}

fn end<'a>(events: &[&'a Event]) -> Option<End<'a>> {
    let of_type = |event_type| events.iter().copied().filter(move |event| event.event_type == event_type);
    let first_install = of_type(EventType::UpdateInstalled).min_by_key(|event| event.at);
    let newest_failure = of_type(EventType::UpdateFailed).max_by_key(|event| (event.at, failure_order(event.failure)));
    first_install.map(End::Successful).or(newest_failure.map(End::Failed))
}

fn failure_order(failure: Option<Failure>) -> (&'static str, &'static str, &'static str) {
    failure.map_or(("", "", ""), |failure| (failure.error_code, failure.failure_stage, failure.error_message))
}

/// Updates that ended in the window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adoption {
    pub successful_updates: u64,
    pub failed_updates: u64,
    /// By UTC hour: installs, failures.
    pub hourly: BTreeMap<Timestamp, (u64, u64)>,
}

impl Adoption {
    pub(super) fn count(updates: &Updates<'_>, window: Window) -> Self {
        let mut adoption = Self::default();
        for events in updates.values() {
            match end(events) {
                Some(End::Successful(event)) if window.contains(event.at) => {
                    adoption.successful_updates += 1;
                    adoption.hourly.entry(hour(event.at)).or_default().0 += 1;
                }
                Some(End::Failed(event)) if window.contains(event.at) => {
                    adoption.failed_updates += 1;
                    adoption.hourly.entry(hour(event.at)).or_default().1 += 1;
                }
                _ => {}
            }
        }
        adoption
    }

    #[must_use]
    pub fn total_updates(&self) -> u64 {
        self.successful_updates + self.failed_updates
    }

    /// Percent; `None` without updates.
    #[must_use]
    pub fn success_rate(&self) -> Option<f64> {
        percent(self.successful_updates, self.total_updates())
    }
}

fn hour(at: Timestamp) -> Timestamp {
    let into = at.as_millisecond().rem_euclid(3_600_000);
    at.checked_sub(into.milliseconds()).unwrap_or(at)
}

/// Failed updates of the window, and what else went wrong in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failures {
    pub total_failures: u64,
    /// Percent of all ended updates; `None` without any.
    pub failure_rate: Option<f64>,
    /// `update_failed` events, whatever became of the update.
    pub failure_events: u64,
    /// Updates that were rolled back, whatever came of that.
    pub total_rollbacks: u64,
    /// Failed updates.
    pub by_error_code: BTreeMap<&'static str, u64>,
}

impl Failures {
    pub(super) fn count(updates: &Updates<'_>, adoption: &Adoption, window: Window) -> Self {
        let mut failures = Self {
            total_failures: adoption.failed_updates,
            failure_rate: percent(adoption.failed_updates, adoption.total_updates()),
            ..Self::default()
        };
        for events in updates.values() {
            let in_window = events.iter().filter(|event| window.contains(event.at));
            failures.failure_events +=
                in_window.filter(|event| event.event_type == EventType::UpdateFailed).count() as u64;
            let newest_rollback =
                events.iter().filter(|event| event.event_type.is_rollback()).map(|event| event.at).max();
            failures.total_rollbacks += u64::from(newest_rollback.is_some_and(|at| window.contains(at)));
            if let Some(End::Failed(event)) = end(events)
                && window.contains(event.at)
            {
                let error_code = event.failure.map_or(UNKNOWN, |failure| failure.error_code);
                *failures.by_error_code.entry(error_code).or_default() += 1;
            }
        }
        failures
    }
}
