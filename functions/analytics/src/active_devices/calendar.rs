//! Which quarter-hours of which half-days belong to which local date, in the numbers that the query takes.

use crate::{
    edges::HALF_DAY_MS,
    question::{QUARTER_HOUR_MS, Window},
};
use clickhouse::query::Query;

/// Dates that the query can tell apart at once: the bits of a word.
const MAX_DATES: usize = 64;
const QUARTERS: i64 = HALF_DAY_MS / QUARTER_HOUR_MS;

/// Up to 64 dates and the window that they fill.
#[derive(Debug, PartialEq, Eq)]
pub struct Calendar {
    window: Window,
    dates: u8,
    base_halfday: i64,
    /// For each half-day from the base on, the number of the date that it begins in…
    first_dates: Vec<u8>,
    /// … and how many of its quarter-hours belong to that date; the others are the next date's.
    splits: Vec<u8>,
}

impl Calendar {
    /// Calendars one after another for the dates that begin at these instants, the first of them perhaps before the window.
    pub fn divide(window: Window, date_starts_ms: &[i64]) -> Vec<Self> {
        let chunks = date_starts_ms.chunks(MAX_DATES);
        let ends = date_starts_ms.iter().skip(MAX_DATES).step_by(MAX_DATES).copied().chain([window.to_ms()]);
        let mut from_ms = window.from_ms();
        let mut calendars = Vec::new();
        for (starts, to_ms) in chunks.zip(ends) {
            calendars.push(Self::new(Window::widened(from_ms, to_ms), starts));
            from_ms = to_ms;
        }
        calendars
    }

    /// The whole window as if it were one date.
    pub fn one_date(window: Window) -> Self {
        Self::new(window, &[window.from_ms()])
    }

    fn new(window: Window, starts_ms: &[i64]) -> Self {
        let base_halfday = window.from_ms().div_euclid(HALF_DAY_MS);
        let end_halfday = (window.to_ms() + HALF_DAY_MS - 1).div_euclid(HALF_DAY_MS);
        let (mut first_dates, mut splits) = (Vec::new(), Vec::new());
        for halfday in base_halfday..end_halfday {
            let begin_ms = halfday * HALF_DAY_MS;
            let next = starts_ms.iter().skip(1).filter(|start| **start <= begin_ms).count();
            let border = starts_ms.iter().skip(1).find(|start| **start > begin_ms);
            let split = border.map_or(QUARTERS, |border| ((border - begin_ms) / QUARTER_HOUR_MS).min(QUARTERS));
            first_dates.push(small(next));
            splits.push(u8::try_from(split).unwrap_or(u8::MAX));
        }
        Self { window, dates: small(starts_ms.len()), base_halfday, first_dates, splits }
    }

    pub fn window(&self) -> Window {
        self.window
    }

    /// The numbers of the dates, in order.
    pub fn numbers(&self) -> std::ops::Range<u8> {
        0..self.dates
    }

    pub fn bind(&self, query: Query) -> Query {
        query.param("base_halfday", self.base_halfday).param("dates", &self.first_dates).param("splits", &self.splits)
    }
}

/// At most [`MAX_DATES`].
fn small(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
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
        let calendars = Calendar::divide(Window::widened(DAY, 2 * DAY + 20 * HOUR), &starts);
        let [calendar] = calendars.as_slice() else { panic!("one calendar is enough for three dates") };
        assert_eq!(calendar.numbers(), 0..3);
        assert_eq!(calendar.base_halfday, 2);
        assert_eq!(calendar.first_dates, [0, 0, 1, 1]);
        assert_eq!(calendar.splits, [48, 25, 48, 25]);
    }

    #[test]
    fn many_dates_take_several_calendars_without_gap_or_overlap() {
        let starts: Vec<i64> = (0..366).map(|day| day * DAY).collect();
        let window = Window::widened(3 * HOUR, 366 * DAY - HOUR);
        let calendars = Calendar::divide(window, &starts);
        let dates: Vec<usize> = calendars.iter().map(|calendar| calendar.numbers().len()).collect();
        assert_eq!(dates, [64, 64, 64, 64, 64, 46]);
        let mut at = window.from_ms();
        for calendar in &calendars {
            assert_eq!(calendar.window().from_ms(), at);
            at = calendar.window().to_ms();
        }
        assert_eq!(at, window.to_ms());
    }

    #[test]
    fn the_whole_window_can_be_one_date() {
        let calendar = Calendar::one_date(Window::widened(HOUR, 2 * DAY));
        assert_eq!((calendar.first_dates.clone(), calendar.splits.clone()), (vec![0; 4], vec![48; 4]));
        assert_eq!(calendar.numbers(), 0..1);
    }
}
