//! Quantiles of samples in order, with linear interpolation between neighbours.

/// `q` from 0 to 1; not a number where there is no sample.
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = q.clamp(0.0, 1.0) * last as f64;
    let at = |index: usize| sorted.get(index.min(last)).copied().unwrap_or(f64::NAN);
    let low = place.floor();
    let share = place - low;
    at(low as usize) * (1.0 - share) + at(low as usize + 1) * share
}

/// Of samples in any order.
pub fn median(samples: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = samples.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_neighbours_it_is_interpolated() {
        let sorted = [1.0, 2.0, 3.0, 5.0];
        assert_eq!(quantile(&sorted, 0.0), 1.0);
        assert_eq!(quantile(&sorted, 0.5), 2.5);
        assert_eq!(quantile(&sorted, 1.0), 5.0);
        assert!((quantile(&sorted, 0.95) - 4.7).abs() < 1e-9);
        assert_eq!(quantile(&[7.0], 0.99), 7.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn the_median_needs_no_order() {
        assert_eq!(median([9.0, 1.0, 4.0]), 4.0);
    }
}
