//! Headers as a list. In JSON: a list of objects, each header one.

use crate::kafka_event::Text;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use std::fmt;

pub(super) struct Listed<'a>(pub Vec<(Text<'a>, Option<HeaderBytes>)>);

/// In JSON a list of numbers: Java's signed bytes, or unsigned ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderBytes(pub Vec<u8>);

impl Serialize for Listed<'_> {
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

impl<'de: 'a, 'a> Deserialize<'de> for Listed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Listed<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of headers")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Listed(Vec::new()))
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
                let mut all = Vec::with_capacity(4);
                while let Some(Object(headers)) = list.next_element()? {
                    all.extend(headers);
                }
                Ok(Listed(all))
            }
        }
        deserializer.deserialize_any(List)
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
