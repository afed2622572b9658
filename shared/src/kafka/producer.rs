//! Sends all, then awaits all: one outcome for each record, acknowledged by all in-sync replicas or not.

mod delivery;

use super::{
    Config, ConnectError, MAX_RECORD_BYTES, OutgoingRecord, SendError, connect::client_config, context::Context,
};
use delivery::{Deliveries, Slot};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};
use std::time::Duration;
use tokio::time::Instant;

/// From handing a record over to a final answer about it. With the second that librdkafka takes to notice, and the
/// wait for room in the queue, an HTTP request has its 503 in under 10 s.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(6);
/// How long a full queue is waited for.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long connecting waits for brokers before it goes on without.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A producer whose records are acknowledged by all in-sync replicas. Clones share one client.
///
/// It isn't Kafka's idempotent producer: that waits half a second for an id at each cold start, and can fail for good. A
/// record that a lost acknowledgement makes it send twice is one event all the same, by its id.
#[derive(Clone)]
pub struct Producer(ThreadedProducer<Context>);

impl Producer {
    /// Makes the client and waits a moment for the brokers, so that the first record doesn't.
    /// Brokers that don't answer are no error: records are refused until they do.
    ///
    /// # Errors
    /// The configuration can't be used, or the cluster's brokers can't be looked up.
    pub async fn connect(config: &Config) -> Result<Self, ConnectError> {
        let (mut client_config, context) = client_config(config).await?;
        client_config
            .set("acks", "all")
            .set("message.timeout.ms", DELIVERY_TIMEOUT.as_millis().to_string())
            .set("message.max.bytes", MAX_RECORD_BYTES.to_string())
            .set("queue.buffering.max.messages", "100000")
            .set("queue.buffering.max.kbytes", (64 * 1024).to_string())
            .set("batch.size", config.producer.batch_size.to_string())
            .set("linger.ms", config.producer.linger_ms.to_string())
            .set("compression.type", config.producer.compression.as_str())
            // The same key goes to the same partition whoever sends it, Java's clients too.
            .set("partitioner", "murmur2_random");
        let producer = Self(client_config.create_with_context(context)?);
        if !producer.is_ready(&config.topic, CONNECT_TIMEOUT).await {
            tracing::warn!("kafka: no topic to write to yet; records are refused until there is");
        }
        Ok(producer)
    }

    /// Hands all records over, then awaits what becomes of them: one result for each, in order.
    /// Dropping the future takes nothing back.
    pub async fn send_all(&self, topic: &str, records: Vec<OutgoingRecord>) -> Vec<Result<(), SendError>> {
        let give_up = Instant::now() + QUEUE_TIMEOUT;
        let deliveries = Deliveries::of(records.len());
        for (record, slot) in records.iter().zip(deliveries.slots()) {
            enqueue(&self.0, topic, record, slot, give_up).await;
        }
        drop(records);
        deliveries.settled().await
    }

    /// Whether the topic has a partition with a leader, found out within `timeout`.
    pub async fn is_ready(&self, topic: &str, timeout: Duration) -> bool {
        let client = self.0.clone();
        let topic = topic.to_owned();
        let asked = tokio::task::spawn_blocking(move || {
            client.client().fetch_metadata(Some(&topic), timeout).is_ok_and(|metadata| {
                let mut partitions = metadata.topics().iter().flat_map(rdkafka::metadata::MetadataTopic::partitions);
                partitions.any(|partition| partition.leader() >= 0)
            })
        });
        matches!(tokio::time::timeout(timeout, asked).await, Ok(Ok(true)))
    }

    /// Waits until nothing is under way any more, for shutdown. `false`: something still was after `timeout`.
    pub async fn flush(&self, timeout: Duration) -> bool {
        let client = self.0.clone();
        matches!(tokio::task::spawn_blocking(move || client.flush(timeout)).await, Ok(Ok(())))
    }
}

/// Hands a record over; one that isn't taken is settled at once. Waits for room without waiting for our own records:
/// the client's thread makes room by itself.
async fn enqueue(
    client: &ThreadedProducer<Context>,
    topic: &str,
    record: &OutgoingRecord,
    slot: Box<Slot>,
    give_up: Instant,
) {
    let mut outgoing = BaseRecord {
        topic,
        partition: None,
        payload: record.value.as_deref(),
        key: record.key.as_deref(),
        timestamp: record.timestamp_ms,
        headers: headers(record),
        delivery_opaque: slot,
    };
    loop {
        match client.send(outgoing) {
            Ok(()) => return,
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) if Instant::now() < give_up => {
                outgoing = back;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err((error, back)) => return back.delivery_opaque.settle(Err(SendError::from(&error))),
        }
    }
}

