//! RFC 3339, strictly.

use jiff::Timestamp;

/// An instant with its offset: `2025-06-03T10:30:00Z`, `2025-06-03T12:30:00.5+02:00`. A `+` that came as a space is taken as one.
pub fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let (body, offset) = match bytes {
        [body @ .., b'Z' | b'z'] => (body, None),
        [body @ .., _, _, _, _, _, _] => (body, text.get(body.len()..)),
        _ => return None,
    };
    if !is_date_time(body) || !offset.is_none_or(is_offset) {
        return None;
    }
    match offset.and_then(|offset| offset.strip_prefix(' ')) {
        Some(offset) => format!("{}+{offset}", text.get(..body.len())?).parse().ok(),
        None => text.parse().ok(),
    }
}

/// `YYYY-MM-DDThh:mm:ss`, then perhaps a fraction. Whether the numbers make sense is left to jiff.
fn is_date_time(bytes: &[u8]) -> bool {
    let (seconds, fraction) = bytes.split_at(bytes.len().min(19));
    let shape = seconds.len() == 19
        && seconds.iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b'-',
            10 => matches!(byte, b'T' | b't' | b' '),
            13 | 16 => *byte == b':',
            _ => byte.is_ascii_digit(),
        });
    let fraction = match fraction {
        [] => true,
        [b'.', digits @ ..] => (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    shape && fraction
}

/// `±hh:mm`
fn is_offset(text: &str) -> bool {
    matches!(text.as_bytes(), [b'+' | b'-' | b' ', h1, h2, b':', m1, m2]
        if [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2025-06-03T10:30:00Z", Some("2025-06-03T10:30:00Z"))]
    #[case("2025-06-03T10:30:00.123456789z", Some("2025-06-03T10:30:00.123456789Z"))]
    #[case("2025-06-03t12:30:00+02:00", Some("2025-06-03T10:30:00Z"))]
    #[case("2025-06-03T12:30:00 02:00", Some("2025-06-03T10:30:00Z"))]
    #[case("2025-06-03 05:30:00-05:00", Some("2025-06-03T10:30:00Z"))]
    #[case("2025-06-03T10:30:00", None)]
    #[case("2025-06-03T10:30Z", None)]
    #[case("2025-06-03", None)]
    #[case("2025-02-29T10:30:00Z", None)]
    #[case("2025-06-03T24:30:00Z", None)]
    #[case("2025-06-03T10:30:00.Z", None)]
    #[case("2025-06-03T10:30:00+0200", None)]
    #[case("2025-06-03T10:30:00+02:00[Europe/Berlin]", None)]
    #[case("20250603T103000Z", None)]
    #[case("1748946600", None)]
    #[case("now", None)]
    #[case("€€€€€€€€€€", None)]
    fn only_rfc_3339_is_read(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(parse(text).map(|instant| instant.to_string()).as_deref(), expected);
    }
}
