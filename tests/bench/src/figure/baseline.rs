//! An earlier run to compare with.

use super::Figure;
use anyhow::Context;
use serde::Deserialize;
use std::path::Path;

/// The figures of an earlier run, as its JSON file has them.
#[derive(Debug, Default, Deserialize)]
pub struct Baseline {
    figures: Vec<Figure>,
}

impl Baseline {
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read(file).with_context(|| format!("BASELINE {} can't be read", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("BASELINE {} isn't a run's JSON", file.display()))
    }

    /// This run's number by the earlier one's: of the median, and of the 95th percentile where both have it.
    pub fn ratios(&self, figure: &Figure) -> Option<(f64, Option<f64>)> {
        let before = self.figures.iter().find(|before| before.key() == figure.key())?;
        let ratio = |now: f64, before: f64| (before != 0.0).then(|| now / before);
        let tail = figure.p95.zip(before.p95).and_then(|(now, before)| ratio(now, before));
        Some((ratio(figure.median, before.median)?, tail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_compared_with_its_own_past() {
        let before = Figure { p95: Some(5.0), ..Figure::new("queries", "adoption", "ms", 4.0) };
        let baseline = Baseline { figures: vec![before, Figure::new("queries", "none", "ms", 0.0)] };
        let now = Figure { p95: Some(10.0), ..Figure::new("queries", "adoption", "ms", 3.0) };
        assert_eq!(baseline.ratios(&now), Some((0.75, Some(2.0))));
        assert_eq!(baseline.ratios(&Figure::new("queries", "adoption", "ms", 3.0)), Some((0.75, None)));
        assert_eq!(baseline.ratios(&Figure::new("queries", "adoption", "s", 3.0)), None);
        assert_eq!(baseline.ratios(&Figure::new("queries", "none", "ms", 3.0)), None);
    }
}
