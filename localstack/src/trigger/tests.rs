//! Against librdkafka's own broker. Every record is one that the consumer can't use, so that the stand-in for the
//! dead-letter topic says what becomes of it.

use super::*;
use consumer::{InsertError, Row};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use shared::config::Env;
use shared::kafka::{Lag, LagReader, OutgoingRecord, Producer, SendError};
use std::collections::BTreeSet;
use std::sync::Mutex;
use tokio::time::{Instant, sleep};

/// This broker lets a group that someone left wait for nearly the session's timeout, 10 s.
const PATIENCE: Duration = Duration::from_secs(40);
const TOPIC: &str = "ota-events";

struct NoStore;

impl Store for NoStore {
    async fn insert(&self, _: &[Row<'_>]) -> Result<(), InsertError> {
        Ok(())
    }
}

/// What came through, and what doesn't for now.
#[derive(Clone, Default)]
struct Letters(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    seen: Vec<u32>,
    calls: Vec<usize>,
    refused: BTreeSet<u32>,
}

impl Letters {
    fn with<T>(&self, of: impl FnOnce(&mut State) -> T) -> T {
        of(&mut self.0.lock().unwrap())
    }

    async fn until(&self, what: &str, holds: impl Fn(&State) -> bool) {
        until(what, async || self.with(|state| holds(state))).await;
    }

    async fn all_seen(&self, numbers: impl IntoIterator<Item = u32>) {
        let expected: BTreeSet<u32> = numbers.into_iter().collect();
        self.until("all records", |state| state.seen.iter().copied().collect::<BTreeSet<u32>>() == expected).await;
    }
}

impl DeadLetters for Letters {
    async fn send(&self, letters: Vec<OutgoingRecord>) -> Vec<Result<(), SendError>> {
        self.with(|state| {
            state.calls.push(letters.len());
            let numbers = letters.iter().map(|letter| {
                let value = letter.value.as_deref().unwrap();
                std::str::from_utf8(value).unwrap().trim_start_matches('#').parse::<u32>().unwrap()
            });
            let mut results = Vec::new();
            for number in numbers {
                let refused = state.refused.contains(&number);
                results.push(if refused { Err(SendError::TimedOut) } else { Ok(()) });
                if !refused {
                    state.seen.push(number);
                }
            }
            results
        })
    }
}

struct Scene {
    _cluster: MockCluster<'static, DefaultProducerContext>,
    config: Config,
    producer: Producer,
    letters: Letters,
}

impl Scene {
    async fn with_partitions(partitions: i32) -> Self {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, partitions, 1).unwrap();
        let brokers = cluster.bootstrap_servers();
        let config = Config::from_env(&Env::from_pairs([("KAFKA_BROKERS", brokers.as_str())])).unwrap();
        let producer = Producer::connect(&config).await.unwrap();
        Self { _cluster: cluster, config, producer, letters: Letters::default() }
    }

    async fn send(&self, key: &str, numbers: impl IntoIterator<Item = u32>) {
        let records = numbers.into_iter().map(|number| OutgoingRecord::new(key, format!("#{number}"))).collect();
        assert!(self.producer.send_all(TOPIC, records).await.iter().all(Result::is_ok));
    }

    async fn start(&self, report_item_failures: bool, batch_size: usize) -> Trigger {
        let consumer = Consumer::with(NoStore, self.letters.clone(), TOPIC.to_owned(), report_item_failures);
        let options = Options { batch_size, window: Duration::from_millis(50), concurrency: 4 };
        Trigger::start(&self.config, consumer, options).await.unwrap()
    }

    /// A key whose records don't go to that partition; one record of each key that was tried, numbered 99, is there.
    async fn key_off_partition(&self, partition: usize) -> String {
        for key in ('b'..='z').map(String::from) {
            let end = self.lag().await.partitions[partition].end;
            self.send(&key, [99]).await;
            if self.lag().await.partitions[partition].end == end {
                return key;
            }
        }
        panic!("all keys go to one partition");
    }

