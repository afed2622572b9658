use super::*;
use crate::fake::{FakeDeadLetters, FakeStore, shown};
use shared::clickhouse::Failure;

const A_MINUTE: Duration = Duration::from_secs(60);

fn event(id: u128) -> String {
    let id = uuid::Uuid::from_u128(id);
    format!(
        r#"{{"event_id":"{id}","tenant_id":"t","org_id":"o","app_id":"a","device_id":"d","event_type":"update_started","timestamp":"2025-06-03T10:30:00Z"}}"#
    )
}

fn record(partition: i32, offset: i64, value: Option<&str>) -> Record<'static> {
    let (key, value) = (Some(b"key".as_slice()), value.map(str::as_bytes));
    Record::new(
        "ota-events",
        partition,
        offset,
        Some(1_749_000_000_000),
        key,
        value,
        [("traceparent", Some(b"00".as_slice()))],
    )
}

fn payload(records: impl IntoIterator<Item = Record<'static>>) -> Vec<u8> {
    serde_json::to_vec(&KafkaEvent::of(records)).unwrap()
}

/// Offsets from 10 in two partitions, events 10 to 12 in the first, 13 to 15 in the second.
fn six_good_ones() -> Vec<u8> {
    payload((10..16).map(|offset| record(i32::from(offset >= 13), offset, Some(&event(offset as u128)))))
}

fn consumer(store: FakeStore, dead_letters: FakeDeadLetters) -> Consumer<FakeStore, FakeDeadLetters> {
    Consumer::with(store, dead_letters, "ota-events".to_owned(), true)
}

fn failures(response: &BatchResponse) -> Vec<(&str, i64)> {
    let identifiers = response.batch_item_failures.iter().map(|failure| &failure.item_identifier);
    identifiers.map(|identifier| (identifier.partition.as_str(), identifier.offset)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_good_batch_is_one_insert() {
    let consumer = consumer(FakeStore::default(), FakeDeadLetters::default());
    let response = consumer.handle(&six_good_ones(), A_MINUTE).await.unwrap();
    assert_eq!(serde_json::to_string(&response).unwrap(), r#"{"batchItemFailures":[]}"#);
    assert_eq!(consumer.store.stored(), (10..16).collect());
    assert_eq!(consumer.store.attempts(), 1);
    assert!(consumer.dead_letters.letters.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_used_is_set_aside_and_the_others_are_stored() {
    let mut records = vec![
        record(0, 10, Some(&event(10))),
        record(0, 11, None),
        record(0, 12, Some("no JSON")),
        record(0, 13, Some("[]")),
        record(0, 14, Some(&event(14).replace("update_started", "update_begun"))),
        record(0, 15, Some(&event(15).replace(r#""device_id":"d","#, ""))),
        record(0, 16, Some("")),
        record(0, 17, Some("7 \u{0} bytes")),
        record(0, 18, Some(&event(18))),
    ];
    let mut broken = record(1, 3, None);
    broken.value = Some("{}".into());
    records.push(broken);
    let mut foreign = record(1, 4, Some(&event(4)));
    foreign.topic = Some("other".into());
    records.push(foreign);
    let consumer = consumer(FakeStore::default(), FakeDeadLetters::default());
    let response = consumer.handle(&payload(records), A_MINUTE).await.unwrap();
    assert_eq!(failures(&response), []);
    assert_eq!(consumer.store.stored(), [10, 18].into());
    insta::assert_snapshot!(shown(&consumer.dead_letters.letters.lock().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn the_row_that_clickhouse_refuses_is_set_aside_alone() {
    let store = FakeStore::default().refusing([12], Failure::Refused { code: 27 });
    let consumer = consumer(store, FakeDeadLetters::default());
    let response = consumer.handle(&six_good_ones(), A_MINUTE).await.unwrap();
    assert_eq!(failures(&response), []);
    assert_eq!(consumer.store.stored(), [10, 11, 13, 14, 15].into());
    insta::assert_snapshot!(shown(&consumer.dead_letters.letters.lock().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn while_clickhouse_is_away_records_come_again_and_dead_letters_do_not_wait() {
    let store = FakeStore::default().failing_first(usize::MAX, Failure::Unreachable);
    let consumer = consumer(store, FakeDeadLetters::default());
    let records = [record(0, 7, Some(&event(7))), record(1, 3, None), record(1, 4, Some(&event(4)))];
    let begun = Instant::now();
    let response = consumer.handle(&payload(records), A_MINUTE).await.unwrap();
    assert!(begun.elapsed() < A_MINUTE, "{:?}", begun.elapsed());
    assert_eq!(failures(&response), [("ota-events-0", 7), ("ota-events-1", 4)]);
    assert_eq!(consumer.dead_letters.letters.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_that_is_not_safe_comes_again_and_the_others_are_stored() {
    let dead_letters = FakeDeadLetters { failing: Some(SendError::TimedOut), ..FakeDeadLetters::default() };
    let store = FakeStore::default().refusing([8], Failure::Refused { code: 27 });
    let consumer = consumer(store, dead_letters);
    let records = [record(0, 7, Some(&event(7))), record(0, 8, Some(&event(8))), record(1, 3, None)];
    let response = consumer.handle(&payload(records), A_MINUTE).await.unwrap();
    assert_eq!(failures(&response), [("ota-events-0", 8), ("ota-events-1", 3)]);
    assert_eq!(consumer.store.stored(), [7].into());
}

#[tokio::test(start_paused = true)]
async fn dead_letters_without_an_answer_come_again_in_time() {
    let dead_letters = FakeDeadLetters { silent: true, ..FakeDeadLetters::default() };
    let consumer = consumer(FakeStore::default(), dead_letters);
    let begun = Instant::now();
    let response = consumer.handle(&payload([record(0, 7, None)]), A_MINUTE).await.unwrap();
    assert!(begun.elapsed() < A_MINUTE, "{:?}", begun.elapsed());
    assert_eq!(failures(&response), [("ota-events-0", 7)]);
}

#[tokio::test(start_paused = true)]
async fn without_item_failures_the_invocation_fails() {
    let plain = |store| Consumer::with(store, FakeDeadLetters::default(), "ota-events".to_owned(), false);
    let away = FakeStore::default().failing_first(usize::MAX, Failure::Busy { code: 252 });
    let error = plain(away).handle(&six_good_ones(), A_MINUTE).await.unwrap_err();
    assert_eq!(error.to_string(), "6 of 6 records are not stored and are to come again");
    let response = plain(FakeStore::default()).handle(&six_good_ones(), A_MINUTE).await.unwrap();
    assert_eq!(failures(&response), []);
}

#[tokio::test(start_paused = true)]
async fn nothing_asks_for_no_insert_and_nonsense_fails() {
    let consumer = consumer(FakeStore::default(), FakeDeadLetters::default());
    assert_eq!(failures(&consumer.handle(b"{}", A_MINUTE).await.unwrap()), []);
    assert_eq!(consumer.store.attempts(), 0);
    assert!(matches!(consumer.handle(b"no JSON", A_MINUTE).await, Err(Error::NotAKafkaEvent(_))));
}
