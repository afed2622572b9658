use super::*;
use crate::demo::{screen::Screen, testing};
use serde_json::{Value, json};

fn expected() -> Answers {
    testing::expected("acme")
}

/// The checks if the member at `pointer` of the answer from `endpoint` is another one.
fn with(endpoint: &str, pointer: &str, value: Value) -> Vec<String> {
    let mut answers = testing::answers(&expected());
    let data = answers.get_mut(endpoint).unwrap();
    assert_ne!(data.pointer(pointer), Some(&value), "{pointer} is {value} anyway");
    *data.pointer_mut(pointer).unwrap() = value;
    let checks = compare(&expected(), &testing::five(answers));
    checks.into_iter().filter(|check| !check.agrees).map(|check| check.name).collect()
}

#[test]
fn right_answers_agree() {
    let checks = compare(&expected(), &testing::five(testing::answers(&expected())));
    assert_eq!(checks.iter().filter(|check| !check.agrees).collect::<Vec<_>>(), Vec::<&Check>::new());
    assert!(checks.len() > 20);
}

#[test]
fn each_wrong_number_is_named() {
    for (endpoint, pointer, name) in [
        ("adoption", "/total_updates", "adoption: total_updates"),
        ("adoption", "/successful_updates", "adoption: successful_updates"),
        ("adoption", "/failed_updates", "adoption: failed_updates"),
        ("adoption", "/success_rate", "adoption: success_rate"),
        ("adoption", "/hourly_installs/3/installs", "adoption: hourly_installs"),
        ("versions", "/total_devices", "versions: total_devices"),
        ("versions", "/versions/0/device_count", "versions: device_count"),
        ("active-devices", "/total_active_devices", "active devices: total"),
        ("active-devices", "/average_daily_active_devices", "active devices: average a day"),
        ("active-devices", "/daily_breakdown/20/active_devices", "active devices: by day"),
        ("failures", "/total_failures", "failures: total_failures"),
        ("failures", "/failure_rate", "failures: failure_rate"),
        ("failures", "/failure_events", "failures: failure_events"),
        ("failures", "/total_rollbacks", "failures: total_rollbacks"),
        ("failures", "/failures/0/failures", "failures: by error_code"),
        ("performance", "/metrics/package_size_bytes/count", "package_size_bytes: updates"),
        ("performance", "/metrics/package_size_bytes/p95", "package_size_bytes: p95"),
    ] {
        let disagree = with(endpoint, pointer, json!(100_001));
        assert_eq!(disagree.first().map(String::as_str), Some(name), "{pointer}: {disagree:?}");
    }
}

#[test]
fn a_row_too_many_is_seen_and_so_is_one_that_comes_twice() {
    let row = testing::answers(&expected())["versions"]["versions"][0].clone();
    let other = json!({"version": "0.0", "device_count": 0, "percentage": 0.0});
    for rows in [json!([row, row]), json!([row, other]), json!([])] {
        let disagree = with("versions", "/versions", rows);
        assert_eq!(disagree.first().map(String::as_str), Some("versions: device_count"));
    }
}

#[test]
fn rates_may_be_rounded_but_not_off() {
    assert!(is_rounding(Some(93.456_7), Some(93.46), 2));
    assert!(is_rounding(Some(0.125), Some(0.12), 2), "half to even");
    assert!(!is_rounding(Some(93.456_7), Some(93.45), 2));
    assert!(!is_rounding(Some(0.0), None, 2));
    assert!(is_rounding(None, None, 2));
}

#[test]
fn the_table_fits_100_columns() {
    let checks = compare(&expected(), &testing::five(testing::answers(&expected())));
    let mut page = Screen::none().page();
    render(&mut page, "Sent beside counted", &checks);
    let widest = page.text().lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}\n{}", page.text());
}

#[test]
fn a_disagreement_stands_in_the_table_and_below_it() {
    let check = |name: &str, counted: &str| Check {
        name: name.into(),
        sent: "7".into(),
        counted: counted.into(),
        agrees: counted == "7",
    };
    let mut page = Screen::none().page();
    render(&mut page, "Sent beside counted", &[check("installs", "7"), check("failures", "8")]);
    assert!(page.text().ends_with("✗ failures: sent 7, counted 8"), "{}", page.text());
    assert!(page.text().contains('✓'));
}
