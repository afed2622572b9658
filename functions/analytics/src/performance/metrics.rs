//! The four metrics and their figures.

use crate::{
    answer::{csv, rounded},
    error::Error,
};
use serde::{Serialize, Serializer};

/// In the order that the query numbers them, from 1.
const NAMES: [&str; 4] =
    ["download_speed_mbps", "install_duration_seconds", "download_duration_seconds", "package_size_bytes"];

/// Figures of the four metrics; written as an object.
#[derive(Debug, Default)]
pub struct Metrics([Stats; 4]);

/// Figures of one metric; without values there are none but the count.
#[derive(Debug, Default, Serialize)]
pub struct Stats {
    count: u64,
    avg: Option<f64>,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
}

impl Stats {
    /// # Errors
    /// Not three quantiles.
    pub fn new(count: u64, avg: f64, quantiles: &[f64]) -> Result<Self, Error> {
        let [p50, p95, p99] = quantiles else { return Err(Error::Row("quantiles that aren't three")) };
        let figure = |value: f64| (count > 0).then(|| rounded(value, 3));
        Ok(Self { count, avg: figure(avg), p50: figure(*p50), p95: figure(*p95), p99: figure(*p99) })
    }
}

impl Metrics {
    /// # Errors
    /// A metric that isn't there.
    pub fn set(&mut self, metric: u8, stats: Stats) -> Result<(), Error> {
        let index = usize::from(metric).checked_sub(1);
        let slot = index.and_then(|index| self.0.get_mut(index)).ok_or(Error::Row("a metric beyond the four"))?;
        *slot = stats;
        Ok(())
    }

    /// Columns of a CSV, as many as there are [`cells`](Self::cells).
    pub fn header() -> Vec<String> {
        let figures = ["count", "avg", "p50", "p95", "p99"];
        NAMES.iter().flat_map(|name| figures.map(|figure| format!("{name}_{figure}"))).collect()
    }

    pub fn cells(&self) -> Vec<String> {
        let cells = |stats: &Stats| {
            let figures = [stats.avg, stats.p50, stats.p95, stats.p99].map(csv::cell);
            [vec![csv::cell(Some(stats.count))], figures.to_vec()].concat()
        };
        self.0.iter().flat_map(cells).collect()
    }
}

impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(NAMES.iter().zip(&self.0))
    }
}