    async fn lag(&self) -> Lag {
        LagReader::connect(&self.config).await.unwrap().lag(TOPIC, PATIENCE).await.unwrap()
    }
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "{what} did not come");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_handled_in_batches_and_committed() {
    let scene = Scene::with_partitions(3).await;
    for key in ["a", "b", "c", "d", "e"] {
        let first = u32::from(key.as_bytes()[0]) * 1000;
        scene.send(key, first..first + 200).await;
    }
    let trigger = scene.start(true, 100).await;
    scene.letters.all_seen((97..102).flat_map(|key| key * 1000..key * 1000 + 200)).await;
    trigger.stop().await;
    assert_eq!(scene.lag().await.total(), 0);
    let (seen, calls) = scene.letters.with(|state| (state.seen.len(), state.calls.clone()));
    assert_eq!(seen, 1000, "nothing is handled twice");
    assert!(calls.iter().all(|records| *records <= 100), "{calls:?}");
    assert!(calls.contains(&100), "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_record_holds_its_partition_and_only_that() {
    let scene = Scene::with_partitions(2).await;
    scene.letters.with(|state| state.refused.insert(5));
    scene.send("a", 0..10).await;
    let full = scene.lag().await.partitions.iter().position(|partition| partition.end == 10).unwrap();
    let other = scene.key_off_partition(full).await;
    scene.send(&other, [100]).await;
    let trigger = scene.start(true, 4).await;
    scene.letters.until("records before the failed one", |state| state.seen.contains(&4)).await;
    scene.letters.until("the other partition's", |state| state.seen.contains(&100)).await;
    scene.send(&other, 101..150).await;
    scene.letters.until("the other partition's new ones", |state| (100..150).all(|n| state.seen.contains(&n))).await;
    until("the commit before the failed one", async || scene.lag().await.partitions[full].committed == Some(5)).await;

    scene.letters.with(|state| state.refused.clear());
    scene.letters.all_seen((0..10).chain(99..150)).await;
    // Reading goes on behind the records that failed.
    scene.send("a", 10..30).await;
    scene.letters.all_seen((0..30).chain(99..150)).await;
    trigger.stop().await;
    assert_eq!(scene.lag().await.total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_batch_comes_again() {
    let scene = Scene::with_partitions(1).await;
    scene.letters.with(|state| state.refused.insert(3));
    let trigger = scene.start(false, 1000).await;
    scene.send("a", 0..5).await;
    scene.letters.until("a second attempt", |state| state.calls.len() >= 2).await;
    scene.send("a", 5..50).await;
    assert_eq!(scene.lag().await.processed(), 0);
    scene.letters.with(|state| state.refused.clear());
    scene.letters.all_seen(0..50).await;
    trigger.stop().await;
    assert_eq!(scene.lag().await.total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stop_gives_up_comes_again() {
    let scene = Scene::with_partitions(1).await;
    scene.letters.with(|state| state.refused.extend(0..20));
    let trigger = scene.start(true, 10).await;
    scene.send("a", 0..20).await;
    scene.letters.until("an attempt", |state| !state.calls.is_empty()).await;
    let asked = Instant::now();
    trigger.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!(scene.lag().await.total(), 20);

    scene.letters.with(|state| state.refused.clear());
    let trigger = scene.start(true, 10).await;
    scene.letters.all_seen(0..20).await;
    trigger.stop().await;
    assert_eq!(scene.lag().await.total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_trigger_takes_over_a_part_and_nothing_is_lost() {
    let scene = Scene::with_partitions(4).await;
    let keys: Vec<String> = (0..20).map(|key| key.to_string()).collect();
    let first = scene.start(true, 10).await;
    for (n, key) in (0u32..).zip(&keys) {
        scene.send(key, n * 100..n * 100 + 10).await;
    }
    let second = scene.start(true, 10).await;
    for (n, key) in (0u32..).zip(&keys) {
        scene.send(key, n * 100 + 10..n * 100 + 20).await;
    }
    scene.letters.all_seen((0..20).flat_map(|n| n * 100..n * 100 + 20)).await;
    first.stop().await;
    for (n, key) in (0u32..).zip(&keys) {
        scene.send(key, n * 100 + 20..n * 100 + 30).await;
    }
    scene.letters.all_seen((0..20).flat_map(|n| n * 100..n * 100 + 30)).await;
    // What the first had handled but not committed as it left comes to the second again.
    let deadline = Instant::now() + Duration::from_secs(60);
    while scene.lag().await.total() > 0 {
        assert!(Instant::now() < deadline, "{:?}", scene.lag().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    second.stop().await;
}
