//! Rounding, and lists cut by `limit`.

use serde_json::{Value, json};

/// Rounded to so many decimals.
pub fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

/// 100 × part ÷ whole, null where there is no whole.
pub fn rate(part: usize, whole: usize, decimals: i32) -> Value {
    if whole == 0 { Value::Null } else { json!(rounded(100.0 * part as f64 / whole as f64, decimals)) }
}

/// The first `limit` groups, and the rest put together as the group `other`. Largest first, ties by text.
pub fn limited<T>(mut groups: Vec<(Vec<String>, Vec<T>)>, limit: usize) -> Vec<(Vec<String>, Vec<T>)> {
    groups.sort_by(|(left, left_members), (right, right_members)| {
        right_members.len().cmp(&left_members.len()).then_with(|| left.cmp(right))
    });
    if groups.len() > limit {
        let rest = groups.split_off(limit);
        let names = rest.first().map_or(0, |(names, _)| names.len());
        let members = rest.into_iter().flat_map(|(_, members)| members).collect();
        groups.push((vec!["other".to_owned(); names], members));
    }
    groups
}
