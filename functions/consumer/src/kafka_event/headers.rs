//! A record's headers.

mod listed;

pub use listed::HeaderBytes;

use super::Text;
use listed::Listed;
use memchr::{memchr, memchr_iter};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use shared::json::Scanner;
use std::borrow::Cow;
use std::fmt;

/// Headers in order; names may repeat, values may be null.
///
/// Kept as the JSON that they came in, since few of them are ever looked at: each byte is a number there.
#[derive(Clone)]
pub struct Headers<'a>(Cow<'a, str>);

impl<'a> Headers<'a> {
    pub(super) fn of(headers: impl IntoIterator<Item = (&'a str, Option<&'a [u8]>)>) -> Self {
        let headers =
            headers.into_iter().map(|(name, value)| (name.into(), value.map(|bytes| HeaderBytes(bytes.to_vec()))));
        // Lists of numbers under text: writing them can't fail.
        serde_json::to_string(&Listed(headers.collect())).map_or_else(|_| Self::default(), |json| Self(json.into()))
    }

    /// All of them, decoded.
    #[must_use]
    pub fn list(&self) -> Vec<(Text<'_>, Option<HeaderBytes>)> {
        // Looked through when they were read.
        serde_json::from_str(&self.0).map_or_else(|_| Vec::new(), |Listed(list)| list)
    }

    /// The first value under this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        // Most records have no such header, which is seen faster than it is decoded.
        let json = self.0.as_bytes();
        let begins = |quote: usize| json.get(quote + 1..).is_some_and(|text| text.starts_with(name.as_bytes()));
        if !memchr_iter(b'"', json).any(begins) && memchr(b'\\', json).is_none() {
            return None;
        }
        let (_, value) = self.list().into_iter().find(|(known, _)| **known == *name)?;
        value.map(|bytes| bytes.0)
    }

    /// Of a plainly written list.
    pub(super) fn scan(scanner: &mut Scanner<'a>) -> Option<Self> {
        if scanner.word("null").is_some() {
            return Some(Self::default());
        }
        let start = scanner.mark();
        scanner.array(|scanner| {
            scanner.object(|scanner, _| {
                if scanner.word("null").is_none() {
                    scanner.bytes()?;
                }
                Some(true)
            })?;
            Some(())
        })?;
        scanner.since(start).map(|text| Self(text.into()))
    }
}

impl Default for Headers<'_> {
    fn default() -> Self {
        Self("[]".into())
    }
}

impl PartialEq for Headers<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.list() == other.list()
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Headers").field(&self.list()).finish()
    }
}

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Headers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        let _: Listed<'_> = serde_json::from_str(text).map_err(D::Error::custom)?;
        Ok(Self(text.into()))
    }
}
