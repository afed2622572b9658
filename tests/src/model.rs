//! The contract's definitions, computed plainly: over a vector of events, with no SQL and nothing of the product but the event type.
//!
//! Slow and obvious on purpose. Each answer is the JSON that `data` must be.

mod activity;
mod adoption;
mod devices;
mod failures;
mod performance;
mod question;
mod sums;
mod time;
mod updates;

pub use question::{Endpoint, Question};
pub use time::{Interval, Window, rfc3339};

use serde_json::Value;
use shared::event::EventType;
use std::collections::HashMap;

/// One event as the definitions see it. Absent text is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    pub tenant: String,
    pub org: String,
    pub app: String,
    pub device: String,
    /// What makes it one event, however often it is sent: the given id, or all that it says.
    pub event_id: String,
    pub event_type: EventType,
    /// Event time, milliseconds since 1970.
    pub time: i64,
    pub current_version: Option<String>,
    pub target_version: Option<String>,
    pub device_os: Option<String>,
    pub device_os_version: Option<String>,
    pub device_model: Option<String>,
    pub error_code: Option<String>,
    pub failure_stage: Option<String>,
    pub error_message: Option<String>,
    /// In the order of [`performance::METRICS`].
    pub metrics: [Option<f64>; 4],
}

/// (tenant, org, app, device)
type DeviceId = (String, String, String, String);

impl Fact {
    fn device_id(&self) -> DeviceId {
        (self.tenant.clone(), self.org.clone(), self.app.clone(), self.device.clone())
    }

    /// The release that the event belongs to.
    fn release(&self) -> String {
        let version = if self.event_type.is_rollback() { &self.current_version } else { &self.target_version };
        version.clone().unwrap_or_else(|| "unknown".to_owned())
    }

    /// The version that the device runs, as far as this event says.
    fn running_version(&self) -> Option<String> {
        match self.event_type {
            EventType::UpdateInstalled | EventType::RollbackCompleted => self.target_version.clone(),
            _ => self.current_version.clone(),
        }
    }
}

/// What `data` must be for the question, from all events ever sent, in any order, with any repeats.
#[must_use]
pub fn answer(sent: &[Fact], question: &Question) -> Value {
    let facts = once_each(sent, question);
    match question.endpoint {
        Endpoint::Adoption => adoption::answer(&facts, question),
        Endpoint::Versions => devices::answer(&facts, question),
        Endpoint::ActiveDevices => activity::answer(&facts, question),
        Endpoint::Failures => failures::answer(&facts, question),
        Endpoint::Performance => performance::answer(&facts, question),
    }
}

/// The newest event time in the scope and window.
#[must_use]
pub fn data_through(sent: &[Fact], question: &Question) -> Option<String> {
    let window = question.window.widened();
    let times = once_each(sent, question).into_iter().map(|fact| fact.time);
    times.filter(|time| window.contains(*time)).max().map(rfc3339)
}

/// The scope's events, each once.
fn once_each(sent: &[Fact], question: &Question) -> Vec<Fact> {
    let mut seen = HashMap::new();
    for fact in sent {
        let same = |asked: &Option<String>, value: &String| asked.as_ref().is_none_or(|asked| asked == value);
        if fact.tenant == question.tenant && same(&question.org, &fact.org) && same(&question.app, &fact.app) {
            let id = (fact.org.clone(), fact.app.clone(), fact.event_id.clone());
            seen.entry(id).or_insert_with(|| fact.clone());
        }
    }
    seen.into_values().collect()
}

/// The newest of the values that events give: latest event time, then later type, then greater value.
fn newest<'a, T: PartialOrd>(
    facts: impl IntoIterator<Item = &'a Fact>,
    value: impl Fn(&Fact) -> Option<T>,
) -> Option<(i64, T)> {
    let mut best: Option<((i64, EventType), T)> = None;
    for fact in facts {
        let Some(value) = value(fact) else { continue };
        let rank = (fact.time, fact.event_type);
        if best.as_ref().is_none_or(|(best_rank, best_value)| (rank, &value) > (*best_rank, best_value)) {
            best = Some((rank, value));
        }
    }
    best.map(|((time, _), value)| (time, value))
}

fn or_unknown(value: Option<(i64, String)>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |(_, value)| value)
}
