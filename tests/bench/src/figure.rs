//! What was measured: one number with its spread, what it cost, and what it is to be.

mod baseline;
mod quantile;
mod table;
mod target;

pub use baseline::Baseline;
pub use quantile::{median, quantile};
pub use table::render;
pub use target::Target;

use crate::process::Usage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One measured figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figure {
    pub section: String,
    /// Its own within the section: what an earlier run's figure is found by.
    pub name: String,
    pub unit: String,
    pub median: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99: Option<f64>,
    /// Measurements that the median is of.
    pub samples: usize,
    /// User and system time by process, in `cpu_unit`.
    #[serde(default)]
    pub cpu: BTreeMap<String, f64>,
    pub cpu_unit: String,
    /// High-water marks by process.
    #[serde(default)]
    pub peak_memory_mb: BTreeMap<String, f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
    /// Whatever else belongs to it.
    #[serde(default)]
    pub more: BTreeMap<String, f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Figure {
    pub fn new(section: &str, name: impl Into<String>, unit: &str, value: f64) -> Self {
        Self {
            section: section.to_owned(),
            name: name.into(),
            unit: unit.to_owned(),
            median: value,
            p95: None,
            p99: None,
            samples: 1,
            cpu: BTreeMap::new(),
            cpu_unit: "s per million events".to_owned(),
            peak_memory_mb: BTreeMap::new(),
            target: None,
            met: None,
            more: BTreeMap::new(),
            note: None,
        }
    }

    /// Median and tail of the samples, which are put in order.
    pub fn of(section: &str, name: impl Into<String>, unit: &str, samples: &mut [f64]) -> Self {
        samples.sort_by(f64::total_cmp);
        let mut figure = Self::new(section, name, unit, quantile(samples, 0.5));
        figure.samples = samples.len();
        if samples.len() > 1 {
            figure.p95 = Some(quantile(samples, 0.95));
        }
        // With fewer the 99th percentile is the maximum by another name.
        if samples.len() >= 100 {
            figure.p99 = Some(quantile(samples, 0.99));
        }
        figure
    }

    /// CPU seconds per million events, and peak memory.
    pub fn used(mut self, usage: &Usage, events: u64) -> Self {
        let millions = events as f64 / 1e6;
        if millions > 0.0 {
            self.cpu = usage.cpu_seconds.iter().map(|(who, seconds)| (who.clone(), seconds / millions)).collect();
        }
        self.peak_memory_mb.clone_from(&usage.peak_memory_mb);
        self
    }

    /// CPU milliseconds for one of `number` requests, and peak memory.
    pub fn used_each(mut self, usage: &Usage, number: usize) -> Self {
        let each = |seconds: &f64| seconds * 1000.0 / number.max(1) as f64;
        self.cpu = usage.cpu_seconds.iter().map(|(who, seconds)| (who.clone(), each(seconds))).collect();
        self.cpu_unit = "ms each".to_owned();
        self.peak_memory_mb.clone_from(&usage.peak_memory_mb);
        self
    }

    pub fn target(mut self, target: Target) -> Self {
        self.met = target.met_by(&self);
        self.target = Some(target);
        self
    }

    pub fn with(mut self, name: &str, value: f64) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }

    /// What finds the same figure in another run.
    pub fn key(&self) -> (&str, &str, &str) {
        (&self.section, &self.name, &self.unit)
    }
}
