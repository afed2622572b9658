//! A JSON object that may be an event.

use super::{
    Rejection,
    json::{DUPLICATE_KEY, Json, Object, Reader, read_members},
    path::Path,
    plain::{Fields, is_id},
};
use crate::problem::FieldError;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// One JSON object without duplicate keys. What its members mean may not be checked yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<'a> {
    bytes: &'a [u8],
    pub(super) content: Content<'a>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content<'a> {
    /// Read fast: what is in it keeps every rule that needs no clock.
    Plain(Box<Fields<'a>>),
    Tree(Tree<'a>),
}

/// All that was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree<'a> {
    pub members: Object<'a>,
    /// The text of `payload`, as it was written.
    pub payload_text: Option<&'a str>,
}

impl<'a> Document<'a> {
    /// # Errors
    /// Not JSON, not an object, a number that is too large, or a key that stands twice; names the place.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Rejection> {
        match Fields::read(bytes) {
            Some(fields) => Ok(Self { bytes, content: Content::Plain(fields) }),
            None => Self::parse_carefully(bytes),
        }
    }

    #[cold]
    pub(super) fn parse_carefully(bytes: &'a [u8]) -> Result<Self, Rejection> {
        match read(bytes, &Path::untracked()) {
            Ok(tree) => Ok(Self { bytes, content: Content::Tree(tree) }),
            Err(error) => Err(Rejection { event_id: event_id_in(bytes), errors: vec![explain(bytes, &error)] }),
        }
    }

    /// `event_id` as the client gave it, if it is text.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        match &self.content {
            Content::Plain(fields) => fields.event_id.as_ref().map(|(text, _)| &**text),
            Content::Tree(tree) => tree.event_id(),
        }
    }

    /// Replaces a given `device_id`, before anything is derived from it.
    pub fn pseudonymise(&mut self, replace: impl FnOnce(&str) -> String) {
        match &mut self.content {
            Content::Tree(tree) => tree.pseudonymise(replace),
            Content::Plain(fields) => {
                let device_id = replace(fields.device_id.as_deref().unwrap_or_default());
                if is_id(&device_id) {
                    fields.device_id = Some(Cow::Owned(device_id));
                } else if let Ok(mut tree) = read(self.bytes, &Path::untracked()) {
                    tree.pseudonymise(|_| device_id);
                    self.content = Content::Tree(tree);
                }
            }
        }
    }
}

impl Tree<'_> {
    pub fn event_id(&self) -> Option<&str> {
        match self.members.get("event_id") {
            Some(Json::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn pseudonymise(&mut self, replace: impl FnOnce(&str) -> String) {
        if let Some(Json::Text(device_id)) = self.members.get_mut("device_id")
            && !device_id.is_empty()
        {
            *device_id = Cow::Owned(replace(device_id));
        }
    }
}

fn read<'a>(bytes: &'a [u8], path: &Path) -> Result<Tree<'a>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let tree = TreeReader(path).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(tree)
}

/// The `event_id` of what can't be read whole, if that much can be read.
fn event_id_in(bytes: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        event_id: String,
    }
    serde_json::from_slice(bytes).ok().map(|named: Named| named.event_id).filter(|id| !id.is_empty())
}

/// The error again, with the place that it is at.
fn explain(bytes: &[u8], error: &serde_json::Error) -> FieldError {
    let path = Path::tracked();
    let _ = read(bytes, &path);
    let (field, text) = (path.text(), error.to_string());
    if text.starts_with(DUPLICATE_KEY) {
        FieldError::new(field, "duplicate_key", DUPLICATE_KEY)
    } else if text.starts_with("number out of range") {
        FieldError::new(field, "out_of_range", "must be a finite number")
    } else if text.starts_with(NOT_AN_OBJECT) {
        FieldError::new("", "wrong_type", "an event must be a JSON object")
    } else {
        FieldError::new(field, "malformed_json", format!("is not valid JSON: {text}"))
    }
}

const NOT_AN_OBJECT: &str = "invalid type";

struct TreeReader<'p>(&'p Path);

impl<'de> DeserializeSeed<'de> for TreeReader<'_> {
    type Value = Tree<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TreeReader<'_> {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Tree<'de>, A::Error> {
        let path = self.0;
        let mut payload_text = None;
        let members = read_members(path, members, |key, members| {
            if key != "payload" {
                return members.next_value_seed(Reader(path));
            }
            // Read twice: its text is kept as it was written, and its members are checked.
            let text = members.next_value::<&'de RawValue>()?.get();
            payload_text = Some(text);
            let mut deserializer = serde_json::Deserializer::from_str(text);
            Reader(path).deserialize(&mut deserializer).map_err(serde::de::Error::custom)
        })?;
        Ok(Tree { members, payload_text })
    }
}

/// A member that says something.
pub(super) fn present<'o, 'a>(object: Option<&'o Object<'a>>, name: &str) -> Option<&'o Json<'a>> {
    object?.get(name).filter(|value| !value.is_absent())
}
