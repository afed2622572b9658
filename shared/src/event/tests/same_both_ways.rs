//! The fast way and the careful one say the same of whatever comes: the same event, or the same reasons.

use super::*;
use crate::event::{document::Content, plain::Fields};

const FLEET: &str = include_str!("../../../benches/fleet.ndjson");
const ODD: &str = include_str!("../../../../functions/consumer/fixtures/events.ndjson");

fn contexts() -> [Context; 3] {
    let batch_sent_at = Some("2026-06-03T11:00:00Z".parse().unwrap());
    [at_ingest(), Context { batch_sent_at, ..at_ingest() }, Context { age: Age::AlreadyAccepted, ..at_ingest() }]
}

fn assert_same(bytes: &[u8]) {
    let (fast, careful) = (Document::parse(bytes), Document::parse_carefully(bytes));
    let shown = String::from_utf8_lossy(bytes);
    assert_eq!(fast.as_ref().err(), careful.as_ref().err(), "{shown}");
    let (Ok(fast), Ok(careful)) = (fast, careful) else { return };
    assert_eq!(fast.event_id(), careful.event_id(), "{shown}");
    for context in contexts() {
        assert_eq!(fast.clone().validate(&context), careful.clone().validate(&context), "{shown}");
        for replacement in ["p", "", "a\u{0}b"] {
            let (mut fast, mut careful) = (fast.clone(), careful.clone());
            fast.pseudonymise(|id| id.replace('-', replacement));
            careful.pseudonymise(|id| id.replace('-', replacement));
            assert_eq!(fast.validate(&context), careful.validate(&context), "{shown}");
        }
    }
}

fn lines() -> impl Iterator<Item = &'static str> {
    FLEET.lines().chain(ODD.lines())
}

#[test]
fn what_devices_send_is_read_fast() {
    for line in FLEET.lines() {
        assert!(Fields::read(line.as_bytes()).is_some(), "{line}");
        assert!(matches!(Document::parse(line.as_bytes()).unwrap().content, Content::Plain(_)));
        let value = event(&serde_json::from_str(line).unwrap()).encode();
        assert!(Fields::read(&value).is_some(), "{}", String::from_utf8_lossy(&value));
    }
}

#[test]
fn as_they_are_and_cut_anywhere() {
    lines().for_each(|line| assert_same(line.as_bytes()));
    let whole = whole().to_string();
    (0..whole.len()).for_each(|end| assert_same(&whole.as_bytes()[..end]));
}

/// Every member of an event by its pointer, and some that nobody knows.
fn pointers() -> Vec<String> {
    let known = [
        "event_id tenant_id org_id app_id device_id session_id event_type timestamp sent_at unknown",
        "device_info device_info/os device_info/os_version device_info/model device_info/manufacturer device_info/new",
        "release_info release_info/current_version release_info/target_version release_info/release_notes",
        "network_info network_info/connection_type network_info/bandwidth_mbps network_info/new",
        "performance_metrics performance_metrics/download_speed_mbps performance_metrics/install_duration_seconds",
        "performance_metrics/battery_level performance_metrics/storage_available_mb performance_metrics/new",
        "error_info error_info/error_code error_info/error_message error_info/failure_stage error_info/new",
        "payload payload/current_version payload/target_version payload/progress payload/download_speed payload/new",
        "payload/package_size payload/download_duration payload/install_progress payload/install_duration",
        "payload/success_metrics payload/error_code payload/error_message payload/failure_stage",
        "payload/cancellation_reason payload/rollback_reason payload/rollback_duration",
    ];
    known.iter().flat_map(|line| line.split(' ')).map(|pointer| format!("/{pointer}")).collect()
}

