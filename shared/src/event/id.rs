//! The id of an event that was given none: a hash of what it says.
//!
//! The same event said again has the same id: the order of keys, the spelling of numbers and of the instant's offset, and
//! absent members don't matter; `sent_at` and fields that aren't ours don't count, but all of `payload` does.

use super::{
    document::present,
    json::{Json, Object},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Our fields with text or numbers, by object, in an order that never changes.
const CONTENT: &[(&str, &[&str])] = &[
    ("", &["tenant_id", "org_id", "app_id", "device_id", "session_id", "event_type"]),
    ("device_info", &["os", "os_version", "model", "manufacturer"]),
    ("release_info", &["current_version", "target_version", "release_notes"]),
    ("network_info", &["connection_type", "bandwidth_mbps"]),
    (
        "performance_metrics",
        &["download_speed_mbps", "install_duration_seconds", "battery_level", "storage_available_mb"],
    ),
    ("error_info", &["error_code", "error_message", "failure_stage"]),
];

/// UUID version 8 of the content.
pub(super) fn derive(event: &Object<'_>, timestamp: Timestamp) -> Uuid {
    let mut content = Content(Sha256::new_with_prefix(b"ota-event-id/1"));
    content.bytes(b't', &timestamp.as_nanosecond().to_be_bytes());
    for (object, fields) in CONTENT {
        let object = match event.get(object) {
            _ if object.is_empty() => Some(event),
            Some(Json::Object(object)) => Some(object),
            _ => None,
        };
        for field in *fields {
            match present(object, field) {
                Some(value) => content.value(value),
                None => content.bytes(b'-', b""),
            }
        }
    }
    if let Some(payload) = present(Some(event), "payload") {
        content.value(payload);
    }
    let digest: [u8; 32] = content.0.finalize().into();
    let mut id = [0; 16];
    id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    Uuid::new_v8(id)
}

/// What is hashed: a tag and a length before all bytes, so that no two contents read alike.
struct Content(Sha256);

impl Content {
    fn bytes(&mut self, tag: u8, bytes: &[u8]) {
        self.0.update([tag]);
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn value(&mut self, value: &Json<'_>) {
        match value {
            Json::Null => self.bytes(b'0', b""),
            Json::Bool(value) => self.bytes(b'b', &[u8::from(*value)]),
            Json::Unsigned(number) => self.bytes(b'n', number.to_string().as_bytes()),
            Json::Negative(number) => self.bytes(b'n', number.to_string().as_bytes()),
            // Rust writes a float in decimal without exponent, and a whole one as an integer is written.
            Json::Float(number) if *number == 0.0 => self.bytes(b'n', b"0"),
            Json::Float(number) => self.bytes(b'n', number.to_string().as_bytes()),
            Json::Text(text) => self.bytes(b's', text.as_bytes()),
            Json::Array(items) => {
                self.bytes(b'a', &(items.len() as u64).to_be_bytes());
                // An item that says nothing still has its position.
                items.iter().for_each(|item| if item.is_absent() { self.bytes(b'0', b"") } else { self.value(item) });
            }
            Json::Object(object) => {
                let mut members: Vec<_> = object.0.iter().filter(|(_, value)| !value.is_absent()).collect();
                members.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
                self.bytes(b'o', &(members.len() as u64).to_be_bytes());
                for (key, value) in members {
                    self.bytes(b'k', key.as_bytes());
                    self.value(value);
                }
            }
        }
    }
}
