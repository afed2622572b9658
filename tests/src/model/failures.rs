use super::{
    Fact, Question,
    sums::{limited, rate},
    time,
    updates::{Result, Update, grouped},
};
use serde_json::{Value, json};
use shared::event::EventType;
use std::collections::HashSet;

pub fn answer(facts: &[Fact], question: &Question) -> Value {
    let window = question.window.widened();
    let updates = Update::selected(facts, question);
    let (mut successful, mut failed, mut rollbacks, mut failure_events) = (0, Vec::new(), Vec::new(), HashSet::new());
    for update in &updates {
        match update.result() {
            Result::Successful(at) if window.contains(at) => successful += 1,
            Result::Failed(at) if window.contains(at) => failed.push((at, update)),
            _ => {}
        }
        let rolled_back = update.of_type(EventType::is_rollback).map(|fact| fact.time).max();
        rollbacks.extend(rolled_back.filter(|at| window.contains(*at)));
        let events = update.of_type(|kind| kind == EventType::UpdateFailed).filter(|fact| window.contains(fact.time));
        failure_events.extend(events.map(|fact| (fact.org.clone(), fact.app.clone(), fact.event_id.clone())));
    }
    let interval = question.interval.unwrap_or_else(|| time::Interval::default_for(question.window));
    let start = |at: i64| time::start(at, interval, &question.timezone);
    let trend = time::starts(window, interval, &question.timezone).into_iter().map(|at| {
        json!({
            "start": at,
            "failures": failed.iter().filter(|(time, _)| start(*time) == at).count(),
            "rollbacks": rollbacks.iter().filter(|time| start(**time) == at).count(),
        })
    });
    let default_group = vec!["error_code".to_owned()];
    let names = if question.group_by.is_empty() { &default_group } else { &question.group_by };
    let groups = grouped(failed.clone(), |(_, update)| names.iter().map(|name| update.value(name)).collect());
    let rows = limited(groups, question.limit.unwrap_or(100)).into_iter().map(|(values, members)| {
        // The message of the newest failure that has one.
        let message = members.iter().filter_map(|(at, update)| Some((*at, update.failure().2?))).max();
        let mut row = json!({
            "failures": members.len(),
            "percentage": rate(members.len(), failed.len(), 1),
            "example_message": message.map(|(_, message)| message),
            "last_seen": members.iter().map(|(at, _)| *at).max().map(time::rfc3339),
        });
        for (name, value) in names.iter().zip(values) {
            row[name] = json!(value);
        }
        row
    });
    json!({
        "total_failures": failed.len(),
        "failure_rate": rate(failed.len(), successful + failed.len(), 2),
        "failure_events": failure_events.len(),
        "total_rollbacks": rollbacks.len(),
        "failures": rows.collect::<Vec<_>>(),
        "trend": trend.collect::<Vec<_>>(),
    })
}
