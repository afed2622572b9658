//! A member of the consumer group that reads the topic and commits by hand: what stands in for Lambda's pollers.

use super::{Config, ConnectError, connect::client_config, context::Context};
use futures::FutureExt;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::Offset;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Reads `KAFKA_TOPIC` as a member of `KAFKA_CONSUMER_GROUP`, from the oldest record where nothing was committed.
/// It must be polled with [`GroupConsumer::receive`] without long pauses, or the group goes on without it.
pub struct GroupConsumer {
    consumer: StreamConsumer<Context>,
    ownership: UnboundedReceiver<Ownership>,
}

/// A change of the partitions that this member reads, each a topic and a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    Assigned(Vec<(String, i32)>),
    Revoked(Vec<(String, i32)>),
    /// None is left.
    Lost,
}

impl GroupConsumer {
    /// Joins the group. Brokers that don't answer are no error: they are waited for.
    ///
    /// # Errors
    /// The configuration can't be used, or the cluster's brokers can't be looked up.
    pub async fn join(config: &Config) -> Result<Self, ConnectError> {
        let (mut client, context) = client_config(config).await?;
        let (sender, ownership) = unbounded_channel();
        client
            .set("group.id", &config.consumer_group)
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "earliest")
            // One that was killed is missed no longer than this; its successor waits for it.
            .set("session.timeout.ms", "10000")
            // A fetch costs a broker much the same whatever it brings: it waits a moment for company.
            .set("fetch.min.bytes", "131072")
            .set("fetch.wait.max.ms", "50")
            // What librdkafka reads ahead; its default is 64 MiB.
            .set("queued.max.messages.kbytes", "16384");
        let consumer: StreamConsumer<Context> = client.create_with_context(context.with_ownership(sender))?;
        consumer.subscribe(&[&config.topic])?;
        Ok(Self { consumer, ownership })
    }

    /// What `of` makes of the next record. Cancelling loses none.
    ///
    /// # Errors
    /// Kafka reports a failure; the next call may succeed.
    pub async fn receive<T>(&self, of: impl FnOnce(&BorrowedMessage<'_>) -> T) -> KafkaResult<T> {
        self.consumer.recv().await.map(|message| of(&message))
    }

    /// The same for a record that is here already. What it finds is said by [`GroupConsumer::receive`] too.
    pub fn receive_now<T>(&self, of: impl FnOnce(&BorrowedMessage<'_>) -> T) -> Option<KafkaResult<T>> {
        self.receive(of).now_or_never()
    }

    /// The next change of ownership. After each record, ask before using it: the changes are older.
    pub fn ownership_changed(&mut self) -> Option<Ownership> {
        self.ownership.try_recv().ok()
    }

    /// Commits the offsets to go on from, in the background; a failure is logged.
    ///
    /// # Errors
    /// The request can't be made.
    pub fn commit(&self, next_offsets: &[((String, i32), i64)]) -> KafkaResult<()> {
        self.consumer.commit(&offsets(next_offsets)?, CommitMode::Async)
    }

    /// Stops reading partitions, keeping them. What was read ahead of them is read again later.
    ///
    /// # Errors
    /// The request can't be made.
    pub fn pause(&self, partitions: &[(String, i32)]) -> KafkaResult<()> {
        self.consumer.pause(&list(partitions))
    }

    /// Goes on reading paused partitions.
    ///
    /// # Errors
    /// The request can't be made.
    pub fn resume(&self, partitions: &[(String, i32)]) -> KafkaResult<()> {
        self.consumer.resume(&list(partitions))
    }

    /// Commits for good and leaves the group. Takes as long as the brokers do.
    ///
    /// # Errors
    /// The offsets are not committed; the records behind them come again.
    pub async fn leave(self, next_offsets: Vec<((String, i32), i64)>) -> Result<(), KafkaError> {
        let left = tokio::task::spawn_blocking(move || {
            let committed = match offsets(&next_offsets) {
                Ok(offsets) if offsets.count() > 0 => self.consumer.commit(&offsets, CommitMode::Sync),
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            };
            drop(self.consumer);
            committed
        });
        left.await.unwrap_or(Err(KafkaError::Canceled))
    }
}

fn offsets(next_offsets: &[((String, i32), i64)]) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::with_capacity(next_offsets.len());
    for ((topic, partition), offset) in next_offsets {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset))?;
    }
    Ok(list)
}

fn list(partitions: &[(String, i32)]) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        list.add_partition(topic, *partition);
    }
    list
}
