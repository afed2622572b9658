//! Reads members by type and rule, and collects what is wrong with them.

use super::{
    Text, Warning,
    document::present,
    json::{Json, Object},
    timestamp::parse_timestamp,
};
use crate::problem::FieldError;
use jiff::Timestamp;
use std::borrow::Cow;

/// Bytes that a text is cut at.
pub(super) const TEXT: usize = 256;
pub(super) const LONG_TEXT: usize = 8 * 1024;
/// Bytes that an id may have.
pub(super) const ID: usize = 128;

/// Everything found wrong or worth a warning so far.
#[derive(Default)]
pub(super) struct Findings {
    pub errors: Vec<FieldError>,
    pub warnings: Vec<Warning>,
}

/// An object of the event with the names of its members' paths.
#[derive(Clone, Copy)]
pub(super) struct Place<'o, 'a> {
    pub object: Option<&'o Object<'a>>,
    /// `device_info.`, or nothing at the top.
    pub prefix: &'static str,
}

impl Findings {
    pub fn error(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, code, message));
    }

    fn wrong_type(&mut self, field: &str, expected: &str, found: &Json<'_>) {
        self.error(field, "wrong_type", format!("must be {expected}, not {}", found.kind()));
    }

    /// An object of the event; anything else is an error.
    pub fn object<'o, 'a>(&mut self, top: &'o Object<'a>, name: &'static str, prefix: &'static str) -> Place<'o, 'a> {
        let object = match present(Some(top), name) {
            Some(Json::Object(object)) => Some(object),
            Some(other) => {
                self.wrong_type(name, "an object", other);
                None
            }
            None => None,
        };
        Place { object, prefix }
    }

    /// Any text, uncut.
    pub fn whole_text<'a>(&mut self, field: &'static str, place: Place<'_, 'a>) -> Option<Text<'a>> {
        match present(place.object, place.name(field))? {
            Json::Text(text) => Some(text.clone()),
            other => {
                self.wrong_type(field, "a string", other);
                None
            }
        }
    }

    /// Text, cut at `limit` bytes with a warning.
    pub fn text<'a>(&mut self, field: &'static str, place: Place<'_, 'a>, limit: usize) -> Option<Text<'a>> {
        let text = self.whole_text(field, place)?;
        if text.len() <= limit {
            return Some(text);
        }
        self.warnings.push(Warning { field, code: "truncated" });
        let end = text.floor_char_boundary(limit);
        Some(match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.split_at_checked(end).map_or(text, |(kept, _)| kept)),
            Cow::Owned(mut text) => {
                text.truncate(end);
                Cow::Owned(text)
            }
        })
    }

    /// Text of at most 128 bytes.
    pub fn short_text<'a>(&mut self, field: &'static str, place: Place<'_, 'a>) -> Option<Text<'a>> {
        let text = self.whole_text(field, place)?;
        if text.len() > ID {
            self.error(field, "too_long", format!("must have at most {ID} bytes, has {}", text.len()));
            return None;
        }
        Some(text)
    }

    /// A required name: 1–128 bytes, no control characters.
    pub fn id<'a>(&mut self, field: &'static str, place: Place<'_, 'a>) -> Option<Text<'a>> {
        if present(place.object, place.name(field)).is_none() {
            self.error(field, "required", "is required");
            return None;
        }
        let id = self.short_text(field, place)?;
        if has_control_character(&id) {
            self.error(field, "control_character", "must not have control characters");
            return None;
        }
        Some(id)
    }

    /// A number from 0 to `most`.
    pub fn number(&mut self, field: &'static str, place: Place<'_, '_>, most: f64) -> Option<f64> {
        let number = match present(place.object, place.name(field))? {
            Json::Unsigned(number) => *number as f64,
            Json::Negative(number) => *number as f64,
            Json::Float(number) => *number,
            other => {
                self.wrong_type(field, "a number", other);
                return None;
            }
        };
        if !(0.0..=most).contains(&number) {
            let rule =
                if most.is_finite() { format!("must be from 0 to {most}") } else { "must not be negative".to_owned() };
            self.error(field, "out_of_range", rule);
            return None;
        }
        // Minus zero is zero.
        Some(number.abs())
    }

    /// An instant, to the nanosecond.
    pub fn timestamp(&mut self, field: &'static str, place: Place<'_, '_>) -> Option<Timestamp> {
        let text = self.whole_text(field, place)?;
        let instant = parse_timestamp(&text);
        if instant.is_none() {
            let rule =
                "must be an RFC 3339 date and time with offset (2025-06-03T10:30:00Z), of a year from 1900 to 2299";
            self.error(field, "invalid_format", rule);
        }
        instant
    }
}

pub(super) fn has_control_character(text: &str) -> bool {
    let plain = text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
    !plain && text.chars().any(char::is_control)
}

impl Place<'_, '_> {
    /// The member's own name in a path.
    fn name(self, field: &'static str) -> &'static str {
        field.strip_prefix(self.prefix).unwrap_or(field)
    }
}
