use super::{
    Fact, Question, newest,
    sums::{limited, rounded},
    time,
    updates::{Update, grouped},
};
use serde_json::{Map, Value, json};

pub const METRICS: [&str; 4] =
    ["download_speed_mbps", "install_duration_seconds", "download_duration_seconds", "package_size_bytes"];

/// An update's newest value of each metric with its instant, where that lies in the window.
struct Measured {
    update: Update,
    metrics: [Option<(i64, f64)>; 4],
}

pub fn answer(facts: &[Fact], question: &Question) -> Value {
    let window = question.window.widened();
    let mut measured = Vec::new();
    for update in Update::selected(facts, question) {
        let metric =
            |index: usize| newest(&update.facts, |fact| fact.metrics[index]).filter(|(at, _)| window.contains(*at));
        let metrics = [metric(0), metric(1), metric(2), metric(3)];
        if metrics.iter().any(Option::is_some) {
            measured.push(Measured { update, metrics });
        }
    }
    let interval = question.interval.unwrap_or_else(|| time::Interval::default_for(question.window));
    let trend = time::starts(window, interval, &question.timezone).into_iter().map(|start| {
        let inside = |at: i64| time::start(at, interval, &question.timezone) == start;
        let mut row = metrics(&measured.iter().collect::<Vec<_>>(), inside);
        row.insert("start".to_owned(), json!(start));
        Value::Object(row)
    });
    let mut data = json!({
        "metrics": metrics(&measured.iter().collect::<Vec<_>>(), |_| true),
        "trend": trend.collect::<Vec<_>>(),
    });
    if let [group] = question.group_by.as_slice() {
        let groups = grouped(measured.iter().collect(), |measured| vec![group_value(&measured.update, group)]);
        let rows = limited(groups, question.limit.unwrap_or(100)).into_iter().map(|(value, members)| {
            let mut row = json!({"metrics": metrics(&members, |_| true), "updates": members.len()});
            row[group] = json!(value[0]);
            row
        });
        data["groups"] = rows.collect();
    }
    data
}

/// By the update's newest values; an update that never failed has no error's.
fn group_value(update: &Update, group: &str) -> String {
    let failed = update.of_type(|kind| kind == shared::event::EventType::UpdateFailed).next().is_some();
    if matches!(group, "error_code" | "failure_stage") && !failed { "unknown".to_owned() } else { update.value(group) }
}

fn metrics(measured: &[&Measured], inside: impl Fn(i64) -> bool) -> Map<String, Value> {
    let mut all = Map::new();
    for (index, name) in METRICS.iter().enumerate() {
        let values = measured.iter().filter_map(|measured| measured.metrics[index]);
        let mut values: Vec<f64> = values.filter(|(at, _)| inside(*at)).map(|(_, value)| value).collect();
        values.sort_by(f64::total_cmp);
        let average = values.iter().sum::<f64>() / values.len() as f64;
        all.insert(
            (*name).to_owned(),
            json!({
                "count": values.len(),
                "avg": (!values.is_empty()).then(|| rounded(average, 3)),
                "p50": quantile(&values, 0.50),
                "p95": quantile(&values, 0.95),
                "p99": quantile(&values, 0.99),
            }),
        );
    }
    all
}

/// Linear interpolation between the two nearest of the sorted values.
fn quantile(sorted: &[f64], level: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = level * last as f64;
    let (below, above) = (position.floor(), position.ceil());
    let (low, high) = (sorted[below as usize], sorted[above as usize]);
    Some(rounded(low + (high - low) * (position - below), 3))
}
