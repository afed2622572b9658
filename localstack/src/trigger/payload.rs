//! The event as Lambda gets it.

use consumer::KafkaEvent;
use consumer::kafka_event::Record;
use rdkafka::Message;
use rdkafka::message::{Headers, OwnedMessage};
use shared::kafka::Brokers;

/// What Lambda takes in one invocation, less what is around the records.
pub const MAX_BYTES: usize = 6 * 1024 * 1024 - 1024;

/// The JSON around key, value and headers, and the partition's name.
const FRAME: usize = 256;

/// What the record takes of the payload, at most.
pub fn bytes_of(message: &OwnedMessage) -> usize {
    let base64 = |bytes: Option<&[u8]>| bytes.map_or(0, |bytes| bytes.len().div_ceil(3) * 4);
    let headers = message.headers().map_or(0, |headers| {
        // Each byte is a number of up to four characters and a comma.
        headers.iter().map(|header| 16 + header.key.len() * 2 + header.value.map_or(4, |value| value.len() * 5)).sum()
    });
    FRAME + 2 * message.topic().len() + base64(message.key()) + base64(message.payload()) + headers
}

/// The payload of these records.
///
/// # Errors
/// None of its own: the types are JSON's.
pub fn of<'m>(
    source: &'m Brokers,
    messages: impl Iterator<Item = &'m OwnedMessage>,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut event = KafkaEvent::of(messages.map(record));
    match source {
        Brokers::List(list) => event.bootstrap_servers = Some(list.as_str().into()),
        Brokers::MskCluster(arn) => event.event_source_arn = Some(arn.as_str().into()),
    }
    serde_json::to_vec(&event)
}

fn record(message: &OwnedMessage) -> Record<'_> {
    let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
    Record::new(
        message.topic(),
        message.partition(),
        message.offset(),
        message.timestamp().to_millis(),
        message.key(),
        message.payload(),
        headers.map(|header| (header.key, header.value)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::Timestamp;
    use rdkafka::message::{Header, OwnedHeaders};

    fn message(offset: i64, key: Option<&[u8]>, value: Option<&[u8]>, headers: Option<OwnedHeaders>) -> OwnedMessage {
        let (key, value) = (key.map(<[u8]>::to_vec), value.map(<[u8]>::to_vec));
        OwnedMessage::new(
            value,
            key,
            "ota-events".to_owned(),
            Timestamp::CreateTime(1_749_000_000_000),
            2,
            offset,
            headers,
        )
    }

    fn local() -> Brokers {
        Brokers::List("localhost:9092".to_owned())
    }

    #[test]
    fn is_what_lambda_sends() {
        let headers = OwnedHeaders::new().insert(Header { key: "h", value: Some(&[0u8, 200]) });
        let payload =
            of(&local(), [message(7, Some(b"key"), Some(b"{}"), Some(headers)), message(8, None, None, None)].iter());
        let event: serde_json::Value = serde_json::from_slice(&payload.unwrap()).unwrap();
        assert_eq!(
            (&event["eventSource"], &event["bootstrapServers"]),
            (&"aws:kafka".into(), &"localhost:9092".into())
        );
        let expected = serde_json::json!([
            {"topic": "ota-events", "partition": 2, "offset": 7, "timestamp": 1_749_000_000_000_i64,
             "timestampType": "CREATE_TIME", "key": "a2V5", "value": "e30=", "headers": [{"h": [0, -56]}]},
            {"topic": "ota-events", "partition": 2, "offset": 8, "timestamp": 1_749_000_000_000_i64,
             "timestampType": "CREATE_TIME", "key": null, "value": null, "headers": []},
        ]);
        assert_eq!(event["records"]["ota-events-2"], expected);
    }

    #[test]
    fn the_estimate_is_never_below_the_truth() {
        let bytes = [156u8; 1000];
        let headers =
            OwnedHeaders::new()
                .insert(Header { key: "traceparent", value: Some(&bytes) })
                .insert(Header::<&[u8]> { key: "none", value: None });
        let all = [
            message(i64::MAX, Some(&bytes), Some(&bytes), Some(headers)),
            message(0, None, Some(b""), None),
            message(1, Some(b"k"), None, None),
        ];
        for each in &all {
            assert!(of(&local(), std::iter::once(each)).unwrap().len() <= bytes_of(each), "{each:?}");
        }
    }
}
