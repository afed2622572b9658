//! The four metrics: each update counts once, with its newest value.

use super::{Window, updates::Updates};
use crate::event::Metrics;

/// One metric over the updates that have it. Averages and quantiles are `None` without any.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metric {
    pub count: u64,
    pub avg: Option<f64>,
    pub p50: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Performance {
    pub download_speed_mbps: Metric,
    pub install_duration_seconds: Metric,
    pub download_duration_seconds: Metric,
    pub package_size_bytes: Metric,
}

impl Performance {
    pub(super) fn count(updates: &Updates<'_>, window: Window) -> Self {
        let metric = |value: fn(&Metrics) -> Option<f64>| Metric::of(newest_values(updates, window, value));
        Self {
            download_speed_mbps: metric(|metrics| metrics.download_speed_mbps),
            install_duration_seconds: metric(|metrics| metrics.install_duration_seconds),
            download_duration_seconds: metric(|metrics| metrics.download_duration_seconds),
            package_size_bytes: metric(|metrics| metrics.package_size_bytes),
        }
    }
}

fn newest_values(updates: &Updates<'_>, window: Window, value: fn(&Metrics) -> Option<f64>) -> Vec<f64> {
    let newest = updates.values().filter_map(|events| {
        let values = events.iter().filter_map(|event| Some((event.at, event.event_type, value(&event.metrics)?)));
        values.max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)))
    });
    newest.filter(|(at, _, _)| window.contains(*at)).map(|(_, _, value)| value).collect()
}

impl Metric {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let count = values.len();
        Self {
            count: count as u64,
            avg: (count > 0).then(|| values.iter().sum::<f64>() / count as f64),
            p50: quantile(&values, 0.5),
            p95: quantile(&values, 0.95),
            p99: quantile(&values, 0.99),
        }
    }
}

/// Exact, with linear interpolation between neighbours.
fn quantile(sorted: &[f64], level: f64) -> Option<f64> {
    let position = level * sorted.len().checked_sub(1)? as f64;
    let below = sorted.get(position.floor() as usize)?;
    let above = sorted.get(position.ceil() as usize)?;
    Some(below + (above - below) * position.fract())
}
