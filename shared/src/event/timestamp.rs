//! RFC 3339, strictly; and back.

use jiff::{Timestamp, civil, fmt::temporal::DateTimePrinter, tz::Offset};

/// Seconds since 1970 of what ClickHouse's `DateTime64(3)` holds: the years 1900 to 2299.
const STORABLE: std::ops::Range<i64> = -2_208_988_800..10_413_792_000;

/// An RFC 3339 date and time with offset, to the nanosecond; further digits of the fraction are dropped. A leap second is the last
/// nanosecond before it. `None`: it isn't one, or not of the years 1900 to 2299 in UTC.
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let (start, rest) = text.as_bytes().split_first_chunk::<19>()?;
    let [c, y, e, a, b'-', m, n, b'-', d, f, b'T' | b't' | b' ', h, i, b':', j, k, b':', s, t] = *start else {
        return None;
    };
    let year = 100 * i16::from(two_digits([c, y])?) + i16::from(two_digits([e, a])?);
    let date = civil::Date::new(year, two_digits([m, n])?, two_digits([d, f])?).ok()?;
    let (hour, minute, second) = (two_digits([h, i])?, two_digits([j, k])?, two_digits([s, t])?);
    let (nanoseconds, offset) = fraction(rest)?;
    let (second, nanoseconds) = if second == 60 { (59, 999_999_999) } else { (second, nanoseconds) };
    let time = civil::Time::new(hour, minute, second, nanoseconds).ok()?;
    let instant = offset_of(offset)?.to_timestamp(date.to_datetime(time)).ok()?;
    let seconds = instant.as_second() - i64::from(instant.subsec_nanosecond() < 0);
    STORABLE.contains(&seconds).then_some(instant)
}

fn two_digits(digits: [u8; 2]) -> Option<i8> {
    let [tens, ones] = digits.map(|digit| digit.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| (10 * tens + ones).cast_signed())
}

/// `.123` and what follows it; no fraction is 0.
fn fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let Some((b'.', text)) = text.split_first() else { return Some((0, text)) };
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).filter(|end| *end > 0)?;
    let (digits, rest) = text.split_at_checked(end)?;
    let filled = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    Some((filled.fold(0, |number, digit| 10 * number + i32::from(digit - b'0')), rest))
}

fn offset_of(text: &[u8]) -> Option<Offset> {
    let (sign, hours, minutes) = match *text {
        [b'Z' | b'z'] => return Some(Offset::UTC),
        [b'+', h, i, b':', m, n] => (1, two_digits([h, i])?, two_digits([m, n])?),
        [b'-', h, i, b':', m, n] => (-1, two_digits([h, i])?, two_digits([m, n])?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(())?;
    Offset::from_seconds(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60)).ok()
}

/// The instant to the millisecond, the rest cut off toward the past.
#[must_use]
pub fn truncate_to_ms(instant: Timestamp) -> Timestamp {
    let milliseconds = instant.as_millisecond() - i64::from(instant.subsec_nanosecond() % 1_000_000 < 0);
    Timestamp::from_millisecond(milliseconds).unwrap_or(instant)
}

/// `2025-06-03T10:30:00.000Z`
#[must_use]
pub fn format_timestamp(instant: Timestamp) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    PRINTER.timestamp_to_string(&instant)
}

/// Appends the same.
pub(super) fn write_timestamp(text: &mut Vec<u8>, instant: Timestamp) {
    let shown = Offset::UTC.to_datetime(instant);
    let (Ok(year), 0..) = (u16::try_from(shown.year()), instant.as_second()) else {
        return text.extend_from_slice(format_timestamp(instant).as_bytes());
    };
    let milliseconds = shown.subsec_nanosecond() / 1_000_000;
    let two = |number: i8| digits::<2>(u32::from(number.cast_unsigned()));
    text.extend_from_slice(&digits::<4>(u32::from(year)));
    for (separator, number) in [
        (b'-', shown.month()),
        (b'-', shown.day()),
        (b'T', shown.hour()),
        (b':', shown.minute()),
        (b':', shown.second()),
    ] {
        text.push(separator);
        text.extend_from_slice(&two(number));
    }
    text.push(b'.');
    text.extend_from_slice(&digits::<3>(milliseconds.cast_unsigned()));
    text.push(b'Z');
}

fn digits<const N: usize>(mut number: u32) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
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
            let mut written = Vec::new();
            write_timestamp(&mut written, instant);
            prop_assert_eq!(String::from_utf8(written).unwrap(), format_timestamp(instant));
        }
    }
}
