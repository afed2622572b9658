//! A record that can't be used goes to the dead-letter topic as it came, with its place of origin and the reason.

use crate::kafka_event::{Record, Text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared::kafka::{OutgoingRecord, Producer, SendError};

/// Why a record can't be used. Replaying it makes sense once its cause is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// From a topic that this consumer isn't for.
    WrongTopic,
    NullValue,
    NotBase64,
    NotJson,
    /// JSON, but not an event by the contract.
    InvalidEvent,
    /// ClickHouse takes the others of its batch, but not this one.
    Refused,
}

impl Reason {
    /// The stable code in the header `dlq-reason`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongTopic => "wrong_topic",
            Self::NullValue => "null_value",
            Self::NotBase64 => "not_base64",
            Self::NotJson => "not_json",
            Self::InvalidEvent => "invalid_event",
            Self::Refused => "refused_by_clickhouse",
        }
    }
}

/// Why, with words that may quote the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub reason: Reason,
    pub detail: String,
}

impl Unusable {
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

/// Where dead letters go.
pub trait DeadLetters: Send + Sync {
    /// One result for each, in order; `Ok` once it is safe there.
    fn send(&self, letters: Vec<OutgoingRecord>) -> impl Future<Output = Vec<Result<(), SendError>>> + Send;
}

/// The topic `KAFKA_DLQ_TOPIC`.
pub struct KafkaDeadLetters {
    pub producer: Producer,
    pub topic: String,
}

impl DeadLetters for KafkaDeadLetters {
    async fn send(&self, letters: Vec<OutgoingRecord>) -> Vec<Result<(), SendError>> {
        self.producer.send_all(&self.topic, letters).await
    }
}

/// Detail is for a person's eyes; a header isn't the place for more.
const LONGEST_DETAIL: usize = 1024;

/// The record as it came, its own headers first. What an earlier trip through the dead letters left is replaced.
pub(crate) fn letter(topic: &str, record: &Record<'_>, unusable: &Unusable) -> OutgoingRecord {
    let own = record.headers.list().into_iter().filter(|(name, _)| !name.starts_with("dlq-"));
    let headers = own.map(|(name, value)| (name.0.into_owned().into(), value.map(|bytes| bytes.0.into())));
    let mut detail = unusable.detail.as_str();
    detail = detail.get(..detail.floor_char_boundary(LONGEST_DETAIL)).unwrap_or(detail);
    let letter = OutgoingRecord {
        key: record.key.as_ref().map(bytes_or_text),
        value: record.value.as_ref().map(bytes_or_text),
        headers: headers.collect(),
        timestamp_ms: None,
    };
    letter
        .header("dlq-reason", unusable.reason.as_str())
        .header("dlq-detail", detail.to_owned())
        .header("dlq-topic", topic.to_owned())
        .header("dlq-partition", record.partition.to_string())
        .header("dlq-offset", record.offset.to_string())
        .header("dlq-timestamp", record.timestamp.0.map_or_else(String::new, |millis| millis.to_string()))
}

/// What base64 stands for; the text itself where it isn't base64.
fn bytes_or_text(text: &Text<'_>) -> Vec<u8> {
    STANDARD.decode(text.as_bytes()).unwrap_or_else(|_| text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::shown;

    fn set_aside(record: &Record<'_>, detail: &str) -> OutgoingRecord {
        letter("ota-events", record, &Unusable::new(Reason::InvalidEvent, detail))
    }

    #[test]
    fn keeps_key_value_and_headers_as_they_came() {
        let headers = [
            ("traceparent", Some(b"00-1".as_slice())),
            ("none", None),
            ("bytes", Some(&[0, 255])),
            ("traceparent", Some(b"again")),
            ("dlq-reason", Some(b"of an earlier trip")),
        ];
        let record = Record::new("ota-events", 3, 77, Some(5), Some(b"key"), Some(b"\x00\xff{"), headers);
        let letter = set_aside(&record, "device_id: is required");
        assert_eq!(letter.value.as_deref(), Some(b"\x00\xff{".as_slice()));
        insta::assert_snapshot!(shown(&[letter]));
    }

    #[test]
    fn keeps_nulls_and_what_is_not_base64() {
        let mut record = Record::new("ota-events", 0, 0, None, None, None, []);
        let letter = set_aside(&record, "");
        assert_eq!((letter.key, letter.value), (None, None));
        record.value = Some("%%%".into());
        assert_eq!(set_aside(&record, "").value.as_deref(), Some(b"%%%".as_slice()));
    }

    #[test]
    fn a_long_detail_is_cut_at_a_character() {
        let record = Record::new("ota-events", 0, 0, None, None, None, []);
        let letter = set_aside(&record, &format!("x{}", "é".repeat(2_000)));
        let (_, detail) = letter.headers.iter().find(|(name, _)| name == "dlq-detail").unwrap();
        assert_eq!(detail.as_ref().unwrap().len(), 1_023);
        assert!(std::str::from_utf8(detail.as_ref().unwrap()).is_ok());
    }
}
