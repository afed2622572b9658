mod rejections;
mod same_both_ways;

use super::*;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Map, Value, json};

const RECEIVED: &str = "2026-06-03T12:00:00Z";

fn at_ingest() -> Context {
    let received_at = RECEIVED.parse().unwrap();
    Context { received_at, batch_sent_at: None, age: Age::AtIngest { max_age_days: 1826 } }
}

fn whole() -> Value {
    json!({
        "event_id": "0F8FAD5B-d9cb-469f-a165-70867728950e",
        "tenant_id": "acme-corp", "org_id": "mobile-team", "app_id": "my-mobile-app", "device_id": "device-123",
        "session_id": "session-456", "event_type": "update_failed", "timestamp": "2026-06-03T10:30:00.1239Z",
        "device_info": {"os": "Android", "os_version": "13", "model": "Pixel 7", "manufacturer": "Google"},
        "release_info": {"current_version": "1.0.0", "target_version": "1.1.0", "release_notes": "Bug fixes"},
        "network_info": {"connection_type": "wifi", "bandwidth_mbps": 54.5},
        "performance_metrics": {"download_speed_mbps": 25.5, "install_duration_seconds": 120, "battery_level": 75, "storage_available_mb": 2048},
        "error_info": {"error_code": "E1", "error_message": "no space", "failure_stage": "install"},
        "payload": {"package_size": 1_000_000, "download_duration": 3.5, "own": [1, null, {}]},
    })
}

fn read(event: &Value) -> Result<(Event<'static>, Vec<Warning>), Rejection> {
    let bytes = event.to_string().into_bytes().leak();
    let accepted = Document::parse(bytes)?.validate(&at_ingest())?;
    Ok((accepted.event, accepted.warnings))
}

fn event(event: &Value) -> Event<'static> {
    read(event).unwrap().0
}

/// The whole event with one member replaced; `null` takes it away.
fn with(pointer: &str, value: Value) -> Value {
    let mut event = whole();
    let (object, member) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(object).unwrap()[member] = value;
    event
}

#[test]
fn a_whole_event_is_read() {
    insta::assert_debug_snapshot!(event(&whole()));
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    assert!(Document::parse(b"{\"a\":\"\xff\"}").is_err());
    assert!(Document::parse("[".repeat(100_000).as_bytes()).is_err());
    assert!(Document::parse(format!("{{\"a\":{}", "[".repeat(100_000)).as_bytes()).is_err());
}

#[test]
fn duplicates_are_found_in_large_objects_too() {
    let mut members: Vec<String> = (0..40).map(|number| format!("\"k{number}\":0")).collect();
    assert!(Document::parse(format!("{{{}}}", members.join(",")).as_bytes()).is_ok());
    members.push("\"k3\":1".to_owned());
    let rejection = Document::parse(format!("{{{}}}", members.join(",")).as_bytes()).unwrap_err();
    assert_eq!((rejection.errors[0].field.as_str(), rejection.errors[0].code), ("k3", "duplicate_key"));
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let rejection = read(&json!({"event_id": "x", "device_info": {"os": 1}, "payload": {"progress": -1}})).unwrap_err();
    let fields: Vec<_> = rejection.errors.iter().map(|error| error.field.as_str()).collect();
    let expected = [
        "event_id",
        "tenant_id",
        "org_id",
        "app_id",
        "device_id",
        "event_type",
        "timestamp",
        "device_info.os",
        "payload.progress",
    ];
    assert_eq!(fields, expected);
    assert_eq!(rejection.event_id.as_deref(), Some("x"));
}

#[test]
fn absent_null_empty_text_and_empty_objects_are_the_same() {
    let bare = json!({
        "tenant_id": "t", "org_id": "o", "app_id": "a", "device_id": "d", "event_type": "update_started",
        "timestamp": "2026-06-03T10:30:00Z",
    });
    for empty in [json!(null), json!(""), json!({}), json!({"x": null})] {
        let mut full = bare.clone();
        for name in
            ["session_id", "sent_at", "event_id", "device_info", "release_info", "payload", "performance_metrics"]
        {
            full[name] = empty.clone();
        }
        assert_eq!(event(&full), event(&bare), "{empty}");
    }
}

