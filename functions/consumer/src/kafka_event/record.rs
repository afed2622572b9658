//! One Kafka record inside the event.

use super::{Headers, Millis, Text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// A record with its place of origin. Key and value are base64, `None` is Kafka's null.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record<'a> {
    #[serde(borrow, default)]
    pub topic: Option<Text<'a>>,
    pub partition: i64,
    pub offset: i64,
    #[serde(default)]
    pub timestamp: Millis,
    /// `CREATE_TIME` or `LOG_APPEND_TIME`.
    #[serde(borrow, default)]
    pub timestamp_type: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub key: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub value: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub headers: Headers<'a>,
}

impl<'a> Record<'a> {
    /// A record as Lambda would send it: for whoever stands in for the event source mapping.
    pub fn new(
        topic: &'a str,
        partition: i32,
        offset: i64,
        timestamp_ms: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: impl IntoIterator<Item = (&'a str, Option<&'a [u8]>)>,
    ) -> Self {
        let base64 = |bytes: &[u8]| Text::from(STANDARD.encode(bytes));
        Self {
            topic: Some(topic.into()),
            partition: partition.into(),
            offset,
            timestamp: Millis::new(timestamp_ms),
            timestamp_type: Some("CREATE_TIME".into()),
            key: key.map(base64),
            value: value.map(base64),
            headers: Headers::of(headers),
        }
    }
}
