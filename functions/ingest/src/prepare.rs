//! One event's text to what is sent, or to why it isn't.

use crate::State;
use jiff::Timestamp;
use shared::event::{Age, Context, Document, Event, Rejection, Warning};
use shared::kafka::OutgoingRecord;
use shared::telemetry::TraceId;

/// What all events of a request have in common.
pub(crate) struct Receipt<'s> {
    state: &'s State,
    context: Context,
    traceparent: bytes::Bytes,
}

/// An accepted event on its way.
pub(crate) struct Prepared {
    pub event_id: uuid::Uuid,
    /// As the client gave it, if it did.
    pub given_id: Option<String>,
    pub warnings: Vec<Warning>,
    pub record: OutgoingRecord,
}

impl<'s> Receipt<'s> {
    pub fn now(state: &'s State) -> Self {
        let received_at = state.now();
        let age = Age::AtIngest { max_age_days: state.max_age_days };
        let trace_id = TraceId::current().unwrap_or_else(TraceId::random);
        Self {
            state,
            context: Context { received_at, batch_sent_at: None, age },
            traceparent: trace_id.traceparent().into(),
        }
    }

    pub fn of_batch(self, sent_at: Option<Timestamp>) -> Self {
        Self { context: Context { batch_sent_at: sent_at, ..self.context }, ..self }
    }

    pub fn prepare(&self, text: &[u8]) -> Result<Prepared, Rejection> {
        let mut document = Document::parse(text)?;
        if let Some(key) = &self.state.device_id_key {
            document.pseudonymise(|device_id| key.replace(device_id));
        }
        let given_id = document.event_id().map(str::to_owned);
        let accepted = document.validate(&self.context)?;
        Ok(Prepared {
            event_id: accepted.event.event_id,
            given_id,
            warnings: accepted.warnings,
            record: self.record(&accepted.event),
        })
    }

    /// Keyed by device, so that a device's events keep their order and a busy app's spread over all partitions. Ids have no
    /// control characters, so the separator is unambiguous. The record's time is that of the receipt.
    fn record(&self, event: &Event<'_>) -> OutgoingRecord {
        let key = [&*event.tenant_id, &*event.org_id, &*event.app_id, &*event.device_id].join("\u{1f}");
        OutgoingRecord::new(key, event.encode())
            .at(self.context.received_at.as_millisecond())
            .header("traceparent", self.traceparent.clone())
    }
}
