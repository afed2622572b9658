//! What a figure is to be.

use super::Figure;
use serde::{Deserialize, Serialize};

/// A bound on one of the figure's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    AtLeast(f64),
    Below(f64),
    /// On the 95th percentile.
    P95Below(f64),
    /// On the 99th percentile.
    P99Below(f64),
}

impl Target {
    /// `None` where the figure lacks the number.
    pub fn met_by(self, figure: &Figure) -> Option<bool> {
        match self {
            Self::AtLeast(bound) => Some(figure.median >= bound),
            Self::Below(bound) => Some(figure.median < bound),
            Self::P95Below(bound) => figure.p95.map(|value| value < bound),
            Self::P99Below(bound) => figure.p99.map(|value| value < bound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_looks_at_its_own_number() {
        let figure = Figure { p95: Some(20.0), ..Figure::new("s", "n", "ms", 10.0) };
        assert_eq!(Target::AtLeast(10.0).met_by(&figure), Some(true));
        assert_eq!(Target::Below(10.0).met_by(&figure), Some(false));
        assert_eq!(Target::P95Below(20.5).met_by(&figure), Some(true));
        assert_eq!(Target::P95Below(20.0).met_by(&figure), Some(false));
        assert_eq!(Target::P99Below(20.0).met_by(&figure), None);
    }
}
