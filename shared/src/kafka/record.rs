//! What is sent, and why it may not have been.

use bytes::Bytes;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::borrow::Cow;

/// A record on its way to Kafka.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutgoingRecord {
    /// Records of one key keep their order; `None` goes to any partition.
    pub key: Option<Vec<u8>>,
    /// `None` is Kafka's null value.
    pub value: Option<Vec<u8>>,
    /// In order; names may repeat.
    pub headers: Vec<(Cow<'static, str>, Option<Bytes>)>,
    /// Milliseconds since 1970; the time of sending where `None`.
    pub timestamp_ms: Option<i64>,
}

impl OutgoingRecord {
    #[must_use]
    pub fn new(key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self { key: Some(key.into()), value: Some(value.into()), headers: Vec::new(), timestamp_ms: None }
    }

    /// With this time, in milliseconds since 1970.
    #[must_use]
    pub fn at(mut self, timestamp_ms: i64) -> Self {
        self.timestamp_ms = Some(timestamp_ms);
        self
    }

    /// Adds a header. [`Bytes`] shared by many records are not copied.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Bytes>) -> Self {
        self.headers.push((name.into(), Some(value.into())));
        self
    }
}

/// Why Kafka has not acknowledged a record. It may be there all the same after a time-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("the producer's queue stayed full")]
    QueueFull,
    #[error("no acknowledgement in time")]
    TimedOut,
    #[error("Kafka is unavailable: {0}")]
    Unavailable(RDKafkaErrorCode),
    #[error("Kafka does not permit it: {0}")]
    NotPermitted(RDKafkaErrorCode),
    #[error("the record is too large")]
    TooLarge,
    #[error("Kafka refuses the record: {0}")]
    Refused(RDKafkaErrorCode),
}

impl SendError {
    /// Whether the same record may be taken later. What isn't permitted may be once the deployment is corrected.
    #[must_use]
    pub fn retriable(self) -> bool {
        match self {
            Self::QueueFull | Self::TimedOut | Self::Unavailable(_) | Self::NotPermitted(_) => true,
            Self::TooLarge | Self::Refused(_) => false,
        }
    }

    /// A stable name for logs and metrics.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::TimedOut => "timed_out",
            Self::Unavailable(_) => "unavailable",
            Self::NotPermitted(_) => "not_permitted",
            Self::TooLarge => "too_large",
            Self::Refused(_) => "refused",
        }
    }
}

impl From<RDKafkaErrorCode> for SendError {
    fn from(code: RDKafkaErrorCode) -> Self {
        use RDKafkaErrorCode as Code;
        match code {
            Code::QueueFull => Self::QueueFull,
            Code::MessageTimedOut | Code::RequestTimedOut | Code::OperationTimedOut => Self::TimedOut,
            Code::MessageSizeTooLarge | Code::MessageBatchTooLarge | Code::InvalidMessageSize => Self::TooLarge,
            Code::InvalidRecord | Code::InvalidTimestamp | Code::PolicyViolation => Self::Refused(code),
            Code::TopicAuthorizationFailed
            | Code::ClusterAuthorizationFailed
            | Code::TransactionalIdAuthorizationFailed
            | Code::SaslAuthenticationFailed
            | Code::Authentication => Self::NotPermitted(code),
            // An open list of the broker's states; what isn't the record's own fault may pass.
            _ => Self::Unavailable(code),
        }
    }
}

impl From<&KafkaError> for SendError {
    fn from(error: &KafkaError) -> Self {
        error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail).into()
    }
}
