//! The stretch of time that an answer is about.

use super::{instant, number};
use crate::params::{Noted, Params};
use jiff::{Timestamp, tz::TimeZone};

pub const QUARTER_HOUR_MS: i64 = 900_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const DEFAULT_DAYS: i64 = 30;
const MAX_DAYS: usize = 365;
/// Of `from` and `to`.
const MAX_LENGTH_MS: i64 = 366 * DAY_MS;

/// Half-open, on quarter-hours, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    start_ms: i64,
    end_ms: i64,
}

impl Window {
    /// The start moved down and the end up to a quarter-hour.
    pub fn widened(from_ms: i64, to_ms: i64) -> Self {
        let down = |ms: i64| ms.div_euclid(QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
        Self { start_ms: down(from_ms), end_ms: down(to_ms + QUARTER_HOUR_MS - 1) }
    }

    pub fn start_ms(self) -> i64 {
        self.start_ms
    }

    pub fn end_ms(self) -> i64 {
        self.end_ms
    }

    /// The window of the same length that ends where this one begins.
    pub fn previous(self) -> Self {
        Self { start_ms: 2 * self.start_ms - self.end_ms, end_ms: self.start_ms }
    }
}

/// The window from `days`, or `from` and `to`, and its length in ms as it was asked.
pub fn take(params: &mut Params, now: Timestamp) -> Result<(Window, i64), Noted> {
    let days = params.parse("days", &format!("a whole number from 1 to {MAX_DAYS}"), |text| {
        number(text).filter(|days| (1..=MAX_DAYS).contains(days)).and_then(|days| i64::try_from(days).ok())
    });
    let allowed = "an RFC 3339 instant with offset in the years 1970 to 2200, such as 2025-06-03T10:30:00Z";
    let from = params.parse("from", allowed, in_range);
    let to = params.parse("to", allowed, in_range);
    let given = |params: &Params, name: &str| params.get(name).is_some() || params.is_faulty(name);
    let (has_from, has_to) = (given(params, "from"), given(params, "to"));
    let has_days = given(params, "days");
    if has_days && (has_from || has_to) {
        return Err(params.fault("days", "conflict", "may not be given together with from and to"));
    }
    if has_to && !has_from {
        return Err(params.fault("to", "conflict", "may only be given with from"));
    }
    let now_ms = now.as_millisecond();
    let (days, from, to) = (days?, from?, to?);
    let Some(from_ms) = from else {
        let length = days.unwrap_or(DEFAULT_DAYS) * DAY_MS;
        return Ok((Window::widened(now_ms - length, now_ms), length));
    };
    let length = to.unwrap_or(now_ms) - from_ms;
    if length <= 0 {
        return Err(params.fault("from", "out_of_range", "must be before to"));
    }
    if length > MAX_LENGTH_MS {
        return Err(params.fault("from", "out_of_range", "must be at most 366 days before to"));
    }
    Ok((Window::widened(from_ms, from_ms + length), length))
}

/// Milliseconds since 1970.
fn in_range(text: &str) -> Option<i64> {
    let instant = instant::parse(text)?;
    let year = instant.to_zoned_datetime(TimeZone::UTC).year();
    (1970..=2200).contains(&year).then(|| instant.as_millisecond())
}