fn headers(record: &OutgoingRecord) -> Option<OwnedHeaders> {
    let none = (!record.headers.is_empty()).then(|| OwnedHeaders::new_with_capacity(record.headers.len()))?;
    Some(
        record
            .headers
            .iter()
            .fold(none, |headers, (name, value)| headers.insert(Header { key: name, value: value.as_deref() })),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Env;
    use rdkafka::ClientConfig;
    use rdkafka::consumer::{BaseConsumer, Consumer};
    use rdkafka::message::{Headers, Message};
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::DefaultProducerContext;
    use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

    type Cluster = MockCluster<'static, DefaultProducerContext>;

    async fn connected(linger_ms: &str) -> (Cluster, Producer) {
        let cluster = MockCluster::new(3).unwrap();
        cluster.create_topic("ota-events", 3, 3).unwrap();
        let brokers = cluster.bootstrap_servers();
        let env = Env::from_pairs([("KAFKA_BROKERS", brokers.as_str()), ("KAFKA_LINGER_MS", linger_ms)]);
        let producer = Producer::connect(&Config::from_env(&env).unwrap()).await.unwrap();
        (cluster, producer)
    }

    fn records(count: usize) -> Vec<OutgoingRecord> {
        (0..count).map(|n| OutgoingRecord::new("tenant", n.to_string()).header("n", n.to_string())).collect()
    }

    #[tokio::test]
    async fn acknowledges_all_and_keeps_a_keys_order() {
        let (cluster, producer) = connected("2").await;
        let results = producer.send_all("ota-events", records(500)).await;
        assert_eq!(results, vec![Ok(()); 500]);
        assert!(producer.flush(Duration::from_secs(1)).await);

        let reader: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", cluster.bootstrap_servers())
            .set("group.id", "reader")
            .set("auto.offset.reset", "earliest")
            .create()
            .unwrap();
        reader.subscribe(&["ota-events"]).unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut values = Vec::new();
        while values.len() < 500 && Instant::now() < deadline {
            if let Some(Ok(message)) = reader.poll(Duration::from_millis(100)) {
                let value = String::from_utf8(message.payload().unwrap().to_vec()).unwrap();
                assert_eq!(message.key(), Some(b"tenant".as_slice()));
                let header = message.headers().unwrap().get(0);
                assert_eq!((header.key, header.value), ("n", Some(value.as_bytes())));
                values.push(value);
            }
        }
        assert_eq!(values, (0..500).map(|n| n.to_string()).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn the_first_record_does_not_wait_for_a_producer_id() {
        let (_cluster, producer) = connected("2").await;
        let sent = Instant::now();
        assert_eq!(producer.send_all("ota-events", records(1)).await, [Ok(())]);
        assert!(sent.elapsed() < Duration::from_millis(400), "{:?}", sent.elapsed());
    }

    #[tokio::test]
    async fn a_passing_error_is_not_seen() {
        let (cluster, producer) = connected("2").await;
        let errors = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS; 3];
        cluster.request_errors(RDKafkaApiKey::Produce, &errors);
        assert_eq!(producer.send_all("ota-events", records(10)).await, vec![Ok(()); 10]);
    }

    #[tokio::test]
    async fn without_brokers_there_is_a_retriable_answer_in_time() {
        let (cluster, producer) = connected("2").await;
        for broker in 1..=3 {
            cluster.broker_down(broker).unwrap();
        }
        assert!(!producer.is_ready("ota-events", Duration::from_millis(500)).await);
        let sent = Instant::now();
        let results = producer.send_all("ota-events", records(20)).await;
        assert!(sent.elapsed() < Duration::from_secs(8), "{:?}", sent.elapsed());
        assert_eq!(results, vec![Err(SendError::TimedOut); 20]);
        assert!(SendError::TimedOut.retriable());

        for broker in 1..=3 {
            cluster.broker_up(broker).unwrap();
        }
        let deadline = Instant::now() + Duration::from_secs(20);
        while producer.send_all("ota-events", records(1)).await != [Ok(())] {
            assert!(Instant::now() < deadline, "the producer did not come back");
        }
    }

    #[tokio::test]
    async fn one_result_for_each_record_also_where_some_fail() {
        let (_cluster, producer) = connected("2").await;
        let mut mixed = records(3);
        mixed[1].value = Some(vec![0; 3 * 1024 * 1024]);
        mixed[2] = OutgoingRecord { headers: vec![("empty".into(), None)], ..OutgoingRecord::default() };
        let results = producer.send_all("ota-events", mixed).await;
        assert_eq!(results, [Ok(()), Err(SendError::TooLarge), Ok(())]);
        assert!(!SendError::TooLarge.retriable());
        assert_eq!(producer.send_all("ota-events", Vec::new()).await, []);
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_goes_through() {
        let (_cluster, producer) = connected("0").await;
        let count = 130_000; // the queue holds 100,000
        let results = producer.send_all("ota-events", records(count)).await;
        assert_eq!(results.len(), count);
        assert_eq!(results.iter().find(|result| result.is_err()), None);
    }
}
