//! A JSON value that borrows from its text and has no duplicate key anywhere.

use super::{Text, path::Path};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::{borrow::Cow, collections::HashSet, fmt};

/// Objects with more members than this find duplicates by hash, so that no input is quadratic.
const FEW: usize = 16;
pub(super) const DUPLICATE_KEY: &str = "this key stands twice in one object";

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(Text<'a>),
    Array(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// Members in the order they were written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Object<'a>(pub(super) Vec<(Text<'a>, Json<'a>)>);

impl<'a> Object<'a> {
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json<'a>> {
        self.0.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl<'a> Json<'a> {
    /// Text that is known to be JSON.
    pub fn parse(text: &'a str) -> Option<Self> {
        Reader(&Path::untracked()).deserialize(&mut serde_json::Deserializer::from_str(text)).ok()
    }

    /// `null`, `""` and `{}` say nothing.
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Object(object) => object.0.iter().all(|(_, value)| value.is_absent()),
            Self::Bool(_) | Self::Unsigned(_) | Self::Negative(_) | Self::Float(_) | Self::Array(_) => false,
        }
    }

    /// For messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Unsigned(_) | Self::Negative(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// Reads one value; `path` is left at the place of an error.
pub(super) struct Reader<'p>(pub &'p Path);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(u64::try_from(value).map_or(Json::Negative(value), Json::Unsigned))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut array = Vec::new();
        loop {
            self.0.enter_index(array.len());
            let Some(item) = items.next_element_seed(Reader(self.0))? else { break };
            self.0.leave();
            array.push(item);
        }
        self.0.leave();
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Json<'de>, A::Error> {
        let path = self.0;
        read_members(path, members, |_, members| members.next_value_seed(Reader(path))).map(Json::Object)
    }
}

/// Reads an object's members, each value by `read`.
pub(super) fn read_members<'de, A: MapAccess<'de>>(
    path: &Path,
    mut members: A,
    mut read: impl FnMut(&str, &mut A) -> Result<Json<'de>, A::Error>,
) -> Result<Object<'de>, A::Error> {
    let mut object = Object::default();
    let mut seen: HashSet<Text<'de>> = HashSet::new();
    while let Some(Key(key)) = members.next_key()? {
        path.enter(&key);
        let duplicate = if object.0.len() < FEW {
            object.get(&key).is_some()
        } else {
            if seen.is_empty() {
                seen.extend(object.0.iter().map(|(key, _)| key.clone()));
            }
            !seen.insert(key.clone())
        };
        if duplicate {
            return Err(A::Error::custom(DUPLICATE_KEY));
        }
        let value = read(&key, &mut members)?;
        path.leave();
        object.0.push((key, value));
    }
    Ok(object)
}

/// An object's key, borrowed where it has no escapes.
struct Key<'a>(Text<'a>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(value)))
            }

            fn visit_str<E>(self, value: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(value.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}
