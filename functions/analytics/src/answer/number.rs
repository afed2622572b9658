//! Rounding, half away from zero.

/// To so many decimals; numbers too large to have any stay as they are.
pub fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    let scaled = value * scale;
    if scaled.is_finite() { scaled.round() / scale } else { value }
}

/// 100 × part ÷ whole, `None` of nothing.
pub fn rate(part: u64, whole: u64, decimals: i32) -> Option<f64> {
    (whole > 0).then(|| rounded(100.0 * part as f64 / whole as f64, decimals))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.0, 3, 0.0)]
    #[case(2.0005, 3, 2.001)]
    #[case(3.125, 2, 3.13)]
    #[case(0.05, 1, 0.1)]
    #[case(99.9949, 2, 99.99)]
    #[case(f64::MAX, 3, f64::MAX)]
    fn halves_go_up(#[case] value: f64, #[case] decimals: i32, #[case] expected: f64) {
        assert_eq!(rounded(value, decimals), expected);
    }

    #[rstest]
    #[case(1, 3, 2, Some(33.33))]
    #[case(2, 3, 1, Some(66.7))]
    #[case(0, 7, 2, Some(0.0))]
    #[case(7, 7, 2, Some(100.0))]
    #[case(0, 0, 2, None)]
    fn rates_are_percent(#[case] part: u64, #[case] whole: u64, #[case] decimals: i32, #[case] expected: Option<f64>) {
        assert_eq!(rate(part, whole, decimals), expected);
    }
}
