use super::{Fact, Question, devices, sums::rate, time, updates::Result, updates::Update};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn answer(facts: &[Fact], question: &Question) -> Value {
    let window = question.window.widened();
    let (mut installs, mut failures) = (Vec::new(), Vec::new());
    for update in Update::selected(facts, question) {
        match update.result() {
            Result::Successful(at) if window.contains(at) => installs.push(at),
            Result::Failed(at) if window.contains(at) => failures.push(at),
            _ => {}
        }
    }
    let mut hours: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for at in &installs {
        hours.entry(time::utc_hour(*at)).or_default().0 += 1;
    }
    for at in &failures {
        hours.entry(time::utc_hour(*at)).or_default().1 += 1;
    }
    let interval = question.interval.unwrap_or_else(|| time::Interval::default_for(question.window));
    let start = |at: i64| time::start(at, interval, &question.timezone);
    let trend = time::starts(window, interval, &question.timezone).into_iter().map(|at| {
        let count = |times: &[i64]| times.iter().filter(|time| start(**time) == at).count();
        json!({"start": at, "installs": count(&installs), "failures": count(&failures)})
    });
    let total = installs.len() + failures.len();
    let adopted = question.target_version.as_ref().map(|target| {
        let devices = devices::active(facts, question);
        (devices.iter().filter(|device| device.version == *target).count(), devices.len())
    });
    json!({
        "total_updates": total,
        "successful_updates": installs.len(),
        "failed_updates": failures.len(),
        "success_rate": rate(installs.len(), total, 2),
        "hourly_installs": hours.into_iter()
            .map(|(hour, (installs, failures))| json!({"hour": hour, "installs": installs, "failures": failures}))
            .collect::<Vec<_>>(),
        "trend": trend.collect::<Vec<_>>(),
        "active_devices": adopted.map(|(_, active)| active),
        "adopted_devices": adopted.map(|(adopted, _)| adopted),
        "adoption_rate": adopted.map_or(Value::Null, |(adopted, active)| rate(adopted, active, 2)),
    })
}
