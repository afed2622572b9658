//! How far a consumer group is behind.

use super::{Config, ConnectError, connect::client_config, context::Context};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::topic_partition_list::Offset;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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
    /// Records that arrived within the last [`RECENT`].
    pub recent: u64,
}

/// What [`PartitionLag::recent`] looks back on.
pub const RECENT: Duration = Duration::from_secs(60);

/// Why the lag isn't known.
#[derive(Debug, thiserror::Error)]
pub enum LagError {
    #[error("Kafka did not answer in time")]
    TimedOut,
    #[error("the topic does not exist")]
    NoTopic,
    #[error(transparent)]
    Kafka(#[from] KafkaError),
}

impl Lag {
    /// Records that are yet to be read.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.partitions.iter().map(PartitionLag::records).sum()
    }

    /// Records that the group has read and committed, of all that the topic ever held.
    #[must_use]
    pub fn processed(&self) -> u64 {
        self.partitions.iter().filter_map(|partition| u64::try_from(partition.committed?).ok()).sum()
    }

    /// Records a second that arrived, over the last [`RECENT`].
    #[must_use]
    pub fn arrivals_per_second(&self) -> f64 {
        self.partitions.iter().map(|partition| partition.recent as f64).sum::<f64>() / RECENT.as_secs_f64()
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
    let committed = loop {
        match client.committed_offsets(partitions.clone(), left()) {
            // A broker that has just started is still finding out who coordinates the group.
            Err(error) if is_settling(&error) && left() > SETTLING => std::thread::sleep(SETTLING),
            asked => break asked?,
        }
    };
    let at = |which: Offset| -> KafkaResult<TopicPartitionList> {
        let mut wanted = partitions.clone();
        wanted.set_all_offsets(which)?;
        client.offsets_for_times(wanted, left())
    };
    let (starts, ends) = (at(Offset::Beginning)?, at(Offset::End)?);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(RECENT);
    let since = at(Offset::Offset(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))?;
    let offset = |list: &TopicPartitionList, partition: i32| -> Result<Option<i64>, KafkaError> {
        let Some(found) = list.find_partition(topic, partition) else { return Ok(None) };
        found.error()?;
        Ok(if let Offset::Offset(offset) = found.offset() { Some(offset) } else { None })
    };
    let mut lag = Vec::with_capacity(partitions.count());
    for element in partitions.elements() {
        let partition = element.partition();
        let end = offset(&ends, partition)?.ok_or(LagError::TimedOut)?;
        lag.push(PartitionLag {
            partition,
            committed: offset(&committed, partition)?,
            start: offset(&starts, partition)?.ok_or(LagError::TimedOut)?,
            end,
            // No offset: nothing has arrived since.
            recent: offset(&since, partition)?.map_or(0, |first| u64::try_from(end - first).unwrap_or(0)),
        });
    }
    lag.sort_unstable_by_key(|partition| partition.partition);
    Ok(Lag { partitions: lag })
}

/// Between two questions to brokers that are still settling.
const SETTLING: Duration = Duration::from_millis(100);

fn is_settling(error: &KafkaError) -> bool {
    use RDKafkaErrorCode::{CoordinatorLoadInProgress, CoordinatorNotAvailable, NotCoordinator};
    let code = error.rdkafka_error_code();
    matches!(code, Some(CoordinatorLoadInProgress | CoordinatorNotAvailable | NotCoordinator))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Env;
    use crate::kafka::{OutgoingRecord, Producer};
    use rdkafka::ClientConfig;
    use rdkafka::consumer::CommitMode;
    use rdkafka::mocking::MockCluster;

    #[test]
    fn counts_from_the_commit_or_from_what_is_left() {
        let lag = |committed, start, end| PartitionLag { partition: 0, committed, start, end, recent: 0 }.records();
        assert_eq!(lag(Some(7), 0, 10), 3);
        assert_eq!(lag(Some(7), 9, 10), 1, "what retention removed is not behind");
        assert_eq!(lag(None, 4, 10), 6);
        assert_eq!(lag(Some(12), 0, 10), 0, "a topic that was made anew");
    }

    #[tokio::test]
    async fn is_the_end_less_the_commit() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("ota-events", 2, 1).unwrap();
        let brokers = cluster.bootstrap_servers();
        let config = Config::from_env(&Env::from_pairs([("KAFKA_BROKERS", brokers.as_str())])).unwrap();
        let producer = Producer::connect(&config).await.unwrap();
        let records = (0..10).map(|n| OutgoingRecord::new("one key", n.to_string())).collect();
        assert!(producer.send_all("ota-events", records).await.iter().all(Result::is_ok));

        let reader = LagReader::connect(&config).await.unwrap();
        let before = reader.lag("ota-events", Duration::from_secs(5)).await.unwrap();
        assert_eq!((before.partitions.len(), before.total()), (2, 10));

        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &brokers)
            .set("group.id", &config.consumer_group)
            .create()
            .unwrap();
        let full = before.partitions.iter().find(|partition| partition.end == 10).unwrap();
        let mut commit = TopicPartitionList::new();
        commit.add_partition_offset("ota-events", full.partition, Offset::Offset(7)).unwrap();
        consumer.commit(&commit, CommitMode::Sync).unwrap();
        let after = reader.lag("ota-events", Duration::from_secs(5)).await.unwrap();
        assert_eq!(after.total(), 3);
    }

    #[tokio::test]
    async fn nobody_there_is_told_in_time() {
        let config = Config::from_env(&Env::from_pairs([("KAFKA_BROKERS", "127.0.0.1:1")])).unwrap();
        let reader = LagReader::connect(&config).await.unwrap();
        let asked = Instant::now();
        assert!(reader.lag("ota-events", Duration::from_millis(500)).await.is_err());
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    }
}
