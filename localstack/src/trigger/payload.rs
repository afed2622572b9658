//! The event as Lambda gets it, written without a detour: each record once, as it arrives, then all of a batch together.

use base64_simd::STANDARD;
use rdkafka::Message;
use rdkafka::message::{Header, Headers};
use shared::kafka::Brokers;
use std::fmt::Write;

/// What Lambda takes in one invocation, less what is around the records.
pub const MAX_BYTES: usize = 6 * 1024 * 1024 - 4096;

/// JSON around key, value and headers of a record, about.
const FRAME: usize = 160;

/// A record as it stands in the payload, with its place.
#[derive(Debug)]
pub struct Written {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    /// A JSON object.
    pub json: String,
}

impl Written {
    pub fn of(message: &impl Message) -> Self {
        let (topic, partition, offset) = (message.topic().to_owned(), message.partition(), message.offset());
        let length = |bytes: Option<&[u8]>| bytes.map_or(0, |bytes| bytes.len().div_ceil(3) * 4);
        let headers = message.headers().map_or(0, |headers| headers.iter().map(|header| room_for(&header)).sum());
        let mut json =
            String::with_capacity(FRAME + topic.len() + length(message.key()) + length(message.payload()) + headers);
        json.push_str("{\"topic\":");
        text(&mut json, &topic);
        number(&mut json, ",\"partition\":", i64::from(partition));
        number(&mut json, ",\"offset\":", offset);
        number(&mut json, ",\"timestamp\":", message.timestamp().to_millis().unwrap_or(-1));
        json.push_str(",\"timestampType\":\"CREATE_TIME\",\"key\":");
        base64(&mut json, message.key());
        json.push_str(",\"value\":");
        base64(&mut json, message.payload());
        json.push_str(",\"headers\":[");
        for (place, header) in message.headers().into_iter().flat_map(Headers::iter).enumerate() {
            json.push_str(if place == 0 { "{" } else { ",{" });
            text(&mut json, header.key);
            json.push(':');
            bytes(&mut json, header.value);
            json.push('}');
        }
        json.push_str("]}");
        Self { topic, partition, offset, json }
    }
}

/// The payload of these records, those of a partition together.
pub fn of<'r>(source: &Brokers, records: impl Iterator<Item = &'r Written>) -> Vec<u8> {
    let mut json = String::with_capacity(MAX_BYTES / 4);
    json.push_str("{\"eventSource\":\"aws:kafka\",");
    match source {
        Brokers::List(list) => {
            json.push_str("\"bootstrapServers\":");
            text(&mut json, list);
        }
        Brokers::MskCluster(arn) => {
            json.push_str("\"eventSourceArn\":");
            text(&mut json, arn);
        }
    }
    json.push_str(",\"records\":{");
    let mut last = None;
    for record in records {
        let partition = Some((record.topic.as_str(), record.partition));
        if partition == last {
            json.push(',');
        } else {
            json.push_str(if last.is_none() { "" } else { "]," });
            text(&mut json, &format!("{}-{}", record.topic, record.partition));
            json.push_str(":[");
        }
        json.push_str(&record.json);
        last = partition;
    }
    json.push_str(if last.is_none() { "}}" } else { "]}}" });
    json.into_bytes()
}

/// At most: each byte is a number of up to four characters and a comma.
fn room_for(header: &Header<'_, &[u8]>) -> usize {
    8 + header.key.len() + header.value.map_or(4, |value| value.len() * 4)
}

fn text(json: &mut String, text: &str) {
    // A text's JSON is written whole or, without memory, not at all: it has no errors of its own.
    json.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn number(json: &mut String, name: &str, value: i64) {
    json.push_str(name);
    // Writing to a string doesn't fail.
    let _ = write!(json, "{value}");
}

fn base64(json: &mut String, bytes: Option<&[u8]>) {
    match bytes {
        None => json.push_str("null"),
        Some(bytes) => {
            json.push('"');
            STANDARD.encode_append(bytes, json);
            json.push('"');
        }
    }
}

/// Numbers from -128 to 127, as Java's bytes are.
fn bytes(json: &mut String, bytes: Option<&[u8]>) {
    let Some(bytes) = bytes else { return json.push_str("null") };
    json.push('[');
    for (place, byte) in bytes.iter().map(|byte| byte.cast_signed()).enumerate() {
        json.push_str(match (place, byte < 0) {
            (0, false) => "",
            (0, true) => "-",
            (_, false) => ",",
            (_, true) => ",-",
        });
        let digit = |digit: u8| char::from(b'0' + digit % 10);
        let number = byte.unsigned_abs();
        if number >= 100 {
            json.push(digit(number / 100));
        }
        if number >= 10 {
            json.push(digit(number / 10));
        }
        json.push(digit(number));
    }
    json.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::Timestamp;
    use rdkafka::message::{OwnedHeaders, OwnedMessage};

    fn message(
        partition: i32,
        offset: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Option<OwnedHeaders>,
    ) -> Written {
        let (key, value) = (key.map(<[u8]>::to_vec), value.map(<[u8]>::to_vec));
        let time = Timestamp::CreateTime(1_749_000_000_000);
        Written::of(&OwnedMessage::new(value, key, "ota-events".to_owned(), time, partition, offset, headers))
    }

    fn read(payload: &[u8]) -> serde_json::Value {
        serde_json::from_slice(payload).unwrap()
    }

    #[test]
    fn is_what_lambda_sends() {
        let headers = OwnedHeaders::new()
            .insert(Header { key: "h", value: Some(&[0u8, 200]) })
            .insert(Header::<&[u8]> { key: "none", value: None })
            .insert(Header { key: "\"", value: Some(b"") });
        let records = [
            message(2, 7, Some(b"key"), Some(b"{}"), Some(headers)),
            message(2, 8, None, None, None),
            message(0, 1, None, Some(b""), None),
        ];
        let event = read(&of(&Brokers::List("localhost:9092".to_owned()), records.iter()));
        assert_eq!(
            (&event["eventSource"], &event["bootstrapServers"]),
            (&"aws:kafka".into(), &"localhost:9092".into())
        );
        let record = |partition: i32, offset: i64, key: Option<&str>, value: Option<&str>, headers| {
            serde_json::json!({"topic": "ota-events", "partition": partition, "offset": offset,
                "timestamp": 1_749_000_000_000_i64, "timestampType": "CREATE_TIME", "key": key, "value": value, "headers": headers})
        };
        let headers = serde_json::json!([{"h": [0, -56]}, {"none": null}, {"\"": []}]);
        let expected = serde_json::json!({
            "ota-events-2": [record(2, 7, Some("a2V5"), Some("e30="), headers), record(2, 8, None, None, serde_json::json!([]))],
            "ota-events-0": [record(0, 1, None, Some(""), serde_json::json!([]))],
        });
        assert_eq!(event["records"], expected);
    }

    #[test]
    fn a_cluster_is_named_by_its_arn_and_no_records_are_none() {
        let event = read(&of(&Brokers::MskCluster("arn:aws:kafka:x".to_owned()), std::iter::empty()));
        assert_eq!(
            event,
            serde_json::json!({"eventSource": "aws:kafka", "eventSourceArn": "arn:aws:kafka:x", "records": {}})
        );
    }

    #[test]
    fn the_consumer_reads_it() {
        let records = [message(1, 7, Some(b"key"), Some(b"{}"), None)];
        let payload = of(&Brokers::List("localhost:9092".to_owned()), records.iter());
        let event = consumer::KafkaEvent::parse(&payload).unwrap();
        assert_eq!(event.records.0.len(), 1);
    }
}
