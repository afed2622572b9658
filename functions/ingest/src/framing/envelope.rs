//! The object around a batch's events.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::{collections::HashSet, fmt, marker::PhantomData};

/// What a batch's object has, its events read as `E`; members that it doesn't know are left aside.
#[derive(Debug)]
pub(super) struct Envelope<E> {
    pub events: Option<E>,
    pub sent_at: Option<Value>,
    /// The first key that stands twice, known or not.
    pub repeated: Option<String>,
}

impl<'de, E: Deserialize<'de>> Deserialize<'de> for Envelope<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData))
    }
}

struct Members<E>(PhantomData<E>);

impl<'de, E: Deserialize<'de>> Visitor<'de> for Members<E> {
    type Value = Envelope<E>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `events`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Envelope<E>, A::Error> {
        let mut envelope = Envelope { events: None, sent_at: None, repeated: None };
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
