//! Hours, days, weeks and months of a time zone. All of their arithmetic is here; the server only gets instants.

use super::{Window, Zone, window::QUARTER_HOUR_MS};
use jiff::{Error, Span, Timestamp, ToSpan, ZonedDateTime, civil::Date, civil::Weekday};

/// How a window is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    Hour,
    Day,
    Week,
    Month,
}

impl Interval {
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Hour, Self::Day, Self::Week, Self::Month].into_iter().find(|interval| interval.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Hours up to 48 hours, days up to 92 days, then weeks.
    pub fn default_for(length_ms: i64) -> Self {
        const HOUR_MS: i64 = 3_600_000;
        if length_ms <= 48 * HOUR_MS {
            Self::Hour
        } else if length_ms <= 92 * 24 * HOUR_MS {
            Self::Day
        } else {
            Self::Week
        }
    }
}

/// Where the intervals that a window touches begin, in order; the first may begin before the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Starts(Vec<ZonedDateTime>);

impl Starts {
    /// At most `most` of them.
    ///
    /// # Errors
    /// An instant beyond what jiff can represent.
    pub fn of(interval: Interval, window: Window, zone: &Zone, most: usize) -> Result<Self, Error> {
        let first = Timestamp::from_millisecond(window.start_ms())?.to_zoned_datetime(zone.rules().clone());
        let date = first.date();
        match interval {
            Interval::Hour => hours(window, zone, most),
            Interval::Day => dates(date, 1.day(), window, zone, most),
            Interval::Week => {
                let since_monday = i64::from(date.weekday().since(Weekday::Monday));
                dates(date.checked_sub(since_monday.days())?, 1.week(), window, zone, most)
            }
            Interval::Month => dates(date.first_of_month(), 1.month(), window, zone, most),
        }
        .map(Self)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &ZonedDateTime> {
        self.0.iter()
    }

    /// Milliseconds since 1970.
    pub fn to_ms(&self) -> Vec<i64> {
        self.0.iter().map(|start| start.timestamp().as_millisecond()).collect()
    }

    /// As answers write them, each with the zone's offset.
    pub fn labels(&self, zone: &Zone) -> Vec<String> {
        let format = if zone.is_utc() { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%:z" };
        self.0.iter().map(|start| start.strftime(format).to_string()).collect()
    }
}

/// Zones differ from UTC by quarter-hours, and so do their changes: a walk in such steps meets every local hour, also one that the
/// clock goes through twice, or in part. It sets out before the window, where the first hour begins.
fn hours(window: Window, zone: &Zone, most: usize) -> Result<Vec<ZonedDateTime>, Error> {
    const LONGEST_HOUR_MS: i64 = 2 * 3_600_000;
    let mut starts: Vec<ZonedDateTime> = Vec::new();
    let mut hour = None;
    let mut at_ms = window.start_ms() - LONGEST_HOUR_MS;
    while at_ms < window.end_ms() && starts.len() < most {
        let at = Timestamp::from_millisecond(at_ms)?.to_zoned_datetime(zone.rules().clone());
        let whole = at.with().minute(0).second(0).subsec_nanosecond(0).build()?;
        if hour.as_ref() != Some(&whole) {
            // The clock was put back into an hour that had begun before another one: what comes is a rest of it.
            let is_rest = starts.last().is_some_and(|last| *last >= whole);
            if at_ms <= window.start_ms() {
                starts.clear();
            }
            starts.push(if is_rest { at } else { whole.clone() });
            hour = Some(whole);
        }
        at_ms += QUARTER_HOUR_MS;
    }
    Ok(starts)
}

/// The first instant of each date, `step` apart. A date that the zone leaves out begins where the next one does, and isn't counted.
fn dates(mut date: Date, step: Span, window: Window, zone: &Zone, most: usize) -> Result<Vec<ZonedDateTime>, Error> {
    let mut starts: Vec<ZonedDateTime> = Vec::new();
    while starts.len() < most {
        let start = date.to_zoned_datetime(zone.rules().clone())?;
        let start_ms = start.timestamp().as_millisecond();
        if start_ms >= window.end_ms() {
            break;
        }
        if start_ms <= window.start_ms() {
            starts.clear();
        }
        if starts.last() != Some(&start) {
            starts.push(start);
        }
        date = date.checked_add(step)?;
    }
    Ok(starts)
}

#[cfg(test)]
mod tests;
