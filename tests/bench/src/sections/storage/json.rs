//! A stored event as the API's JSON, as the device that sent it wrote it.

use anyhow::Context;
use serde_json::{Map, Value};

/// Columns by the object that they come from.
const OBJECTS: [(&str, &[(&str, &str)]); 5] = [
    (
        "device_info",
        &[
            ("device_os", "os"),
            ("device_os_version", "os_version"),
            ("device_model", "model"),
            ("device_manufacturer", "manufacturer"),
        ],
    ),
    ("release_info", &[("current_version", "current_version"), ("target_version", "target_version")]),
    ("network_info", &[("connection_type", "connection_type"), ("bandwidth_mbps", "bandwidth_mbps")]),
    (
        "performance_metrics",
        &[
            ("download_speed_mbps", "download_speed_mbps"),
            ("install_duration_seconds", "install_duration_seconds"),
            ("battery_level", "battery_level"),
            ("storage_available_mb", "storage_available_mb"),
        ],
    ),
    (
        "error_info",
        &[("error_code", "error_code"), ("error_message", "error_message"), ("failure_stage", "failure_stage")],
    ),
];
const OWN: [&str; 7] = ["event_id", "tenant_id", "org_id", "app_id", "device_id", "session_id", "event_type"];

/// Bytes of the event that this row was, given as one of `JSONEachRow`.
pub fn size(row: &str) -> anyhow::Result<usize> {
    Ok(serde_json::to_vec(&event(row)?)?.len())
}

fn event(row: &str) -> anyhow::Result<Value> {
    let row: Map<String, Value> = serde_json::from_str(row).context("a row")?;
    let value = |column: &str| row.get(column).filter(|value| !value.is_null()).cloned();
    let mut event = Map::new();
    for name in OWN {
        event.extend(value(name).map(|value| (name.to_owned(), value)));
    }
    let timestamp = value("timestamp").and_then(|text| Some(format!("{}Z", text.as_str()?.replace(' ', "T"))));
    event.extend(timestamp.map(|text| ("timestamp".to_owned(), Value::from(text))));
    let payload = value("payload").and_then(|text| serde_json::from_str::<Map<String, Value>>(text.as_str()?).ok());
    let payload = payload.unwrap_or_default();
    for (object, members) in OBJECTS {
        // What the payload says isn't said twice.
        let members = members.iter().filter(|(_, name)| !payload.contains_key(*name));
        let object_of: Map<String, Value> =
            members.filter_map(|(column, name)| Some(((*name).to_owned(), value(column)?))).collect();
        if !object_of.is_empty() {
            event.insert(object.to_owned(), object_of.into());
        }
    }
    event.insert("payload".to_owned(), payload.into());
    Ok(event.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_what_was_sent() {
        let row = r#"{"event_id":"i","tenant_id":"t","device_id":"d","session_id":null,"event_type":"update_started","timestamp":"2026-01-02 03:04:05.678",
            "received_at":"2026-01-02 03:04:06.000","device_os":"ios","current_version":"1","target_version":"2","battery_level":null,
            "payload":"{\"current_version\":\"1\",\"progress\":48}"}"#;
        let expected = serde_json::json!({
            "event_id": "i", "tenant_id": "t", "device_id": "d", "event_type": "update_started", "timestamp": "2026-01-02T03:04:05.678Z",
            "device_info": {"os": "ios"}, "release_info": {"target_version": "2"},
            "payload": {"current_version": "1", "progress": 48},
        });
        assert_eq!(event(row).unwrap(), expected);
        assert_eq!(size(row).unwrap(), expected.to_string().len());
    }
}
