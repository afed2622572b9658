//! Windows and intervals.

use jiff::{Timestamp, ToSpan, ZonedDateTime, civil::Weekday};

pub const QUARTER_HOUR: i64 = 900_000;
const HOUR: i64 = 3_600_000;

/// Milliseconds since 1970, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: i64,
    pub to: i64,
}

impl Window {
    /// Start down, end up to a quarter-hour.
    #[must_use]
    pub fn widened(self) -> Self {
        let from = self.from.div_euclid(QUARTER_HOUR) * QUARTER_HOUR;
        let to = (self.to + QUARTER_HOUR - 1).div_euclid(QUARTER_HOUR) * QUARTER_HOUR;
        Self { from, to }
    }

    #[must_use]
    pub fn contains(self, time: i64) -> bool {
        self.from <= time && time < self.to
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    Hour,
    Day,
    Week,
    Month,
}

impl Interval {
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// For a window as asked.
    #[must_use]
    pub fn default_for(window: Window) -> Self {
        match window.to - window.from {
            length if length <= 48 * HOUR => Self::Hour,
            length if length <= 92 * 24 * HOUR => Self::Day,
            _ => Self::Week,
        }
    }

    /// The start of the interval that holds the instant.
    fn start(self, time: i64, timezone: &str) -> ZonedDateTime {
        let local = local(time, timezone);
        let day = local.start_of_day().unwrap();
        match self {
            Self::Hour => start_of_hour(time, timezone),
            Self::Day => day,
            Self::Week => {
                let back = i64::from(local.weekday().since(Weekday::Monday));
                local.date().checked_sub(back.days()).unwrap().to_zoned_datetime(day.time_zone().clone()).unwrap()
            }
            Self::Month => local.date().first_of_month().to_zoned_datetime(day.time_zone().clone()).unwrap(),
        }
    }
}

/// Where the local clock last showed a full hour. Where a clock is put back by less than an hour, what repeats belongs to the hour it
/// continues; where another hour lies between, it is an hour of its own from its first instant.
fn start_of_hour(time: i64, timezone: &str) -> ZonedDateTime {
    let truncated = |time| local(time, timezone).with().minute(0).second(0).subsec_nanosecond(0).build().unwrap();
    let start = truncated(time);
    let mut first = time.div_euclid(QUARTER_HOUR) * QUARTER_HOUR;
    while first > start.timestamp().as_millisecond() && truncated(first - QUARTER_HOUR) == start {
        first -= QUARTER_HOUR;
    }
    local(first, timezone)
}

fn local(time: i64, timezone: &str) -> ZonedDateTime {
    Timestamp::from_millisecond(time).unwrap().in_tz(timezone).unwrap()
}

/// The start of each interval that the window touches, in order, as the answer writes it.
#[must_use]
pub fn starts(window: Window, interval: Interval, timezone: &str) -> Vec<String> {
    let mut starts = Vec::new();
    let mut time = window.from;
    while time < window.to {
        let start = start(time, interval, timezone);
        if starts.last() != Some(&start) {
            starts.push(start);
        }
        time += QUARTER_HOUR;
    }
    starts
}

/// The start of the interval that holds the instant, with the zone's offset.
#[must_use]
pub fn start(time: i64, interval: Interval, timezone: &str) -> String {
    let start = interval.start(time, timezone);
    if timezone == "UTC" {
        start.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    } else {
        start.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// The local date of the instant.
#[must_use]
pub fn date(time: i64, timezone: &str) -> String {
    local(time, timezone).date().to_string()
}

/// The instant in UTC, to the millisecond.
#[must_use]
pub fn rfc3339(time: i64) -> String {
    Timestamp::from_millisecond(time).unwrap().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The hour in UTC.
#[must_use]
pub fn utc_hour(time: i64) -> String {
    start(time, Interval::Hour, "UTC")
}
