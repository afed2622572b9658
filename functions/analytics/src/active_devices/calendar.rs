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
        query
            .param("base_halfday", self.base_halfday)
            .param("dates", &self.first_dates)
            .param("splits", &self.splits)
            .param("words", self.dates.div_ceil(DATES_A_WORD))
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
    }
}
