//! What became of each submitted event: exactly one outcome, in order.

use crate::{State, prepare::Prepared};
use serde::Serialize;
use shared::event::{Rejection, Warning};
use shared::kafka::SendError;
use shared::problem::{FieldError, Problem};
use uuid::Uuid;

/// Seconds after which a request that Kafka didn't acknowledge may be sent again.
const RETRY_AFTER: u32 = 5;

#[derive(Debug)]
pub(crate) enum Outcome {
    /// Kafka has it on all in-sync replicas.
    Accepted {
        event_id: Uuid,
        warnings: Vec<Warning>,
    },
    Rejected(Rejection),
}

/// Sends what can be sent, all at once, and awaits all of it.
///
/// # Errors
/// 503 for the whole where any record isn't acknowledged: sending all of it again is harmless.
pub(crate) async fn publish(
    state: &State,
    prepared: Vec<Result<Prepared, Rejection>>,
) -> Result<Vec<Outcome>, Problem> {
    let mut records = Vec::with_capacity(prepared.len());
    let mut given_ids = Vec::with_capacity(prepared.len());
    let mut outcomes = Vec::with_capacity(prepared.len());
    for event in prepared {
        outcomes.push(match event {
            Ok(Prepared { event_id, given_id, warnings, record }) => {
                records.push(record);
                given_ids.push(given_id);
                Outcome::Accepted { event_id, warnings }
            }
            Err(rejection) => Outcome::Rejected(rejection),
        });
    }
    if records.is_empty() {
        return Ok(outcomes);
    }
    let mut results = state.publisher.publish(records).await.into_iter();
    let sent = outcomes.iter_mut().filter(|outcome| matches!(outcome, Outcome::Accepted { .. }));
    for (outcome, given_id) in sent.zip(given_ids) {
        // Without a result nothing is known, which is as good as a time-out.
        match results.next().unwrap_or(Err(SendError::TimedOut)) {
            Ok(()) => {}
            Err(SendError::TooLarge) => *outcome = Outcome::Rejected(too_large(given_id)),
            Err(error) => {
                tracing::warn!(reason = error.tag(), "kafka did not acknowledge a request's records: {error}");
                let detail = "the events are not stored for certain; send the same request again";
                return Err(Problem::unavailable(detail, RETRY_AFTER));
            }
        }
    }
    Ok(outcomes)
}

fn too_large(event_id: Option<String>) -> Rejection {
    let error = FieldError::new("", "too_large", "the event is too large for Kafka");
    Rejection { event_id, errors: vec![error] }
}

/// An entry of `results[]`.
#[derive(Serialize)]
pub(crate) struct Entry {
    index: usize,
    event_id: Option<EventId>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<EntryError>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
}

/// Ours, or as it was given.
#[derive(Serialize)]
#[serde(untagged)]
enum EventId {
    Accepted(Uuid),
    Given(String),
}

#[derive(Serialize)]
struct EntryError {
    code: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    field: String,
    message: String,
}

impl Entry {
    pub fn new(index: usize, outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accepted { event_id, warnings } => {
                let event_id = Some(EventId::Accepted(event_id));
                Self { index, event_id, status: "accepted", error: None, warnings }
            }
            Outcome::Rejected(Rejection { event_id, errors }) => {
                let error = errors.into_iter().next();
                let error = error.map(|FieldError { field, code, message }| EntryError { code, field, message });
                let event_id = event_id.map(EventId::Given);
                Self { index, event_id, status: "rejected", error, warnings: Vec::new() }
            }
        }
    }
}