/// Values as they may stand in JSON, plainly and oddly written.
fn spelled_value() -> impl Strategy<Value = String> {
    let odd = [
        "null",
        "\"\"",
        "{}",
        "{\"a\":null}",
        "[]",
        "[null]",
        "0",
        "-0",
        "-0.0",
        "-1",
        "1e2",
        "1E-3",
        "100",
        "100.0001",
        "9007199254740992",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "1e999",
        "00",
        "1.",
        "0.1",
        "true",
        "false",
        "\"\\u0041\"",
        "\"\\ud83d\\ude80\"",
        "\"\\ud800\"",
        "\"a\\u0000b\"",
        "\"\u{7f}\"",
        "\"\u{85}\"",
        "\"ä\"",
        "\"\\n\"",
        "\"update_failed\"",
        "\"\\u0075pdate_started\"",
        "\"2026-06-03T11:59:60Z\"",
        "\"2026-06-03 11:00:00.123456789+01:00\"",
        "\"2036-06-03T11:00:00Z\"",
        "\"1900-01-01T00:00:00Z\"",
        "\"0f8fad5b-d9cb-469f-a165-70867728950e\"",
        "\"0F8FAD5B-D9CB-469F-A165-70867728950E\"",
        "{\"x\":{\"y\":[1,{\"z\":2}]}}",
        "{\"x\":1,\"x\":2}",
        "{\"x\":1,\"\\u0078\":2}",
        "0.30000000000000004",
        "123456789012345678.25",
        "4.9e-324",
        "{\"k1\":1,\"k2\":2,\"k3\":3,\"k4\":4,\"k5\":5,\"k6\":6,\"k7\":7,\"k8\":8,\"k9\":9,\"ka\":1,\"kb\":1,\"kc\":1,\"kd\":1,\"ke\":1,\"kf\":1,\"kg\":1,\"kh\":1}",
    ];
    prop_oneof![
        4 => prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
        1 => (prop::sample::select(vec!["x", "ä", "€"]), prop::sample::select(vec![64usize, 128, 129, 255, 256, 257, 2800, 8192, 8193, 16384]))
            .prop_map(|(text, times)| json!(text.repeat(times)).to_string()),
        2 => any_json().prop_map(|value| value.to_string()),
        1 => (0..50usize).prop_map(|deep| format!("{}1{}", "[".repeat(deep), "]".repeat(deep))),
    ]
}

/// The event with some members replaced by text of any kind.
fn changed(event: &Value, changes: &[(String, String)]) -> String {
    let mut event = event.clone();
    for (index, (pointer, _)) in changes.iter().enumerate() {
        let (object, member) = pointer.rsplit_once('/').unwrap();
        if let Some(Value::Object(object)) = event.pointer_mut(object) {
            object.insert(member.to_owned(), Value::from(format!("@{index}@")));
        }
    }
    let text = event.to_string();
    changes.iter().enumerate().fold(text, |text, (index, (_, value))| text.replace(&format!("\"@{index}@\""), value))
}

fn source() -> impl Strategy<Value = Value> {
    let lines: Vec<&str> = lines().collect();
    prop_oneof![
        Just(whole()),
        Just(without_id(whole())),
        prop::sample::select(lines).prop_map(|line| serde_json::from_str(line).unwrap()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn with_any_members_replaced(
        source in source(),
        changes in prop::collection::vec((prop::sample::select(pointers()), spelled_value()), 1..4),
    ) {
        assert_same(changed(&source, &changes).as_bytes());
    }

    #[test]
    fn with_a_member_said_again(source in source(), pointer in prop::sample::select(pointers()), value in spelled_value(), escaped in any::<bool>()) {
        let (object, member) = pointer.rsplit_once('/').unwrap();
        let key = if escaped { format!("\\u{:04x}{}", member.as_bytes()[0], &member[1..]) } else { member.to_owned() };
        let mut source = source;
        if let Some(Value::Object(object)) = source.pointer_mut(object) {
            object.insert("@key@".to_owned(), Value::from("@value@"));
        }
        let text = source.to_string().replace("@key@", &key).replace("\"@value@\"", &value);
        assert_same(text.as_bytes());
    }

    #[test]
    fn with_bytes_changed(
        line in prop::sample::select(lines().collect::<Vec<_>>()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"\"\\{}[]:,-+.eE0 19nul\n\t\x01\x80\xc3".to_vec()), 0..3u8), 1..4),
    ) {
        let mut bytes = line.as_bytes().to_vec();
        for (place, byte, how) in changes {
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => _ = bytes.remove(place),
            }
        }
        assert_same(&bytes);
    }

    #[test]
    fn with_spaces_and_in_any_order(source in source()) {
        assert_same(reversed(&source).as_bytes());
    }
}
