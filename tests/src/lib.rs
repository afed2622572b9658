//! End-to-end tests' own tools: the running system, clients for it, streams of events, and a model of what must be answered.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's tool fails the test")]

pub mod model;
pub mod stream;
mod system;

pub use system::{Answer, Letter, System};

use serde_json::{Value, json};

/// A runtime for tests that aren't async themselves.
#[must_use]
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

/// An event of a device that moves from 1.0.0 to 1.1.0.
#[must_use]
pub fn event(tenant: &str, device: &str, event_type: &str, timestamp: &str) -> Value {
    json!({
        "tenant_id": tenant, "org_id": "org", "app_id": "app", "device_id": device,
        "event_type": event_type, "timestamp": timestamp,
        "device_info": {"os": "Android", "os_version": "14", "model": "Pixel 8", "manufacturer": "Google"},
        "release_info": {"current_version": "1.0.0", "target_version": "1.1.0"},
    })
}

/// An instant so long ago, to the second.
#[must_use]
pub fn minutes_ago(minutes: i64) -> String {
    let now = jiff::Timestamp::now().as_second();
    jiff::Timestamp::from_second(now - 60 * minutes).unwrap().to_string()
}
