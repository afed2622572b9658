//! What is measured: each stage of an event's way through ingest and consumer, over the same events of a simulated fleet.

mod wire;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use consumer::kafka_event::Record;
use consumer::{Consumer, DeadLetters, KafkaEvent, Row, Store};
use jiff::Timestamp;
use shared::event::{Age, Context, Document, Event};
use shared::kafka::{OutgoingRecord, SendError};
use std::hint::black_box;
use std::time::Duration;
use wire::Wire;

const TOPIC: &str = "ota-events";
const FLEET: &str = include_str!("../../../shared/benches/fleet.ndjson");

/// The input of all stages, made once.
pub struct Work {
    context: Context,
    /// As clients send them: 535 bytes each.
    events: Vec<&'static [u8]>,
    without_id: Vec<String>,
    values: Vec<String>,
    payload: Vec<u8>,
    checked: Vec<Event<'static>>,
    rows: Vec<Row<'static>>,
    wire: Wire,
    consumer: Consumer<Wire, Nowhere>,
    runtime: tokio::runtime::Runtime,
}

impl Work {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let wire = runtime.block_on(Wire::new());
        let received_at = "2026-06-03T12:00:00Z".parse().unwrap();
        let context = Context { received_at, batch_sent_at: None, age: Age::AtIngest { max_age_days: 1826 } };
        let events: Vec<&[u8]> = FLEET.lines().map(str::as_bytes).collect();
        let without_id = FLEET.lines().map(|line| line.replacen("\"event_id\":", "\"_\":", 1)).collect();
        let checked: Vec<Event<'_>> = events.iter().map(|event| read(event, &context)).collect();
        let encoded: Vec<Vec<u8>> = checked.iter().map(Event::encode).collect();
        Self {
            context,
            without_id,
            values: encoded.iter().map(|value| STANDARD.encode(value)).collect(),
            payload: payload(&encoded, received_at),
            rows: events.iter().map(|event| read(event, &context).into()).collect(),
            checked,
            events,
            consumer: Consumer::with(wire.clone(), Nowhere, TOPIC.to_owned(), true),
            wire,
            runtime,
        }
    }

    pub fn events(&self) -> usize {
        self.events.len()
    }
}

fn read<'a>(event: &'a [u8], context: &Context) -> Event<'a> {
    Document::parse(event).unwrap().validate(context).unwrap().event
}

/// As the event source mapping sends them, with the headers that ingest gives.
fn payload(values: &[Vec<u8>], received_at: Timestamp) -> Vec<u8> {
    let headers = [("traceparent", Some(b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".as_slice()))];
    let records = values.iter().zip(0..).map(|(value, offset)| {
        let (time, key) = (Some(received_at.as_millisecond()), Some(b"acme\x1facme-mobile\x1fshopper".as_slice()));
        Record::new(TOPIC, i32::try_from(offset % 4).unwrap(), offset, time, key, Some(value), headers)
    });
    serde_json::to_vec(&KafkaEvent::of(records)).unwrap()
}

/// Nothing here is set aside.
struct Nowhere;

impl DeadLetters for Nowhere {
    async fn send(&self, letters: Vec<OutgoingRecord>) -> Vec<Result<(), SendError>> {
        panic!("{} dead letters", letters.len())
    }
}

// Each stage is a function of its own name in the profile, hence never inlined.

/// Client's bytes to a document.
#[inline(never)]
pub fn event_parse(work: &Work) {
    work.events.iter().for_each(|event| drop(black_box(Document::parse(event))));
}

/// Client's bytes to a checked event.
#[inline(never)]
pub fn event_read(work: &Work) {
    work.events.iter().for_each(|event| drop(black_box(read(event, &work.context))));
}

/// The same with an id derived from its content.
#[inline(never)]
pub fn event_read_without_id(work: &Work) {
    work.without_id.iter().for_each(|event| drop(black_box(read(event.as_bytes(), &work.context))));
}

/// A checked event to Kafka's value.
#[inline(never)]
pub fn event_encode(work: &Work) {
    work.checked.iter().for_each(|event| drop(black_box(event.encode())));
}

/// The Lambda payload to records.
#[inline(never)]
pub fn kafka_event_parse(work: &Work) {
    drop(black_box(KafkaEvent::parse(&work.payload)));
}

/// Values to bytes.
#[inline(never)]
pub fn base64_decode(work: &Work) {
    let mut bytes = Vec::with_capacity(work.payload.len());
    for value in &work.values {
        base64_simd::STANDARD.decode_append(value, &mut bytes).unwrap();
    }
    black_box(bytes);
}

/// Rows to `RowBinary` on the wire, compressed.
#[inline(never)]
pub fn insert(work: &Work) {
    work.runtime.block_on(work.wire.insert(&work.rows)).unwrap();
}

/// All that ingest does with an event: client's bytes to Kafka's value.
#[inline(never)]
pub fn ingest(work: &Work) {
    work.events.iter().for_each(|event| drop(black_box(read(event, &work.context).encode())));
}

/// The same with an id derived from its content.
#[inline(never)]
pub fn ingest_without_id(work: &Work) {
    work.without_id.iter().for_each(|event| drop(black_box(read(event.as_bytes(), &work.context).encode())));
}

/// All that the consumer does with an event: Lambda's payload to `RowBinary` on the wire.
#[inline(never)]
pub fn consume(work: &Work) {
    let handled = work.runtime.block_on(work.consumer.handle(&work.payload, Duration::from_secs(60)));
    assert!(handled.unwrap().batch_item_failures.is_empty());
}
