//! MSK events as Lambda hands them over, made from the fleet's events as ingest writes them.

use consumer::{KafkaEvent, kafka_event::Record};
use shared::event::format_timestamp;
use std::{collections::BTreeMap, sync::Arc};
use traffic::Event;

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// One invocation's payload.
#[derive(Clone)]
pub struct Payload {
    pub bytes: Vec<u8>,
    pub events: usize,
}

impl Payload {
    /// Of that many events each.
    pub fn of(values: &[(Arc<Event>, Vec<u8>)], topic: &str, batch: usize) -> anyhow::Result<Vec<Self>> {
        values.chunks_exact(batch).map(|values| Self::new(values, topic)).collect()
    }

    /// As many events as fit into `limit` bytes each.
    pub fn within(values: &[(Arc<Event>, Vec<u8>)], topic: &str, limit: usize) -> anyhow::Result<Vec<Self>> {
        let sample = values.get(..values.len().min(1000)).unwrap_or_default();
        let mean = Self::new(sample, topic)?.bytes.len() / sample.len().max(1);
        // A little less than fits by the mean: events vary.
        Self::of(values, topic, (limit * 97 / 100 / mean.max(1)).max(1))
    }

    fn new(values: &[(Arc<Event>, Vec<u8>)], topic: &str) -> anyhow::Result<Self> {
        let received_at = format_timestamp(jiff::Timestamp::now());
        let mut partitions = BTreeMap::<&str, i32>::new();
        let mut records = Vec::with_capacity(values.len());
        for (offset, (event, value)) in values.iter().enumerate() {
            let next = partitions.len() as i32;
            let partition = *partitions.entry(event.app_id).or_insert(next);
            let key = [event.tenant_id, event.org_id, event.app_id].join("\u{1f}");
            let headers = [
                ("traceparent", Some(TRACEPARENT.as_bytes())),
                ("content-type", Some(b"application/json".as_slice())),
                ("received_at", Some(received_at.as_bytes())),
            ];
            let now = Some(jiff::Timestamp::now().as_millisecond());
            records.push(Record::new(topic, partition, offset as i64, now, Some(key.as_bytes()), Some(value), headers));
        }
        Ok(Self { bytes: serde_json::to_vec(&KafkaEvent::of(records))?, events: values.len() })
    }
}
