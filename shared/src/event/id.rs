//! The id of an event that was given none: a hash of what it says.
//!
//! The same event said again has the same id: the order of keys, the spelling of numbers and of the instant's offset, and
//! absent members don't matter; `sent_at` and fields that aren't ours don't count, but all of `payload` does.

use super::{
    EventType, Text,
    document::present,
    json::{Json, Object},
    plain::Fields,
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
    let mut content = Content::at(timestamp);
    for (object, fields) in CONTENT {
        let object = match event.get(object) {
            _ if object.is_empty() => Some(event),
            Some(Json::Object(object)) => Some(object),
            _ => None,
        };
        for field in *fields {
            match present(object, field) {
                Some(value) => content.value(value),
                None => content.nothing(),
            }
        }
    }
    if let Some(payload) = present(Some(event), "payload") {
        content.value(payload);
    }
    content.id()
}

/// The same of what was read fast.
pub(super) fn derive_plain(event: &Fields<'_>, timestamp: Timestamp, event_type: EventType) -> Uuid {
    let Fields { device, release, network, performance, error, .. } = event;
    let mut content = Content::at(timestamp);
    content.texts([&event.tenant_id, &event.org_id, &event.app_id, &event.device_id, &event.session_id]);
    content.bytes(b's', event_type.as_str().as_bytes());
    content.texts([&device.os, &device.os_version, &device.model, &device.manufacturer]);
    content.texts([&release.current_version, &release.target_version, &release.release_notes]);
    content.texts([&network.connection_type]);
    content.numbers([network.bandwidth_mbps]);
    content.numbers([
        performance.download_speed_mbps,
        performance.install_duration_seconds,
        performance.battery_level,
        performance.storage_available_mb,
    ]);
    content.texts([&error.error_code, &error.error_message, &error.failure_stage]);
    if let Some(payload) = event.payload_text.and_then(Json::parse) {
        content.value(&payload);
    }
    content.id()
}

/// What is hashed: a tag and a length before all bytes, so that no two contents read alike.
struct Content(Vec<u8>);

impl Content {
    fn at(timestamp: Timestamp) -> Self {
        let mut content = Self(Vec::with_capacity(1536));
        content.0.extend_from_slice(b"ota-event-id/1");
        content.bytes(b't', &timestamp.as_nanosecond().to_be_bytes());
        content
    }

    fn id(&self) -> Uuid {
        let digest: [u8; 32] = Sha256::digest(&self.0).into();
        let mut id = [0; 16];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Uuid::new_v8(id)
    }

    fn bytes(&mut self, tag: u8, bytes: &[u8]) {
        self.0.push(tag);
        self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn nothing(&mut self) {
        self.bytes(b'-', b"");
    }

    fn texts<const N: usize>(&mut self, texts: [&Option<Text<'_>>; N]) {
        for text in texts {
            match text {
                Some(text) => self.bytes(b's', text.as_bytes()),
                None => self.nothing(),
            }
        }
    }

    fn numbers<const N: usize>(&mut self, numbers: [Option<f64>; N]) {
        for number in numbers {
            match number {
                Some(number) => self.float(number),
                None => self.nothing(),
            }
        }
    }

    /// Rust writes a float in decimal without exponent, and a whole one as an integer is written.
    fn float(&mut self, number: f64) {
        let whole = number as u64;
        if whole as f64 == number && whole < 1 << 53 {
            // Minus zero is zero.
            return self.whole(whole);
        }
        self.bytes(b'n', number.to_string().as_bytes());
    }

    fn whole(&mut self, number: impl ToString) {
        self.bytes(b'n', number.to_string().as_bytes());
    }

    fn value(&mut self, value: &Json<'_>) {
        match value {
            Json::Null => self.bytes(b'0', b""),
            Json::Bool(value) => self.bytes(b'b', &[u8::from(*value)]),
            Json::Unsigned(number) => self.whole(number),
            Json::Negative(number) => self.whole(number),
            Json::Float(number) => self.float(*number),
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
