//! Numbers as people read them.

use std::time::Duration;

/// `1234567` as `1,234,567`.
pub(super) fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// With that many decimals, thousands parted; `–` for nothing.
pub(super) fn decimal(number: Option<f64>, decimals: usize) -> String {
    let Some(number) = number else { return "–".to_owned() };
    let text = format!("{number:.decimals$}");
    let (integer, rest) = text.split_once('.').map_or((text.as_str(), None), |(integer, rest)| (integer, Some(rest)));
    let integer = integer.parse().map_or_else(|_| integer.to_owned(), whole);
    rest.map_or_else(|| integer.clone(), |rest| format!("{integer}.{rest}"))
}

pub(super) fn percent(rate: Option<f64>, decimals: usize) -> String {
    rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.decimals$} %"))
}

pub(super) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// A second's share of a count.
pub(super) fn rate(count: u64, duration: Duration) -> u64 {
    (count as f64 / duration.as_secs_f64().max(0.001)).round() as u64
}

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One character a value, as high as the value against the greatest; nothing is a dot.
pub(super) fn sparkline(values: impl IntoIterator<Item = u64> + Clone) -> String {
    let greatest = values.clone().into_iter().max().unwrap_or(0).max(1);
    let block = |value: u64| BLOCKS.get((value * 8).div_ceil(greatest).saturating_sub(1) as usize).copied();
    values.into_iter().map(|value| if value == 0 { '·' } else { block(value).unwrap_or('█') }).collect()
}

/// A bar of at most `width` characters.
pub(super) fn bar(percentage: f64, width: usize) -> String {
    "█".repeat((percentage / 100.0 * width as f64).round().clamp(0.0, width as f64) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        assert_eq!([0, 999, 1000, 1_234_567].map(whole), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(decimal(Some(1_234.5), 2), "1,234.50");
        assert_eq!(decimal(Some(0.25), 3), "0.250");
        assert_eq!(decimal(None, 2), "–");
    }

    #[test]
    fn a_sparkline_reaches_from_a_dot_to_a_full_block() {
        assert_eq!(sparkline([0, 1, 4, 8, 64]), "·▁▁▁█");
        assert_eq!(sparkline([0, 0]), "··");
        assert_eq!(sparkline([1, 2]), "▄█");
    }

    #[test]
    fn a_bar_keeps_its_width() {
        assert_eq!(bar(50.0, 10), "█████");
        assert_eq!(bar(250.0, 10).chars().count(), 10);
    }
}