#[test]
fn the_own_object_wins_over_the_payload() {
    let mut both = whole();
    both["payload"] = json!({"target_version": "9", "download_speed": 9, "install_duration": 9, "error_code": "E9"});
    let own = event(&both);
    assert_eq!(own.release.target_version.as_deref(), Some("1.1.0"));
    assert_eq!(own.performance.download_speed_mbps, Some(25.5));
    for object in ["release_info", "performance_metrics", "error_info"] {
        both[object] = Value::Null;
    }
    let other = event(&both);
    assert_eq!(other.release.target_version.as_deref(), Some("9"));
    assert_eq!(other.performance.download_speed_mbps, Some(9.0));
    assert_eq!(other.performance.install_duration_seconds, Some(9.0));
    assert_eq!(other.error.error_code.as_deref(), Some("E9"));
}

#[test]
fn long_text_is_cut_at_a_border_and_told() {
    let mut long = whole();
    long["device_info"]["model"] = json!(format!("{}ß", "x".repeat(255)));
    long["error_info"] = Value::Null;
    long["payload"]["error_message"] = json!("€".repeat(3000));
    let (cut, warnings) = read(&long).unwrap();
    assert_eq!(cut.device.model.as_deref(), Some("x".repeat(255).as_str()));
    assert_eq!(cut.error.error_message.unwrap().len(), 8190);
    assert!(cut.payload.unwrap().len() > 9000, "the payload is kept whole");
    let truncated = |field| Warning { field, code: "truncated" };
    assert_eq!(warnings, [truncated("device_info.model"), truncated("payload.error_message")]);
}

#[test]
fn an_update_without_target_version_warns_and_a_rollback_does_not() {
    let mut nameless = whole();
    nameless["release_info"] = Value::Null;
    let missing = [Warning { field: "release_info.target_version", code: "missing" }];
    assert_eq!(read(&nameless).unwrap().1, missing);
    nameless["event_type"] = json!("rollback_started");
    assert_eq!(read(&nameless).unwrap().1, []);
}

#[rstest]
#[case::not_said("2026-06-03T10:30:00Z", None, "2026-06-03T10:30:00Z")]
#[case::in_time("2026-06-03T10:30:00Z", Some("2026-06-03T11:59:00Z"), "2026-06-03T10:30:00Z")]
#[case::behind("2026-06-03T10:30:00Z", Some("2026-06-03T11:58:59.999Z"), "2026-06-03T10:31:00.001Z")]
#[case::ahead("2036-06-03T10:30:00Z", Some("2036-06-03T12:00:00Z"), "2026-06-03T10:30:00Z")]
#[case::dead_battery("1970-01-01T00:00:10Z", Some("1970-01-01T00:00:20Z"), "2026-06-03T11:59:50Z")]
fn a_wrong_clock_is_corrected(#[case] timestamp: &str, #[case] sent_at: Option<&str>, #[case] expected: &str) {
    let mut skewed = with("/timestamp", json!(timestamp));
    skewed["sent_at"] = json!(sent_at);
    assert_eq!(event(&skewed).event_time.to_string(), expected);
}

#[test]
fn the_batchs_sent_at_stands_for_events_without_their_own() {
    let context = Context { batch_sent_at: Some("2026-06-03T11:00:00Z".parse().unwrap()), ..at_ingest() };
    let time = |event: &Value| {
        let bytes = event.to_string();
        Document::parse(bytes.as_bytes()).unwrap().validate(&context).unwrap().event.event_time.to_string()
    };
    assert_eq!(time(&with("/timestamp", json!("2026-06-03T10:00:00Z"))), "2026-06-03T11:00:00Z");
    let mut own = with("/timestamp", json!("2026-06-03T10:00:00Z"));
    own["sent_at"] = json!("2026-06-03T12:00:00Z");
    assert_eq!(time(&own), "2026-06-03T10:00:00Z");
}

#[test]
fn what_was_accepted_once_is_never_too_old() {
    let old = with("/timestamp", json!("2001-01-01T00:00:00Z")).to_string();
    let context = Context { age: Age::AlreadyAccepted, ..at_ingest() };
    assert!(Document::parse(old.as_bytes()).unwrap().validate(&context).is_ok());
}

