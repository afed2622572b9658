//! The event as Lambda's event source mapping for Kafka sends it, read leniently: one odd record must not fail the batch.
//!
//! Beside what `aws_lambda_events` accepts: missing headers, null header values, header bytes from −128 to 255, any
//! timestamp. Partitions keep their order. Text is borrowed from the payload.

mod headers;
mod lenient;
mod plain;
mod record;
#[cfg(test)]
mod same_as_theirs;
#[cfg(test)]
mod same_both_ways;

pub use headers::{HeaderBytes, Headers};
pub use lenient::{Millis, Text};
pub use record::Record;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize, Serializer};
use std::fmt;

/// A batch of records, possibly from several partitions.
#[derive(Debug, Clone, Default, PartialEq, DeriveDeserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KafkaEvent<'a> {
    /// `aws:kafka` or `SelfManagedKafka`.
    #[serde(borrow, default)]
    pub event_source: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub event_source_arn: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub bootstrap_servers: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub records: Partitions<'a>,
}

/// Records by partition, each named `<topic>-<partition>`: the name that a failure is reported under.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Partitions<'a>(pub Vec<(Text<'a>, Vec<Record<'a>>)>);

impl<'a> KafkaEvent<'a> {
    /// # Errors
    /// The payload isn't a Kafka event.
    pub fn parse(payload: &'a [u8]) -> Result<Self, serde_json::Error> {
        plain::read(payload).map_or_else(|| Self::parse_carefully(payload), Ok)
    }

    #[cold]
    fn parse_carefully(payload: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(payload)
    }

    /// An event of these records, grouped by partition in order of appearance.
    #[must_use]
    pub fn of(records: impl IntoIterator<Item = Record<'a>>) -> Self {
        let mut partitions: Vec<(Text<'a>, Vec<Record<'a>>)> = Vec::new();
        for record in records {
            let name = format!("{}-{}", record.topic.as_deref().unwrap_or_default(), record.partition);
            match partitions.iter_mut().find(|(known, _)| **known == *name) {
                Some((_, of_partition)) => of_partition.push(record),
                None => partitions.push((Text::from(name), vec![record])),
            }
        }
        let event_source = Some(Text::from("aws:kafka"));
        Self { event_source, records: Partitions(partitions), ..Self::default() }
    }
}

impl Serialize for Partitions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, records)| (name, records)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Partitions<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Partitions<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("records by partition")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Partitions::default())
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut partitions = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(partition) = map.next_entry()? {
                    partitions.push(partition);
                }
                Ok(Partitions(partitions))
            }
        }
        deserializer.deserialize_any(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_lambda_may_send_is_read() {
        let payload = include_bytes!("../fixtures/lenient.json");
        insta::assert_debug_snapshot!(KafkaEvent::parse(payload).unwrap());
    }

    #[test]
    fn what_is_written_is_read() {
        let headers =
            || [("traceparent", Some(b"00-1".as_slice())), ("none", None), ("bytes", Some(&[0, 127, 128, 255]))];
        let records = [
            Record::new("ota-events", 1, 7, Some(1_749_000_000_000), Some(b"key"), Some(b"{}"), headers()),
            Record::new("ota-events", 0, 3, None, None, None, []),
            Record::new("ota-events", 1, 8, Some(-1), None, Some(b""), []),
        ];
        let event = KafkaEvent::of(records);
        let names: Vec<&str> = event.records.0.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["ota-events-1", "ota-events-0"]);
        let payload = serde_json::to_vec(&event).unwrap();
        assert_eq!(KafkaEvent::parse(&payload).unwrap(), event);
    }

    #[test]
    fn nothing_at_all_is_an_empty_batch() {
        for payload in ["{}", r#"{"records":null}"#, r#"{"records":{}}"#, r#"{"records":{"a-0":[]}}"#] {
            let event = KafkaEvent::parse(payload.as_bytes()).unwrap();
            assert_eq!(event.records.0.iter().map(|(_, records)| records.len()).sum::<usize>(), 0, "{payload}");
        }
        assert!(KafkaEvent::parse(b"7").is_err());
        assert!(KafkaEvent::parse(br#"{"records":7}"#).is_err());
    }
}
