//! Sends all, then awaits all: one outcome for each record, acknowledged by all in-sync replicas or not.

use super::{
    Config, ConnectError, MAX_RECORD_BYTES, OutgoingRecord, SendError, connect::client_config, context::Context,
};
use futures::future::join_all;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord, Producer as _};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::time::Instant;

/// From handing a record over to a final answer about it. With the second that librdkafka takes to notice, and the
/// wait for room in the queue, an HTTP request has its 503 in under 10 s.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(6);
/// How long a full queue is waited for.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long connecting waits for brokers before it goes on without.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// librdkafka looks for a broker to give it a producer id at this interval, first right after it was made.
const PRODUCER_ID_INTERVAL: Duration = Duration::from_millis(500);

/// An idempotent producer. Clones share one client.
#[derive(Clone)]
pub struct Producer(Arc<Inner>);

struct Inner {
    config: ClientConfig,
    context: Context,
    /// Replaced after a fatal error, from which a client never recovers.
    client: RwLock<FutureProducer<Context>>,
}

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
            .set("enable.idempotence", "true")
            .set("message.timeout.ms", DELIVERY_TIMEOUT.as_millis().to_string())
            .set("message.max.bytes", MAX_RECORD_BYTES.to_string())
            .set("queue.buffering.max.messages", "100000")
            .set("queue.buffering.max.kbytes", (64 * 1024).to_string())
            .set("batch.size", config.producer.batch_size.to_string())
            .set("linger.ms", config.producer.linger_ms.to_string())
            .set("compression.type", config.producer.compression.as_str())
            // The same key goes to the same partition whoever sends it, Java's clients too.
            .set("partitioner", "murmur2_random");
        let made = Instant::now();
        let client = client_config.create_with_context(context.clone())?;
        let producer = Self(Arc::new(Inner { config: client_config, context, client: RwLock::new(client) }));
        if producer.is_ready(&config.topic, CONNECT_TIMEOUT).await {
            let intervals = made.elapsed().as_millis() / PRODUCER_ID_INTERVAL.as_millis() + 1;
            let next = PRODUCER_ID_INTERVAL * u32::try_from(intervals).unwrap_or(u32::MAX);
            tokio::time::sleep_until(made + next + Duration::from_millis(100)).await;
        } else {
            tracing::warn!("kafka: no topic to write to yet; records are refused until there is");
        }
        Ok(producer)
    }

    /// Hands all records over, then awaits what becomes of them: one result for each, in order.
    /// Dropping the future takes nothing back.
    pub async fn send_all(&self, topic: &str, records: Vec<OutgoingRecord>) -> Vec<Result<(), SendError>> {
        let client = self.client();
        let give_up = Instant::now() + QUEUE_TIMEOUT;
        let mut deliveries = Vec::with_capacity(records.len());
        for record in &records {
            deliveries.push(enqueue(&client, topic, record, give_up).await);
        }
        drop(records);
        let results = join_all(deliveries.into_iter().map(async |delivery| match delivery?.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err((error, _))) => Err(SendError::from(&error)),
            // The client went before it told: nothing is known.
            Err(_) => Err(SendError::TimedOut),
        }))
        .await;
        if results.iter().any(Result::is_err) {
            self.replace_after_fatal(&client);
        }
        results
    }

    /// Whether the topic has a partition with a leader and nothing fatal has happened, found out within `timeout`.
    pub async fn is_ready(&self, topic: &str, timeout: Duration) -> bool {
        let client = self.client();
        let topic = topic.to_owned();
        let asked = tokio::task::spawn_blocking(move || {
            client.client().fatal_error().is_none()
                && client.client().fetch_metadata(Some(&topic), timeout).is_ok_and(|metadata| {
                    let mut partitions =
                        metadata.topics().iter().flat_map(rdkafka::metadata::MetadataTopic::partitions);
                    partitions.any(|partition| partition.leader() >= 0)
                })
        });
        matches!(tokio::time::timeout(timeout, asked).await, Ok(Ok(true)))
    }

    /// Waits until nothing is under way any more, for shutdown. `false`: something still was after `timeout`.
    pub async fn flush(&self, timeout: Duration) -> bool {
        let client = self.client();
        matches!(tokio::task::spawn_blocking(move || client.flush(timeout)).await, Ok(Ok(())))
    }

    fn client(&self) -> FutureProducer<Context> {
        self.0.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace_after_fatal(&self, broken: &FutureProducer<Context>) {
        let Some((code, reason)) = broken.client().fatal_error() else { return };
        let mut current = self.0.client.write().unwrap_or_else(PoisonError::into_inner);
        if current.client().fatal_error().is_none() {
            return; // another request was first
        }
        match self.0.config.create_with_context(self.0.context.clone()) {
            Ok(client) => {
                tracing::error!(%code, "kafka: the producer failed for good and is replaced: {reason}");
                *current = client;
            }
            Err(error) => tracing::error!(%code, "kafka: the producer failed for good, no other can be made: {error}"),
        }
    }
}

/// Waits for room without waiting for our own records: librdkafka's thread makes room by itself.
async fn enqueue(
    client: &FutureProducer<Context>,
    topic: &str,
    record: &OutgoingRecord,
    give_up: Instant,
) -> Result<DeliveryFuture, SendError> {
    let headers =
        record.headers.iter().fold(OwnedHeaders::new_with_capacity(record.headers.len()), |headers, (name, value)| {
            headers.insert(Header { key: name, value: value.as_deref() })
        });
    let mut outgoing = FutureRecord {
        topic,
        partition: None,
        payload: record.value.as_deref(),
        key: record.key.as_deref(),
        timestamp: record.timestamp_ms,
        headers: Some(headers),
    };
    loop {
        match client.send_result(outgoing) {
            Ok(delivery) => return Ok(delivery),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) if Instant::now() < give_up => {
                outgoing = back;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err((error, _)) => return Err(SendError::from(&error)),
        }
    }
}
