//! Whatever `aws_lambda_events` accepts, our own type reads the same.

use super::{KafkaEvent, Text};
use aws_lambda_events::kafka::{KafkaEvent as Theirs, KafkaRecord as TheirRecord};
use proptest::collection::{hash_map, vec};
use proptest::option;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};

fn their_record() -> impl Strategy<Value = TheirRecord> {
    let place = (option::of("[a-z.-]{1,9}"), any::<i64>(), any::<i64>(), 0..4_102_444_800_000_u64);
    // Base64, and text that needs escapes in JSON.
    let text = || option::of(prop_oneof!["[A-Za-z0-9+/]{0,12}={0,2}", any::<String>()]);
    let headers = vec(hash_map("[a-z_]{1,9}|\\PC{1,3}", vec(any::<i8>(), 0..20), 0..3), 0..4);
    (place, text(), text(), text(), headers).prop_map(
        |((topic, partition, offset, millis), kind, key, value, headers)| {
            let mut record = TheirRecord::default();
            record.topic = topic;
            record.partition = partition;
            record.offset = offset;
            record.timestamp = serde_json::from_value(millis.into()).unwrap();
            record.timestamp_type = kind;
            record.key = key;
            record.value = value;
            record.headers = headers;
            record
        },
    )
}

fn their_event() -> impl Strategy<Value = Theirs> {
    let text = || option::of(any::<String>());
    let records = hash_map("[a-z]{1,5}-[0-9]", vec(their_record(), 0..5), 0..4);
    (text(), text(), text(), records).prop_map(|(source, arn, servers, records)| {
        let mut event = Theirs::default();
        event.event_source = source;
        event.event_source_arn = arn;
        event.bootstrap_servers = servers;
        event.records = records;
        event
    })
}

fn text(ours: &Option<Text<'_>>) -> Option<String> {
    ours.as_ref().map(|text| text.to_string())
}

/// A header's name and bytes; null where the value is.
type Header = (String, Option<Vec<u8>>);

fn assert_same(ours: &KafkaEvent<'_>, theirs: &Theirs) {
    assert_eq!(text(&ours.event_source), theirs.event_source);
    assert_eq!(text(&ours.event_source_arn), theirs.event_source_arn);
    assert_eq!(text(&ours.bootstrap_servers), theirs.bootstrap_servers);
    let ours: HashMap<String, _> = ours.records.0.iter().map(|(name, records)| (name.to_string(), records)).collect();
    assert_eq!(ours.len(), theirs.records.len());
    for (name, theirs) in &theirs.records {
        assert_eq!(ours[name].len(), theirs.len());
        for (ours, theirs) in ours[name].iter().zip(theirs) {
            assert_eq!(text(&ours.topic), theirs.topic);
            assert_eq!((ours.partition, ours.offset), (theirs.partition, theirs.offset));
            // Theirs goes through a float and may lose a millisecond.
            let apart = ours.timestamp.0.unwrap() - theirs.timestamp.timestamp_millis();
            assert!((0..=1).contains(&apart), "{:?} {:?}", ours.timestamp, theirs.timestamp);
            assert_eq!(text(&ours.timestamp_type), theirs.timestamp_type);
            assert_eq!(text(&ours.key), theirs.key);
            assert_eq!(text(&ours.value), theirs.value);
            let our_headers: BTreeMap<usize, Header> = ours
                .headers
                .list()
                .iter()
                .map(|(name, value)| (name.to_string(), value.as_ref().map(|bytes| bytes.0.clone())))
                .enumerate()
                .collect();
            let mut ours: Vec<Header> = our_headers.into_values().collect();
            let mut theirs: Vec<Header> = theirs
                .headers
                .iter()
                .flatten()
                .map(|(name, value)| (name.clone(), Some(value.iter().map(|byte| byte.cast_unsigned()).collect())))
                .collect();
            ours.sort();
            theirs.sort();
            assert_eq!(ours, theirs);
        }
    }
}

proptest! {
    #[test]
    fn reads_what_theirs_reads(event in their_event()) {
        let payload = serde_json::to_vec(&event).unwrap();
        let theirs: Theirs = serde_json::from_slice(&payload).unwrap();
        assert_same(&KafkaEvent::parse(&payload).unwrap(), &theirs);
    }
}

#[test]
fn reads_the_sample_of_the_documentation() {
    let payload = include_bytes!("../../../../events/consumer-kafka.json");
    let theirs: Theirs = serde_json::from_slice(payload).unwrap();
    assert_same(&KafkaEvent::parse(payload).unwrap(), &theirs);
}