fn without_id(mut event: Value) -> Value {
    event["event_id"] = Value::Null;
    event
}

#[rstest]
#[case("/timestamp", json!("2026-06-03T12:30:00.12390+02:00"))]
#[case("/sent_at", json!("2026-06-03T12:00:00Z"))]
#[case("/from_a_newer_client", json!(true))]
#[case("/device_info/color", json!("blue"))]
#[case("/performance_metrics/battery_level", json!(75.0))]
#[case("/payload/package_size", json!(1e6))]
#[case("/payload/nothing", json!({"a": null, "b": ""}))]
#[case("/payload/own", json!([1.0, "", {"x": null}]))]
fn the_same_content_has_the_same_id(#[case] pointer: &str, #[case] value: Value) {
    assert_eq!(event(&without_id(with(pointer, value))).event_id, event(&without_id(whole())).event_id);
}

#[rstest]
#[case("/timestamp", json!("2026-06-03T10:30:00.1238Z"))]
#[case("/device_id", json!("device-124"))]
#[case("/session_id", json!(null))]
#[case("/event_type", json!("update_cancelled"))]
#[case("/device_info/os", json!("Android "))]
#[case("/payload/more", json!(0))]
#[case("/payload/more", json!(false))]
#[case("/payload/own", json!([1, null]))]
#[case("/payload/own", json!([null, 1, {}]))]
#[case("/payload/package_size", json!(1_000_001))]
fn other_content_has_another_id(#[case] pointer: &str, #[case] value: Value) {
    assert_ne!(event(&without_id(with(pointer, value))).event_id, event(&without_id(whole())).event_id);
}

#[test]
fn whole_numbers_are_told_apart_beyond_what_a_float_holds() {
    let id = |number: u64| event(&without_id(with("/payload/serial", json!(number)))).event_id;
    assert_ne!(id(9_007_199_254_740_993), id(9_007_199_254_740_992));
    assert_ne!(id(u64::MAX), id(u64::MAX - 1));
    let spelled = |text: &str| {
        let text = without_id(whole()).to_string().replace("1000000", text);
        Document::parse(text.as_bytes()).unwrap().validate(&at_ingest()).unwrap().event.event_id
    };
    assert_eq!(spelled("1000000"), spelled("1e6"));
    assert_eq!(spelled("1000000"), spelled("1.0E+6"));
    assert_eq!(spelled("0"), spelled("-0.0"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e12..1e12f64).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,6}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The same value with the members of every object in reverse.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().rev().map(|(key, value)| format!("{} : {}", json!(key), reversed(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(" , "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",\n")),
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(document) = Document::parse(&bytes) {
            let _ = document.validate(&at_ingest());
        }
    }

    #[test]
    fn any_json_anywhere_is_read_without_a_panic(
        member in prop::sample::select(vec!["tenant_id", "event_type", "timestamp", "sent_at", "device_info", "payload", "event_id"]),
        value in any_json(),
    ) {
        let mut event = whole();
        event[member] = value;
        if let Err(rejection) = read(&event) {
            prop_assert!(!rejection.errors.is_empty());
        }
    }

    #[test]
    fn kafkas_value_gives_the_event_again(payload in prop::collection::btree_map("[a-z]{1,6}", any_json(), 0..5), sent in any::<bool>()) {
        let mut wanted = whole();
        wanted["payload"] = Value::Object(payload.into_iter().collect::<Map<_, _>>());
        wanted["sent_at"] = if sent { json!("2026-06-03T10:31:00.5Z") } else { Value::Null };
        let event = event(&wanted);
        let value = event.encode();
        let context = Context { age: Age::AlreadyAccepted, ..at_ingest() };
        let again = Document::parse(&value).unwrap().validate(&context).unwrap().event;
        prop_assert_eq!(&again, &event);
    }

    #[test]
    fn the_order_of_keys_and_spaces_do_not_change_the_id(payload in any_json()) {
        prop_assume!(payload.is_object());
        let wanted = without_id(with("/payload", payload));
        let text = reversed(&wanted);
        let again = Document::parse(text.as_bytes()).unwrap().validate(&at_ingest()).unwrap().event;
        prop_assert_eq!(again.event_id, event(&wanted).event_id);
    }
}
