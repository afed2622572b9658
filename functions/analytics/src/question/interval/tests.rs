use super::*;
use rstest::rstest;

fn starts(interval: Interval, from: &str, to: &str, zone: &str) -> Vec<String> {
    let zone = Zone::parse(zone).unwrap();
    let ms = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
    Starts::of(interval, Window::widened(ms(from), ms(to)), &zone, usize::MAX).unwrap().labels(&zone)
}

#[rstest]
#[case::spring("2025-03-09T06:00:00Z", "2025-03-09T09:00:00Z", "America/New_York",
    &["2025-03-09T01:00:00-05:00", "2025-03-09T03:00:00-04:00", "2025-03-09T04:00:00-04:00"])]
#[case::autumn("2025-11-02T05:00:00Z", "2025-11-02T08:00:00Z", "America/New_York",
    &["2025-11-02T01:00:00-04:00", "2025-11-02T01:00:00-05:00", "2025-11-02T02:00:00-05:00"])]
#[case::quarter_zone("2025-06-01T00:00:00Z", "2025-06-01T01:30:00Z", "Asia/Kathmandu",
    &["2025-06-01T05:00:00+05:45", "2025-06-01T06:00:00+05:45", "2025-06-01T07:00:00+05:45"])]
#[case::half_hour_back("2025-04-05T14:00:00Z", "2025-04-05T16:00:00Z", "Australia/Lord_Howe",
    &["2025-04-06T01:00:00+11:00", "2025-04-06T02:00:00+10:30"])]
#[case::half_hour_ahead("2025-10-04T15:00:00Z", "2025-10-04T17:00:00Z", "Australia/Lord_Howe",
    &["2025-10-05T01:00:00+10:30", "2025-10-05T02:30:00+11:00", "2025-10-05T03:00:00+11:00"])]
#[case::put_back_into_another_hour("2025-04-05T12:30:00Z", "2025-04-05T15:30:00Z", "Pacific/Chatham",
    &["2025-04-06T02:00:00+13:45", "2025-04-06T03:00:00+13:45", "2025-04-06T02:45:00+12:45", "2025-04-06T03:00:00+12:45", "2025-04-06T04:00:00+12:45"])]
#[case::within_such_a_rest("2025-04-05T14:00:00Z", "2025-04-05T14:15:00Z", "Pacific/Chatham", &["2025-04-06T02:45:00+12:45"])]
#[case::utc("2025-06-01T00:15:00Z", "2025-06-01T01:15:00Z", "UTC", &["2025-06-01T00:00:00Z", "2025-06-01T01:00:00Z"])]
fn hours(#[case] from: &str, #[case] to: &str, #[case] zone: &str, #[case] expected: &[&str]) {
    assert_eq!(starts(Interval::Hour, from, to, zone), expected);
}

#[rstest]
#[case::spring("2025-03-09T05:00:00Z", "2025-03-10T05:00:00Z", "America/New_York",
    &["2025-03-09T00:00:00-05:00", "2025-03-10T00:00:00-04:00"])]
#[case::begun_before("2025-06-01T00:00:00Z", "2025-06-01T19:00:00Z", "Asia/Kathmandu",
    &["2025-06-01T00:00:00+05:45", "2025-06-02T00:00:00+05:45"])]
#[case::to_the_border("2025-06-01T18:15:00Z", "2025-06-02T18:15:00Z", "Asia/Kathmandu", &["2025-06-02T00:00:00+05:45"])]
#[case::no_midnight("2018-11-03T12:00:00Z", "2018-11-05T12:00:00Z", "America/Sao_Paulo",
    &["2018-11-03T00:00:00-03:00", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"])]
#[case::midnight_put_back("2018-02-17T12:00:00Z", "2018-02-18T12:00:00Z", "America/Sao_Paulo",
    &["2018-02-17T00:00:00-02:00", "2018-02-18T00:00:00-03:00"])]
#[case::a_date_left_out("2011-12-29T12:00:00Z", "2011-12-31T12:00:00Z", "Pacific/Apia",
    &["2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"])]
fn days(#[case] from: &str, #[case] to: &str, #[case] zone: &str, #[case] expected: &[&str]) {
    assert_eq!(starts(Interval::Day, from, to, zone), expected);
}

#[test]
fn weeks_begin_on_monday_and_months_on_the_first() {
    assert_eq!(
        starts(Interval::Week, "2025-03-29T23:00:00Z", "2025-04-07T00:00:00Z", "Europe/Berlin"),
        ["2025-03-24T00:00:00+01:00", "2025-03-31T00:00:00+02:00", "2025-04-07T00:00:00+02:00"]
    );
    assert_eq!(starts(Interval::Week, "2025-06-09T00:00:00Z", "2025-06-16T00:00:00Z", "UTC"), ["2025-06-09T00:00:00Z"]);
    assert_eq!(
        starts(Interval::Month, "2024-12-31T23:15:00Z", "2025-02-28T23:15:00Z", "Europe/Berlin"),
        ["2025-01-01T00:00:00+01:00", "2025-02-01T00:00:00+01:00", "2025-03-01T00:00:00+01:00"]
    );
}

#[rstest]
fn every_interval_follows_the_one_before(
    #[values(Interval::Hour, Interval::Day, Interval::Week, Interval::Month)] interval: Interval,
    #[values("UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Cairo", "Asia/Beirut")] zone: &str,
) {
    let zone = Zone::parse(zone).unwrap();
    let window = Window::widened(1_735_689_600_000, 1_735_689_600_000 + 366 * 86_400_000);
    let starts = Starts::of(interval, window, &zone, usize::MAX).unwrap().to_ms();
    assert!(starts.is_sorted_by(|a, b| a < b));
    assert!(starts[0] <= window.start_ms() && starts[1] > window.start_ms());
    assert!(*starts.last().unwrap() < window.end_ms());
    let longest = starts.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    let most = match interval {
        Interval::Hour => 5_400_000, // Lord Howe's hour of 90 minutes
        Interval::Day => 25 * 3_600_000,
        Interval::Week => 169 * 3_600_000,
        Interval::Month => (31 * 24 + 1) * 3_600_000,
    };
    assert!(longest <= most, "{longest}");
}
