//! The fast way and the careful one read the same of whatever comes.

use super::{KafkaEvent, Record, plain};
use proptest::prelude::*;

fn assert_same(payload: &[u8]) {
    let careful = KafkaEvent::parse_carefully(payload);
    if let Some(fast) = plain::read(payload) {
        assert_eq!(fast, careful.unwrap(), "{}", String::from_utf8_lossy(payload));
    }
}

/// As Lambda writes it.
fn usual() -> String {
    let headers = || [("traceparent", Some(b"00-0af7651916cd43dd8448eb211c80319c".as_slice())), ("none", None)];
    let records = (0..3).map(|offset| {
        Record::new("ota-events", 1, offset, Some(1_749_000_000_000), Some(b"key"), Some(b"{\"a\":1}"), headers())
    });
    serde_json::to_string(&KafkaEvent::of(records)).unwrap()
}

#[test]
fn what_lambda_sends_is_read_fast() {
    let usual = usual();
    assert!(plain::read(usual.as_bytes()).is_some());
    assert_same(usual.as_bytes());
    assert!(plain::read(include_bytes!("../../../../events/consumer-kafka.json")).is_some());
    (0..usual.len()).for_each(|end| assert_same(&usual.as_bytes()[..end]));
}

fn odd_value() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "null",
        "\"\"",
        "{}",
        "[]",
        "0",
        "-0",
        "-1",
        "1.0",
        "1e3",
        "00",
        "9223372036854775807",
        "9223372036854775808",
        "\"e30\\u003d\"",
        "\"1749000000123\"",
        "true",
        "[null]",
        "[{}]",
        "[{\"a\":null}]",
        "[{\"a\":[]}]",
        "[{\"a\":[256]}]",
        "[{\"a\":[-128,-1,0,255]}]",
        "[{\"a\":[-129]}]",
        "[{\"a\":[01]}]",
        "[{\"a\":[1,]}]",
        "[{\"a\":[1 , 2]}]",
        "[{\"a\":[1.0]}]",
        "[{\"a\":[1],\"b\":[2]}]",
        "[{\"a\":[1],\"a\":[2]}]",
        "[{\"\\u0061\":[100,200,249,255]}]",
        "[{\"a\":7}]",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn with_members_of_any_kind(members in prop::collection::vec((prop::sample::select(vec![
        "topic", "partition", "offset", "timestamp", "timestampType", "key", "value", "headers", "new",
    ]), odd_value()), 0..5), around in prop::sample::select(vec!["eventSource", "eventSourceArn", "records", "new"]), value in odd_value()) {
        let members: String = members.iter().map(|(name, value)| format!(",\"{name}\" : {value}")).collect();
        let records = format!("{{\"a-0\":[{{\"partition\":1,\"offset\":2{members}}}]}}");
        assert_same(format!("{{\"records\":{records}}}").as_bytes());
        assert_same(format!("{{\"bootstrapServers\":\"b\",\"records\":{records},\"{around}\":{value}}}").as_bytes());
        assert_same(format!("{{\"records\":{{\"a-0\":[{{\"offset\":2{members}}}],\"a-1\":null}}}}").as_bytes());
    }

    #[test]
    fn with_bytes_changed(changes in prop::collection::vec(
        (any::<prop::sample::Index>(), prop::sample::select(b"\"\\{}[]:,-.e0 19nul\n\x01\x80\xc3".to_vec()), 0..3u8), 1..4)) {
        let mut bytes = usual().into_bytes();
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
}
