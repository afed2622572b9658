use super::{Fact, Question, devices, sums::rounded, time, time::QUARTER_HOUR};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub fn answer(facts: &[Fact], question: &Question) -> Value {
    let window = question.window.widened();
    let devices = devices::active(facts, question);
    let mut dates: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    let mut at = window.from;
    while at < window.to {
        dates.entry(time::date(at, &question.timezone)).or_default();
        at += QUARTER_HOUR;
    }
    for device in &devices {
        for fact in &device.facts {
            dates.entry(time::date(fact.time, &question.timezone)).or_default().insert(device.id.clone());
        }
    }
    let sum: usize = dates.values().map(BTreeSet::len).sum();
    json!({
        "total_active_devices": devices.len(),
        "average_daily_active_devices": rounded(sum as f64 / dates.len() as f64, 3),
        "daily_breakdown": dates.iter()
            .map(|(date, devices)| json!({"date": date, "active_devices": devices.len()}))
            .collect::<Vec<_>>(),
    })
}
