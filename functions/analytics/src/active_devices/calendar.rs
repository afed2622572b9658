//! Which quarter-hours of which half-days belong to which local date, in the numbers that the query takes.

use crate::{
    edges::HALF_DAY_MS,
    question::{QUARTER_HOUR_MS, Window},
};
use clickhouse::query::Query;

const QUARTERS: i64 = HALF_DAY_MS / QUARTER_HOUR_MS;
/// Dates that one word of the query holds. It has six: 384 dates, and a window touches 367 at most.
const DATES_A_WORD: usize = 64;

#[derive(Debug, PartialEq, Eq)]
pub struct Calendar {
    dates: usize,
    base_halfday: i64,
    /// For each half-day from the base on, the number of the date that it begins in…
    first_dates: Vec<usize>,
    /// … and how many of its quarter-hours belong to that date; the others are the next date's.
    splits: Vec<i64>,
}

/// What the query reads of one word: each half-day's first date and the next one as bits.
const EARLY: [&str; 6] = ["early_0", "early_1", "early_2", "early_3", "early_4", "early_5"];
const LATE: [&str; 6] = ["late_0", "late_1", "late_2", "late_3", "late_4", "late_5"];

impl Calendar {
    /// For a window and the instants that its dates begin at, the first perhaps before it.
    pub fn new(window: Window, starts_ms: &[i64]) -> Self {
        let base_halfday = window.start_ms().div_euclid(HALF_DAY_MS);
        let end_halfday = (window.end_ms() + HALF_DAY_MS - 1).div_euclid(HALF_DAY_MS);
        let later = starts_ms.get(1..).unwrap_or_default();
        let (first_dates, splits) = (base_halfday..end_halfday)
            .map(|halfday| {
                let begin_ms = halfday * HALF_DAY_MS;
                let date = later.partition_point(|start_ms| *start_ms <= begin_ms);
                let border = later.get(date).map(|start_ms| (start_ms - begin_ms) / QUARTER_HOUR_MS);
                (date, border.map_or(QUARTERS, |quarters| quarters.min(QUARTERS)))
            })
            .unzip();
        Self { dates: starts_ms.len(), base_halfday, first_dates, splits }
    }

    pub fn bind(&self, query: Query) -> Query {
        let words = self.dates.div_ceil(DATES_A_WORD);
        let query = query
            .param("base_halfday", self.base_halfday)
            .param("masks", self.splits.iter().map(|quarters| (1_u64 << quarters) - 1).collect::<Vec<_>>())
            .param("splits", u8::from(self.splits.iter().any(|quarters| *quarters < QUARTERS)))
            .param("words", words);
        EARLY.into_iter().zip(LATE).enumerate().fold(query, |query, (word, (early, late))| {
            let of_next = |next| if word < words { self.bits(word, next) } else { Vec::new() };
            query.param(early, of_next(0)).param(late, of_next(1))
        })
    }

    /// For each half-day the bit of its first date, or of the `next` one, where that is in this word.
    fn bits(&self, word: usize, next: usize) -> Vec<u64> {
        let bit = |date: usize| if date / DATES_A_WORD == word { 1 << (date % DATES_A_WORD) } else { 0 };
        self.first_dates.iter().map(|date| bit(date + next)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn a_zone_of_quarter_hours_splits_half_days() {
        // Kathmandu, UTC+5:45: dates begin at 18:15 UTC.
        let start = -(5 * HOUR + 45 * 60_000);
        let starts = [start + DAY, start + 2 * DAY, start + 3 * DAY];
        let calendar = Calendar::new(Window::widened(DAY, 2 * DAY + 20 * HOUR), &starts);
        assert_eq!(calendar.base_halfday, 2);
        assert_eq!(calendar.first_dates, [0, 0, 1, 1]);
        assert_eq!(calendar.splits, [48, 25, 48, 25]);
    }

    #[test]
    fn a_border_between_half_days_splits_none() {
        let calendar = Calendar::new(Window::widened(DAY + HOUR, 3 * DAY - HOUR), &[DAY, 2 * DAY]);
        assert_eq!((calendar.base_halfday, calendar.first_dates), (2, vec![0, 0, 1, 1]));
        assert_eq!(calendar.splits, [48; 4]);
    }

    #[test]
    fn the_longest_window_fits_the_words() {
        let starts: Vec<i64> = (0..367).map(|day| day * DAY - HOUR).collect();
        let calendar = Calendar::new(Window::widened(0, 366 * DAY), &starts);
        assert_eq!(calendar.dates.div_ceil(DATES_A_WORD), 6);
        assert_eq!(calendar.first_dates.last(), Some(&365));
        assert_eq!(calendar.splits.last(), Some(&44));
        assert_eq!(calendar.bits(0, 0).get(126..130), Some(&[1 << 63, 1 << 63, 0, 0][..]));
        assert_eq!(calendar.bits(1, 1).get(126..130), Some(&[1, 1, 2, 2][..]));
        assert_eq!(calendar.bits(5, 1).last(), Some(&(1 << (366 - 5 * 64))));
    }
}
