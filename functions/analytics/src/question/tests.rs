use super::*;
use rstest::rstest;

const NOW: &str = "2025-06-10T10:07:00Z";

fn take(query: &str) -> Result<Question, Vec<(String, &'static str)>> {
    let mut params = Params::read(Some(query), &COMMON);
    let question = Question::take(&mut params, NOW.parse().unwrap())
        .and_then(|question| question.starts(&mut params).map(|_| question));
    let faults = params.faults().iter().map(|fault| (fault.field.clone(), fault.code)).collect();
    params.finish(question).map_err(|_| faults)
}

#[rstest]
#[case("", &[("tenant_id", "required")])]
#[case("tenant_id=", &[("tenant_id", "empty")])]
#[case("tenant_id=t&tenant_id=t", &[("tenant_id", "repeated")])]
#[case("tenant_id=a%00b", &[("tenant_id", "invalid")])]
#[case("tenant_id=t&app_id=%C2%85", &[("app_id", "invalid")])]
#[case("tenant_id=t&org_id=", &[("org_id", "empty")])]
#[case("tenant_id=t&segment=app_id", &[("segment", "unknown_parameter")])]
#[case("tenant_id=t&days=0", &[("days", "invalid")])]
#[case("tenant_id=t&days=366", &[("days", "invalid")])]
#[case("tenant_id=t&days=1.5", &[("days", "invalid")])]
#[case("tenant_id=t&days=%2B7", &[("days", "invalid")])]
#[case("tenant_id=t&days=7&from=2025-06-01T00:00:00Z", &[("days", "conflict")])]
#[case("tenant_id=t&days=7&to=2025-06-01T00:00:00Z", &[("days", "conflict")])]
#[case("tenant_id=t&to=2025-06-01T00:00:00Z", &[("to", "conflict")])]
#[case("tenant_id=t&from=2025-06-01", &[("from", "invalid")])]
#[case("tenant_id=t&from=1969-12-31T23:59:59Z", &[("from", "invalid")])]
#[case("tenant_id=t&from=2200-01-01T00:00:00Z&to=2201-01-01T00:00:00Z", &[("to", "invalid")])]
#[case("tenant_id=t&from=2025-06-02T00:00:00Z&to=2025-06-01T00:00:00Z", &[("from", "out_of_range")])]
#[case("tenant_id=t&from=2025-06-02T00:00:00Z&to=2025-06-02T00:00:00Z", &[("from", "out_of_range")])]
#[case("tenant_id=t&from=2025-06-10T10:07:00Z", &[("from", "out_of_range")])]
#[case("tenant_id=t&from=2024-06-01T00:00:00Z&to=2025-06-02T00:00:00.001Z", &[("from", "out_of_range")])]
#[case("tenant_id=t&interval=minute", &[("interval", "invalid")])]
#[case("tenant_id=t&interval=hour&days=84", &[("interval", "too_many_intervals")])]
#[case("tenant_id=t&timezone=Mars/Olympus", &[("timezone", "invalid")])]
#[case("tenant_id=t&timezone=%2B02:00", &[("timezone", "invalid")])]
#[case("tenant_id=t&timezone=Etc/Unknown", &[("timezone", "invalid")])]
#[case("tenant_id=t&limit=0", &[("limit", "invalid")])]
#[case("tenant_id=t&limit=1001", &[("limit", "invalid")])]
#[case("tenant_id=t&compare=next", &[("compare", "invalid")])]
#[case("days=x&limit=x&zone=UTC", &[("zone", "unknown_parameter"), ("tenant_id", "required"), ("days", "invalid"), ("limit", "invalid")])]
fn what_is_wrong_is_named(#[case] query: &str, #[case] expected: &[(&str, &'static str)]) {
    let faults = take(query).unwrap_err();
    let faults: Vec<(&str, &str)> = faults.iter().map(|(field, code)| (field.as_str(), *code)).collect();
    assert_eq!(faults, expected);
}

#[test]
fn texts_have_limits() {
    assert!(take(&format!("tenant_id={}", "t".repeat(128))).is_ok());
    assert_eq!(take(&format!("tenant_id={}", "t".repeat(129))).unwrap_err(), [("tenant_id".to_owned(), "invalid")]);
    assert!(take(&format!("tenant_id=t&device_os={}", "x".repeat(256))).is_ok());
    assert!(take(&format!("tenant_id=t&device_os={}", "x".repeat(257))).is_err());
}

#[rstest]
#[case::default("", "2025-05-11T10:00:00Z", "2025-06-10T10:15:00Z", Interval::Day)]
#[case("&days=1", "2025-06-09T10:00:00Z", "2025-06-10T10:15:00Z", Interval::Hour)]
#[case("&days=2", "2025-06-08T10:00:00Z", "2025-06-10T10:15:00Z", Interval::Hour)]
#[case("&days=92", "2025-03-10T10:00:00Z", "2025-06-10T10:15:00Z", Interval::Day)]
#[case("&days=93", "2025-03-09T10:00:00Z", "2025-06-10T10:15:00Z", Interval::Week)]
#[case("&from=2025-06-10T10:06:59.999Z", "2025-06-10T10:00:00Z", "2025-06-10T10:15:00Z", Interval::Hour)]
#[case(
    "&from=2025-06-01T00:00:00+05:45&to=2025-06-02T00:00:00Z",
    "2025-05-31T18:15:00Z",
    "2025-06-02T00:00:00Z",
    Interval::Hour
)]
#[case(
    "&from=2025-06-01T00:14:59Z&to=2025-06-01T00:15:01Z",
    "2025-06-01T00:00:00Z",
    "2025-06-01T00:30:00Z",
    Interval::Hour
)]
#[case(
    "&from=2025-06-01T00:00:00Z&to=2025-06-03T00:00:00.001Z",
    "2025-06-01T00:00:00Z",
    "2025-06-03T00:15:00Z",
    Interval::Day
)]
#[case(
    "&from=2024-01-01T00:00:00Z&to=2025-01-01T00:00:00Z",
    "2024-01-01T00:00:00Z",
    "2025-01-01T00:00:00Z",
    Interval::Week
)]
fn the_window_is_widened_to_quarter_hours(
    #[case] query: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] interval: Interval,
) {
    let question = take(&format!("tenant_id=t{query}")).unwrap();
    let ms = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
    assert_eq!((question.window.start_ms(), question.window.end_ms()), (ms(from), ms(to)));
    assert_eq!(question.interval, interval);
    let previous = question.window.previous();
    assert_eq!(previous.end_ms(), ms(from));
    assert_eq!(previous.end_ms() - previous.start_ms(), ms(to) - ms(from));
}

#[test]
fn all_that_is_asked_is_taken() {
    let question = take(
        "tenant_id=t&org_id=o&app_id=a%26b&device_os=Wind%C3%B6ws&interval=month&timezone=europe/berlin&limit=7&compare=previous",
    )
    .unwrap();
    let selection = Selection {
        tenant_id: "t".to_owned(),
        org_id: Some("o".to_owned()),
        app_id: Some("a&b".to_owned()),
        target_version: None,
        device_os: Some("Windöws".to_owned()),
    };
    assert_eq!(question.selection, selection);
    assert_eq!((question.zone.name(), question.limit, question.compare), ("Europe/Berlin", 7, true));
}
