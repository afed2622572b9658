//! What must be counted: the contract's definitions over the events that were sent, as plainly as they can be written.

mod devices;
mod identity;
mod metric;
mod updates;

pub use devices::{Active, Versions};
pub use metric::{Metric, Performance};
pub use updates::{Adoption, Failures};

use crate::event::Event;
use identity::Identity;
use jiff::Timestamp;
use std::{collections::HashSet, sync::Arc};

/// Stands for a value that no event gave.
const UNKNOWN: &str = "unknown";

/// The tally of a stream of events.
#[derive(Debug, Default)]
pub struct Expected {
    sent: u64,
    seen: HashSet<Identity>,
    events: Vec<Arc<Event>>,
}

/// Half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Window {
    fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// The five answers for one tenant and window. Rates, averages and quantiles are not rounded.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    pub adoption: Adoption,
    pub versions: Versions,
    pub active_devices: Active,
    pub failures: Failures,
    pub performance: Performance,
}

impl Expected {
    /// Takes an event that is sent; `false` if it was sent before.
    pub fn add(&mut self, event: &Arc<Event>) -> bool {
        self.sent += 1;
        let is_new = self.seen.insert(Identity::of(event));
        if is_new {
            self.events.push(event.clone());
        }
        is_new
    }

    /// Events sent, repeats included.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Events sent, each counted once.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.events.len() as u64
    }

    /// Counts a tenant's events.
    #[must_use]
    pub fn answers(&self, tenant_id: &str, window: Window) -> Answers {
        let events: Vec<&Event> =
            self.events.iter().map(Arc::as_ref).filter(|event| event.tenant_id == tenant_id).collect();
        let updates = updates::updates(&events);
        let adoption = Adoption::count(&updates, window);
        let failures = Failures::count(&updates, &adoption, window);
        Answers {
            adoption,
            versions: Versions::count(&events, window),
            active_devices: Active::count(&events, window),
            failures,
            performance: Performance::count(&updates, window),
        }
    }
}

fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
}

#[cfg(test)]
mod tests;
