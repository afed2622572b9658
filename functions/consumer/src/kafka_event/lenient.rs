//! Text that is borrowed where JSON allows it, and times in whatever form they come.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// Text borrowed from the payload unless JSON escapes are in it. (An `Option<Cow<str>>` would always be copied.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed;
        impl<'de> Visitor<'de> for Borrowed {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text::from(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text::from(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Borrowed)
    }
}

/// Milliseconds since 1970; `None` where there is no time (absent, null, Kafka's −1 and anything else below 0).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Millis(pub Option<i64>);

impl Millis {
    #[must_use]
    pub fn new(millis: Option<i64>) -> Self {
        Self(millis.filter(|millis| *millis >= 0))
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0.unwrap_or(-1))
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyNumber;
        impl Visitor<'_> for AnyNumber {
            type Value = Millis;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("milliseconds since 1970")
            }

            fn visit_unit<E>(self) -> Result<Millis, E> {
                Ok(Millis(None))
            }

            fn visit_i64<E>(self, millis: i64) -> Result<Millis, E> {
                Ok(Millis::new(Some(millis)))
            }

            fn visit_u64<E>(self, millis: u64) -> Result<Millis, E> {
                Ok(Millis::new(i64::try_from(millis).ok()))
            }

            fn visit_f64<E>(self, millis: f64) -> Result<Millis, E> {
                Ok(Millis::new(Some(millis as i64)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Millis, E> {
                text.parse::<f64>().map_err(E::custom).and_then(|millis| self.visit_f64(millis))
            }
        }
        deserializer.deserialize_any(AnyNumber)
    }
}
