//! Whether the consumer falls behind.

use super::serve::Served;
use std::time::{Duration, Instant};
use tokio::time::sleep;

const EVERY: Duration = Duration::from_millis(200);

/// Records a second by which the lag grew. It rises and falls with each batch: what counts is its mean over the last third of the time
/// against the third before; the first is for getting into step.
pub async fn growth(served: &Served, length: Duration) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut seen = Vec::new();
    while began.elapsed() < length {
        let lag = served.lag().await? as f64;
        seen.push((began.elapsed().as_secs_f64() / length.as_secs_f64(), lag));
        sleep(EVERY).await;
    }
    Ok(by_thirds(&seen) / (length / 3).as_secs_f64())
}

/// The mean from 2/3 on, less the one from 1/3 to 2/3; 0 where either has none.
fn by_thirds(points: &[(f64, f64)]) -> f64 {
    let mean = |from: f64, to: f64| {
        let within: Vec<f64> = points.iter().filter(|(at, _)| (from..to).contains(at)).map(|(_, lag)| *lag).collect();
        (!within.is_empty()).then(|| within.iter().sum::<f64>() / within.len() as f64)
    };
    match (mean(1.0 / 3.0, 2.0 / 3.0), mean(2.0 / 3.0, f64::INFINITY)) {
        (Some(before), Some(after)) => after - before,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::by_thirds;

    #[test]
    fn the_last_third_is_held_against_the_second() {
        let growing = [(0.1, 90.0), (0.4, 10.0), (0.6, 20.0), (0.7, 40.0), (0.99, 60.0)];
        assert!((by_thirds(&growing) - 35.0).abs() < 1e-9);
        assert_eq!(by_thirds(&growing[..3]), 0.0);
        assert_eq!(by_thirds(&[]), 0.0);
    }
}
