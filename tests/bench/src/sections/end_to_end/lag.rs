//! Whether the consumer falls behind.

use super::serve::Served;
use std::time::{Duration, Instant};
use tokio::time::sleep;

const EVERY: Duration = Duration::from_millis(200);

/// Records a second by which the lag grew, over the later two thirds of the time: the first is for getting into step.
pub async fn growth(served: &Served, length: Duration) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut seen = Vec::new();
    while began.elapsed() < length {
        let lag = served.lag().await? as f64;
        let at = began.elapsed();
        if at > length / 3 {
            seen.push((at.as_secs_f64(), lag));
        }
        sleep(EVERY).await;
    }
    Ok(slope(&seen))
}

/// Of the line with the least squares; 0 where there is none.
fn slope(points: &[(f64, f64)]) -> f64 {
    let number = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / number;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let together: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    if spread > 0.0 { together / spread } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::slope;

    #[test]
    fn a_line_has_its_slope() {
        assert!((slope(&[(1.0, 5.0), (2.0, 8.0), (3.0, 11.0)]) - 3.0).abs() < 1e-9);
        assert_eq!(slope(&[(1.0, 5.0)]), 0.0);
        assert_eq!(slope(&[]), 0.0);
    }
}
