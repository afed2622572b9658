//! How far a consumer group is behind.

use super::{Config, ConnectError, connect::client_config, context::Context};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::Offset;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Asks for the lag of `KAFKA_CONSUMER_GROUP`, with one client kept for all questions. It never joins the group.
#[derive(Clone)]
pub struct LagReader(Arc<BaseConsumer<Context>>);

/// A group's lag on one topic, partition by partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    pub partitions: Vec<PartitionLag>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionLag {
    pub partition: i32,
    /// The next offset to read; `None` where the group never committed.
    pub committed: Option<i64>,
    /// The oldest offset there is.
    pub start: i64,
    /// The offset that the next record will have.
    pub end: i64,
}

/// Why the lag isn't known.
#[derive(Debug, thiserror::Error)]
pub enum LagError {
    #[error("Kafka did not answer in time")]
    TimedOut,
    #[error("the topic does not exist")]
    NoTopic,
    #[error("Kafka: {0}")]
    Kafka(#[from] KafkaError),
}

impl Lag {
    /// Records that are yet to be read.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.partitions.iter().map(PartitionLag::records).sum()
    }
}

impl PartitionLag {
    /// Records yet to be read; all there are where nothing was committed.
    #[must_use]
    pub fn records(&self) -> u64 {
        let next = self.committed.unwrap_or(self.start).max(self.start);
        u64::try_from(self.end.saturating_sub(next)).unwrap_or(0)
    }
}

impl LagReader {
    /// # Errors
    /// The configuration can't be used, or the cluster's brokers can't be looked up.
    pub async fn connect(config: &Config) -> Result<Self, ConnectError> {
        let (mut client, context) = client_config(config).await?;
        client.set("group.id", &config.consumer_group).set("enable.auto.commit", "false");
        Ok(Self(Arc::new(client.create_with_context(context)?)))
    }

    /// The group's lag on `topic`, within `timeout`.
    ///
    /// # Errors
    /// Kafka can't be asked, or doesn't answer in time.
    pub async fn lag(&self, topic: &str, timeout: Duration) -> Result<Lag, LagError> {
        let (client, topic) = (Arc::clone(&self.0), topic.to_owned());
        let asked = tokio::task::spawn_blocking(move || ask(&client, &topic, Instant::now() + timeout));
        match tokio::time::timeout(timeout, asked).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(LagError::TimedOut),
        }
    }
}

fn ask(client: &BaseConsumer<Context>, topic: &str, deadline: Instant) -> Result<Lag, LagError> {
    let left = || deadline.saturating_duration_since(Instant::now());
    serve_callbacks(client);
    let metadata = client.fetch_metadata(Some(topic), left())?;
    let mut partitions = TopicPartitionList::new();
    for partition in metadata.topics().iter().filter(|found| found.name() == topic).flat_map(|found| found.partitions())
    {
        partitions.add_partition(topic, partition.id());
    }
    if partitions.count() == 0 {
        return Err(LagError::NoTopic);
    }
    let committed = client.committed_offsets(partitions.clone(), left())?;
    let at = |which: Offset| -> KafkaResult<TopicPartitionList> {
        let mut wanted = partitions.clone();
        wanted.set_all_offsets(which)?;
        client.offsets_for_times(wanted, left())
    };
    let (starts, ends) = (at(Offset::Beginning)?, at(Offset::End)?);
    let offset = |list: &TopicPartitionList, partition: i32| -> Result<Option<i64>, KafkaError> {
        let Some(found) = list.find_partition(topic, partition) else { return Ok(None) };
        found.error()?;
        Ok(if let Offset::Offset(offset) = found.offset() { Some(offset) } else { None })
    };
    let mut lag = Vec::with_capacity(partitions.count());
    for element in partitions.elements() {
        let partition = element.partition();
        lag.push(PartitionLag {
            partition,
            committed: offset(&committed, partition)?,
            start: offset(&starts, partition)?.ok_or(LagError::TimedOut)?,
            end: offset(&ends, partition)?.ok_or(LagError::TimedOut)?,
        });
    }
    lag.sort_unstable_by_key(|partition| partition.partition);
    Ok(Lag { partitions: lag })
}

/// A consumer's log, errors and token refresh wait in its queue until someone polls. It has no assignment, so no record
/// is ever read here.
fn serve_callbacks(client: &BaseConsumer<Context>) {
    for _ in 0..16 {
        if client.poll(Duration::from_millis(5)).is_none() {
            break;
        }
    }
}
