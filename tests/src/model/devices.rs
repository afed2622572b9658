//! Devices active in the window, each with its newest values there.

use super::{DeviceId, Fact, Question, newest, or_unknown, sums::limited, sums::rate, updates::grouped};
use serde_json::{Value, json};
use std::collections::HashMap;

pub struct Device {
    pub id: DeviceId,
    pub version: String,
    pub facts: Vec<Fact>,
}

impl Device {
    fn value(&self, segment: &str) -> String {
        match segment {
            "device_os" => or_unknown(newest(&self.facts, |fact| fact.device_os.clone())),
            "device_os_version" => or_unknown(newest(&self.facts, |fact| fact.device_os_version.clone())),
            "device_model" => or_unknown(newest(&self.facts, |fact| fact.device_model.clone())),
            "app_id" => self.id.2.clone(),
            other => panic!("no such segment: {other}"),
        }
    }
}

/// Devices with any event in the window, whose newest operating system there is the asked one.
pub fn active(facts: &[Fact], question: &Question) -> Vec<Device> {
    let window = question.window.widened();
    let mut devices: HashMap<DeviceId, Vec<Fact>> = HashMap::new();
    for fact in facts.iter().filter(|fact| window.contains(fact.time)) {
        devices.entry(fact.device_id()).or_default().push(fact.clone());
    }
    let devices = devices.into_iter().map(|(id, facts)| {
        let version = or_unknown(newest(&facts, Fact::running_version));
        Device { id, version, facts }
    });
    let fits = |device: &Device| question.device_os.as_ref().is_none_or(|asked| *asked == device.value("device_os"));
    devices.filter(fits).collect()
}

pub fn answer(facts: &[Fact], question: &Question) -> Value {
    let devices = active(facts, question);
    let limit = question.limit.unwrap_or(100);
    let mut data = versions(&devices.iter().collect::<Vec<_>>(), limit);
    if let Some(segment) = &question.segment {
        let members = devices.iter().collect::<Vec<_>>();
        let segments = limited(grouped(members, |device| vec![device.value(segment)]), limit);
        let segments = segments.into_iter().map(|(name, devices)| {
            let mut row = versions(&devices, limit);
            row[segment] = json!(name[0]);
            row
        });
        data["segments"] = segments.collect();
    }
    data
}

fn versions(devices: &[&Device], limit: usize) -> Value {
    let groups = grouped(devices.to_vec(), |device| vec![device.version.clone()]);
    let rows = limited(groups, limit).into_iter().map(|(version, members)| {
        json!({
            "version": version[0],
            "device_count": members.len(),
            "percentage": rate(members.len(), devices.len(), 1),
        })
    });
    json!({"versions": rows.collect::<Vec<_>>(), "total_devices": devices.len()})
}
