//! An event as Kafka carries it: JSON in the shape that clients send, with its id, so that one parser reads both.

use super::{Event, EventType, timestamp::format_timestamp};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

impl Event<'_> {
    /// The Kafka record's value. Parsing it gives the event again, for the same `received_at`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Text and finite numbers: writing them to memory can't fail.
        let mut value = serde_json::to_vec(self).unwrap_or_default();
        if let Some(payload) = &self.payload {
            // Its text as the client wrote it, in place of the closing brace.
            value.pop();
            value.extend_from_slice(b",\"payload\":");
            value.extend_from_slice(payload.as_bytes());
            value.push(b'}');
        }
        value
    }
}

pub(super) fn event_type<S: Serializer>(event_type: &EventType, serializer: S) -> Result<S::Ok, S::Error> {
    event_type.as_str().serialize(serializer)
}

pub(super) fn instant<S: Serializer>(instant: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    format_timestamp(*instant).serialize(serializer)
}

pub(super) fn optional_instant<S: Serializer>(instant: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    instant.map(format_timestamp).serialize(serializer)
}
