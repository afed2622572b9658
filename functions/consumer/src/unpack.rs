//! A Kafka record to an event: pure.

use crate::dead_letter::{Reason, Unusable};
use crate::kafka_event::Record;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// The topic of a record, by its own word or by its partition's name (`<topic>-<partition>`).
pub(crate) fn topic_of<'e>(partition: &'e str, record: &'e Record<'_>) -> &'e str {
    let by_partition = || partition.rsplit_once('-').map_or(partition, |(topic, _)| topic);
    record.topic.as_deref().unwrap_or_else(by_partition)
}

/// The value's bytes.
pub(crate) fn value_of(record: &Record<'_>) -> Result<Vec<u8>, Unusable> {
    let Some(text) = &record.value else { return Err(Unusable::new(Reason::NullValue, "the value is null")) };
    STANDARD.decode(text.as_bytes()).map_err(|error| Unusable::new(Reason::NotBase64, error.to_string()))
}

/// When ingest received the event: its header, else Kafka's time, else now.
pub(crate) fn received_at(record: &Record<'_>, now: Timestamp) -> Timestamp {
    let by_header = || std::str::from_utf8(record.headers.get("received_at")?).ok()?.parse().ok();
    let by_kafka = || Timestamp::from_millisecond(record.timestamp.0?).ok();
    by_header().or_else(by_kafka).unwrap_or(now)
}

pub(crate) fn event_of(_value: &[u8], _received_at: Timestamp) -> Result<shared::event::Event<'_>, Unusable> {
    Err(Unusable::new(Reason::NotJson, ""))
}
