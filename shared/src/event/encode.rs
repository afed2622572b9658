//! An event as Kafka carries it: JSON in the shape that clients send, with its id, so that one parser reads both.

use super::{Event, Text, timestamp::write_timestamp};
use jiff::Timestamp;

impl Event<'_> {
    /// The Kafka record's value. Parsing it gives the event again, for the same `received_at`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let payload = self.payload.as_deref();
        let mut json = Json(Vec::with_capacity(768 + payload.map_or(0, str::len)));
        let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
        json.key("{\"event_id\":\"", self.event_id.hyphenated().encode_lower(&mut id));
        json.text("\",\"tenant_id\":", &self.tenant_id);
        json.text(",\"org_id\":", &self.org_id);
        json.text(",\"app_id\":", &self.app_id);
        json.text(",\"device_id\":", &self.device_id);
        if let Some(session_id) = &self.session_id {
            json.text(",\"session_id\":", session_id);
        }
        json.key(",\"event_type\":\"", self.event_type.as_str());
        json.instant("\",\"timestamp\":\"", self.timestamp);
        if let Some(sent_at) = self.sent_at {
            json.instant(",\"sent_at\":\"", sent_at);
        }
        let (device, release, network) = (&self.device, &self.release, &self.network);
        json.object(",\"device_info\":{", |json| {
            json.optional_text("\"os\":", &device.os);
            json.optional_text("\"os_version\":", &device.os_version);
            json.optional_text("\"model\":", &device.model);
            json.optional_text("\"manufacturer\":", &device.manufacturer);
        });
        json.object(",\"release_info\":{", |json| {
            json.optional_text("\"current_version\":", &release.current_version);
            json.optional_text("\"target_version\":", &release.target_version);
            json.optional_text("\"release_notes\":", &release.release_notes);
        });
        json.object(",\"network_info\":{", |json| {
            json.optional_text("\"connection_type\":", &network.connection_type);
            json.optional_number("\"bandwidth_mbps\":", network.bandwidth_mbps);
        });
        let (performance, error) = (&self.performance, &self.error);
        json.object(",\"performance_metrics\":{", |json| {
            json.optional_number("\"download_speed_mbps\":", performance.download_speed_mbps);
            json.optional_number("\"install_duration_seconds\":", performance.install_duration_seconds);
            json.optional_number("\"battery_level\":", performance.battery_level);
            json.optional_number("\"storage_available_mb\":", performance.storage_available_mb);
        });
        json.object(",\"error_info\":{", |json| {
            json.optional_text("\"error_code\":", &error.error_code);
            json.optional_text("\"error_message\":", &error.error_message);
            json.optional_text("\"failure_stage\":", &error.failure_stage);
        });
        if let Some(payload) = payload {
            // Its text as the client wrote it.
            json.key(",\"payload\":", payload);
        }
        json.0.push(b'}');
        json.0
    }
}

/// JSON under construction.
struct Json(Vec<u8>);

impl Json {
    /// A key with all that stands around it, and what goes behind it as it is.
    fn key(&mut self, key: &str, value: &str) {
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(value.as_bytes());
    }

    fn text(&mut self, key: &str, text: &str) {
        self.0.extend_from_slice(key.as_bytes());
        let plain = text.bytes().fold(true, |plain, byte| plain & !matches!(byte, 0..0x20 | b'"' | b'\\'));
        if plain {
            self.0.push(b'"');
            self.0.extend_from_slice(text.as_bytes());
            self.0.push(b'"');
        } else {
            // Writing text to memory can't fail.
            let _ = serde_json::to_writer(&mut self.0, text);
        }
    }

    fn optional_text(&mut self, key: &str, text: &Option<Text<'_>>) {
        if let Some(text) = text {
            self.text(key, text);
            self.0.push(b',');
        }
    }

    fn optional_number(&mut self, key: &str, number: Option<f64>) {
        let Some(number) = number else { return };
        self.0.extend_from_slice(key.as_bytes());
        // Numbers are finite, and writing them to memory can't fail.
        let _ = serde_json::to_writer(&mut self.0, &number);
        self.0.push(b',');
    }

    fn instant(&mut self, key: &str, instant: Timestamp) {
        self.0.extend_from_slice(key.as_bytes());
        write_timestamp(&mut self.0, instant);
        self.0.push(b'"');
    }

    /// An object whose members each end in a comma; none of it where it has no members.
    fn object(&mut self, key: &str, members: impl FnOnce(&mut Self)) {
        let before = self.0.len();
        self.0.extend_from_slice(key.as_bytes());
        let empty = self.0.len();
        members(self);
        if self.0.len() == empty {
            self.0.truncate(before);
        } else {
            // In place of the last comma.
            self.0.pop();
            self.0.push(b'}');
        }
    }
}
