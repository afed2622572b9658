//! RFC 3339, strictly; and back.

use jiff::{Timestamp, civil, fmt::temporal::DateTimePrinter, tz::Offset};

/// Seconds since 1970 of what ClickHouse's `DateTime64(3)` holds: the years 1900 to 2299.
const STORABLE: std::ops::Range<i64> = -2_208_988_800..10_413_792_000;

/// An RFC 3339 date and time with offset, to the nanosecond; further digits of the fraction are dropped. A leap second is the last
/// nanosecond before it. `None`: it isn't one, or not of the years 1900 to 2299 in UTC.
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let (separator, rest) = rest.split_at_checked(1)?;
    if !matches!(separator, "T" | "t" | " ") {
        return None;
    }
    let (time, rest) = rest.split_at_checked(8)?;
    let (nanoseconds, offset) = fraction(rest)?;
    let [year, month, day] = numbers(date, "-", [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ":", [2, 2, 2])?;
    let (second, nanoseconds) = if second == 60 { (59, 999_999_999) } else { (second, nanoseconds) };
    let small = |number: i16| i8::try_from(number).ok();
    let date = civil::Date::new(year, small(month)?, small(day)?).ok()?;
    let time = civil::Time::new(small(hour)?, small(minute)?, small(second)?, nanoseconds).ok()?;
    let instant = offset_of(offset)?.to_timestamp(date.to_datetime(time)).ok()?;
    STORABLE.contains(&instant.as_nanosecond().div_euclid(1_000_000_000).try_into().ok()?).then_some(instant)
}

/// `.123` and what follows it; no fraction is 0.
fn fraction(text: &str) -> Option<(i32, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, rest) = text.split_at(end);
    let kept = digits.get(..9).unwrap_or(digits);
    let scale = 10i32.pow(9 - u32::try_from(kept.len()).ok()?);
    Some((kept.parse::<i32>().ok()? * scale, rest))
}

fn offset_of(text: &str) -> Option<Offset> {
    if matches!(text, "Z" | "z") {
        return Some(Offset::UTC);
    }
    let (sign, text) = text.split_at_checked(1)?;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let [hours, minutes] = numbers(text, ":", [2, 2])?;
    (hours < 24 && minutes < 60).then_some(())?;
    Offset::from_seconds(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60)).ok()
}

/// Numbers of exactly so many digits, with the separator between.
fn numbers<const N: usize>(text: &str, separator: &str, digits: [usize; N]) -> Option<[i16; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let exact = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = exact.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// The instant to the millisecond, the rest cut off toward the past.
#[must_use]
pub fn truncate_to_ms(instant: Timestamp) -> Timestamp {
    let milliseconds = instant.as_nanosecond().div_euclid(1_000_000);
    i64::try_from(milliseconds).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(instant)
}

/// `2025-06-03T10:30:00.000Z`
#[must_use]
pub fn format_timestamp(instant: Timestamp) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    PRINTER.timestamp_to_string(&instant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("2025-06-03T10:30:00Z", "2025-06-03T10:30:00Z")]
    #[case("2025-06-03t10:30:00z", "2025-06-03T10:30:00Z")]
    #[case("2025-06-03 10:30:00+02:00", "2025-06-03T08:30:00Z")]
    #[case("2025-06-03T10:30:00.5-05:45", "2025-06-03T16:15:00.5Z")]
    #[case("2025-06-03T10:30:00.1234567891234Z", "2025-06-03T10:30:00.123456789Z")]
    #[case("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999999Z")]
    #[case("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00Z")]
    #[case("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z")]
    fn is_read(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(parse_timestamp(text).unwrap().to_string(), expected);
    }

    #[rstest]
    #[case::no_offset("2025-06-03T10:30:00")]
    #[case::date("2025-06-03")]
    #[case::no_seconds("2025-06-03T10:30Z")]
    #[case::bare_fraction("2025-06-03T10:30:00.Z")]
    #[case::comma("2025-06-03T10:30:00,5Z")]
    #[case::hour_24("2025-06-03T24:00:00Z")]
    #[case::day_31("2025-06-31T10:30:00Z")]
    #[case::no_leap_year("2025-02-29T10:30:00Z")]
    #[case::month_0("2025-00-03T10:30:00Z")]
    #[case::second_61("2025-06-03T10:30:61Z")]
    #[case::offset_24("2025-06-03T10:30:00+24:00")]
    #[case::offset_60("2025-06-03T10:30:00+01:60")]
    #[case::offset_short("2025-06-03T10:30:00+0100")]
    #[case::zone_name("2025-06-03T10:30:00Z[UTC]")]
    #[case::space_before(" 2025-06-03T10:30:00Z")]
    #[case::space_after("2025-06-03T10:30:00Z ")]
    #[case::year_1899("1899-12-31T23:59:59Z")]
    #[case::year_2300("2300-01-01T00:00:00Z")]
    #[case::year_1899_in_utc("1900-01-01T00:00:00+00:01")]
    #[case::year_5("02025-06-03T10:30:00Z")]
    #[case::signed("+025-06-03T10:30:00Z")]
    #[case::number("1748946600")]
    #[case::letters("tomorrow, at noon sharp")]
    #[case::wide_digits("２０２５-06-03T10:30:00Z")]
    fn is_refused(#[case] text: &str) {
        assert_eq!(parse_timestamp(text), None);
    }

    #[test]
    fn is_truncated_toward_the_past() {
        let ms = |text: &str| truncate_to_ms(parse_timestamp(text).unwrap()).as_millisecond();
        assert_eq!(ms("1970-01-01T00:00:00.0019Z"), 1);
        assert_eq!(ms("1969-12-31T23:59:59.9999Z"), -1);
    }

    proptest! {
        #[test]
        fn survives_being_written(ms in -2_208_988_800_000i64..10_413_792_000_000) {
            let instant = Timestamp::from_millisecond(ms).unwrap();
            prop_assert_eq!(parse_timestamp(&format_timestamp(instant)), Some(instant));
        }
    }
}
