//! A Kafka record to an event: pure.

use crate::dead_letter::{Reason, Unusable};
use crate::kafka_event::Record;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use shared::event::{Age, Context, Document, Event, parse_timestamp, truncate_to_ms};
use shared::problem::FieldError;
use std::ops::Range;

/// Kafka's time may lie so far ahead of ours, as an event's may: clocks of two hosts differ.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// The topic of a record, by its own word or by its partition's name (`<topic>-<partition>`).
pub(crate) fn topic_of<'e>(partition: &'e str, record: &'e Record<'_>) -> &'e str {
    let by_partition = || partition.rsplit_once('-').map_or(partition, |(topic, _)| topic);
    record.topic.as_deref().unwrap_or_else(by_partition)
}

/// Appends the value's bytes to those of others, and says where they are.
pub(crate) fn value_of(record: &Record<'_>, bytes: &mut Vec<u8>) -> Result<Range<usize>, Unusable> {
    let Some(text) = &record.value else { return Err(Unusable::new(Reason::NullValue, "the value is null")) };
    let start = bytes.len();
    if base64_simd::STANDARD.decode_append(text.as_bytes(), bytes).is_err() {
        // The other one says what is wrong.
        bytes.truncate(start);
        let decoded = STANDARD.decode_vec(text.as_bytes(), bytes);
        decoded.map_err(|error| Unusable::new(Reason::NotBase64, error.to_string()))?;
    }
    Ok(start..bytes.len())
}

/// When ingest received the event, to the millisecond: its header, else Kafka's time unless that is far ahead, else now.
/// The same record so gives the same time whenever it is read.
pub(crate) fn received_at(record: &Record<'_>, now: Timestamp) -> Timestamp {
    let by_header = || parse_timestamp(std::str::from_utf8(&record.headers.get("received_at")?).ok()?);
    let by_kafka = || {
        let time = Timestamp::from_millisecond(record.timestamp.0?).ok()?;
        (time.duration_since(now) <= AHEAD).then_some(time)
    };
    truncate_to_ms(by_header().or_else(by_kafka).unwrap_or(now))
}

/// The event in a value. It was acknowledged once, so it isn't too old now.
pub(crate) fn event_of(value: &[u8], received_at: Timestamp) -> Result<Event<'_>, Unusable> {
    let context = Context { received_at, batch_sent_at: None, age: Age::AlreadyAccepted };
    let checked = Document::parse(value).and_then(|document| document.validate(&context));
    checked.map(|accepted| accepted.event).map_err(|rejection| {
        let malformed = rejection.errors.iter().any(|error| error.code == "malformed_json");
        let reason = if malformed { Reason::NotJson } else { Reason::InvalidEvent };
        let said = |error: &FieldError| {
            let place = if error.field.is_empty() { "the event" } else { &error.field };
            format!("{place} {}", error.message)
        };
        let errors: Vec<String> = rejection.errors.iter().map(said).collect();
        Unusable::new(reason, errors.join("; "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn received_is_the_header_then_kafkas_time_then_now() {
        let at = |header: Option<&'static [u8]>, millis| {
            let headers = header.map(|value| ("received_at", Some(value)));
            let record = Record::new("ota-events", 0, 0, millis, None, None, headers);
            received_at(&record, "2030-01-01T00:00:00Z".parse().unwrap()).to_string()
        };
        assert_eq!(at(Some(b"2025-06-03T12:30:00.5+02:00"), Some(0)), "2025-06-03T10:30:00.5Z");
        assert_eq!(at(Some(b"yesterday"), Some(1_500)), "1970-01-01T00:00:01.5Z");
        assert_eq!(at(Some(&[0xff]), Some(1_500)), "1970-01-01T00:00:01.5Z");
        assert_eq!(at(None, Some(i64::MAX)), "2030-01-01T00:00:00Z");
        assert_eq!(at(None, Some(1_900_000_000_000)), "2030-01-01T00:00:00Z");
        assert_eq!(at(None, Some(-1)), "2030-01-01T00:00:00Z");
        assert_eq!(at(None, Some(1_893_456_600_000)), "2030-01-01T00:10:00Z");
        assert_eq!(at(None, Some(1_893_456_600_001)), "2030-01-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn base64_is_what_the_standard_says(text in "[A-Za-z0-9+/]{0,70}={0,2}|[ -~]{0,9}") {
            let mut record = Record::new("ota-events", 0, 0, None, None, None, []);
            record.value = Some(text.as_str().into());
            let mut bytes = b"before".to_vec();
            match (value_of(&record, &mut bytes), STANDARD.decode(&text)) {
                (Ok(place), Ok(expected)) => prop_assert_eq!(&bytes[place], expected),
                (Err(unusable), Err(error)) => prop_assert_eq!(unusable.detail, error.to_string()),
                (ours, theirs) => prop_assert!(false, "{ours:?} {theirs:?}"),
            }
            prop_assert!(bytes.starts_with(b"before"));
        }
    }

    #[test]
    fn the_topic_is_the_records_or_its_partitions() {
        let mut record = Record::new("a-b", 0, 0, None, None, None, []);
        assert_eq!(topic_of("c-0", &record), "a-b");
        record.topic = None;
        assert_eq!(topic_of("ota-events-12", &record), "ota-events");
    }
}
