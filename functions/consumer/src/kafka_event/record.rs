//! One Kafka record inside the event.

use super::{Millis, Text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize, Serializer};
use std::fmt;

/// A record with its place of origin. Key and value are base64, `None` is Kafka's null.
#[derive(Debug, Clone, PartialEq, DeriveDeserialize, Serialize)]
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
        let headers = headers.into_iter().map(|(name, value)| (name.into(), value.map(|v| HeaderBytes(v.to_vec()))));
        Self {
            topic: Some(topic.into()),
            partition: partition.into(),
            offset,
            timestamp: Millis::new(timestamp_ms),
            timestamp_type: Some("CREATE_TIME".into()),
            key: key.map(base64),
            value: value.map(base64),
            headers: Headers(headers.collect()),
        }
    }
}

/// Headers in order; names may repeat, values may be null. In JSON: a list of objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers<'a>(pub Vec<(Text<'a>, Option<HeaderBytes>)>);

/// In JSON a list of numbers: Java's signed bytes, or unsigned ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderBytes(pub Vec<u8>);

impl Headers<'_> {
    /// The first value under this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let (_, value) = self.0.iter().find(|(known, _)| **known == *name)?;
        value.as_ref().map(|bytes| bytes.0.as_slice())
    }
}

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Single<'b>(&'b Text<'b>, &'b Option<HeaderBytes>);
        impl Serialize for Single<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map([(self.0, self.1)])
            }
        }
        serializer.collect_seq(self.0.iter().map(|(name, value)| Single(name, value)))
    }
}

impl Serialize for HeaderBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|byte| byte.cast_signed()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Headers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Listed;
        impl<'de> Visitor<'de> for Listed {
            type Value = Headers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of headers")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Headers::default())
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
                let mut all = Vec::with_capacity(4);
                while let Some(Object(headers)) = list.next_element()? {
                    all.extend(headers);
                }
                Ok(Headers(all))
            }
        }
        deserializer.deserialize_any(Listed)
    }
}

/// One of the objects in the list; it has one member.
struct Object<'a>(Vec<(Text<'a>, Option<HeaderBytes>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::with_capacity(1);
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for HeaderBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = HeaderBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of bytes from -128 to 255")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<HeaderBytes, S::Error> {
                let mut bytes = Vec::with_capacity(32);
                while let Some(number) = list.next_element::<i16>()? {
                    let byte = u8::try_from(number).or_else(|_| i8::try_from(number).map(i8::cast_unsigned));
                    bytes.push(byte.map_err(serde::de::Error::custom)?);
                }
                Ok(HeaderBytes(bytes))
            }
        }
        deserializer.deserialize_seq(Numbers)
    }
}
