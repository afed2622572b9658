//! The edge to Kafka.

use futures::future::BoxFuture;
use shared::kafka::{Config, OutgoingRecord, Producer, SendError};

/// Takes records and says of each whether it is acknowledged on all in-sync replicas.
pub trait Publisher: Send + Sync {
    /// One result for each record, in order.
    fn publish(&self, records: Vec<OutgoingRecord>) -> BoxFuture<'_, Vec<Result<(), SendError>>>;
}

/// Kafka's topic of events.
pub struct KafkaPublisher {
    producer: Producer,
    topic: String,
}

impl KafkaPublisher {
    #[must_use]
    pub fn new(producer: Producer, config: &Config) -> Self {
        Self { producer, topic: config.topic.clone() }
    }
}

impl Publisher for KafkaPublisher {
    fn publish(&self, records: Vec<OutgoingRecord>) -> BoxFuture<'_, Vec<Result<(), SendError>>> {
        Box::pin(self.producer.send_all(&self.topic, records))
    }
}
