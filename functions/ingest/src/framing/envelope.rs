//! The object around a batch's events.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Value, value::RawValue};
use std::{collections::HashSet, fmt};

/// What a batch's object has; members that it doesn't know are left aside.
#[derive(Debug, Default)]
pub(super) struct Envelope<'a> {
    pub events: Option<&'a RawValue>,
    pub sent_at: Option<Value>,
    /// The first key that stands twice, known or not.
    pub repeated: Option<String>,
}

impl<'de> Deserialize<'de> for Envelope<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `events`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Envelope<'de>, A::Error> {
        let mut envelope = Envelope::default();
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            match key.as_str() {
                "events" => envelope.events = members.next_value()?,
                "sent_at" => envelope.sent_at = members.next_value()?,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
            if let Some(key) = seen.replace(key) {
                envelope.repeated.get_or_insert(key);
            }
        }
        Ok(envelope)
    }
}
