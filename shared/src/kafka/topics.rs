//! Topics made for the local stack and for tests; in production the deployment owns them.

use super::{Config, ConnectError, MAX_RECORD_BYTES, connect::client_config};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic as Topic, TopicReplication};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::time::Duration;

/// A topic that should be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTopic<'a> {
    pub name: &'a str,
    pub partitions: i32,
    pub replication: i32,
    /// Whether its records are kept until someone deletes them, whatever the brokers do by default.
    pub forever: bool,
}

/// Why a topic could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TopicError {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("topics can't be created")]
    Kafka(#[from] KafkaError),
    #[error("topic {name} can't be created: {code}")]
    Topic { name: String, code: RDKafkaErrorCode },
    #[error("topic {name} can't be deleted: {code}")]
    Delete { name: String, code: RDKafkaErrorCode },
}

/// Creates what isn't there, within `timeout`; a topic that exists is left as it is. Not for IAM authentication.
///
/// # Errors
/// Kafka can't be reached in time or refuses a topic.
pub async fn ensure_topics(config: &Config, topics: &[NewTopic<'_>], timeout: Duration) -> Result<(), TopicError> {
    let (client, context) = client_config(config).await?;
    let admin: AdminClient<_> = client.create_with_context(context).map_err(ConnectError::from)?;
    let largest = MAX_RECORD_BYTES.to_string();
    let wanted: Vec<Topic<'_>> = topics
        .iter()
        .map(|topic| {
            let wanted = Topic::new(topic.name, topic.partitions, TopicReplication::Fixed(topic.replication))
                .set("max.message.bytes", &largest);
            if topic.forever { wanted.set("retention.ms", "-1") } else { wanted }
        })
        .collect();
    let options = AdminOptions::new().request_timeout(Some(timeout)).operation_timeout(Some(timeout));
    for result in admin.create_topics(&wanted, &options).await? {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, code)) => return Err(TopicError::Topic { name, code }),
        }
    }
    Ok(())
}

/// Deletes what is there, within `timeout`. Not for IAM authentication.
///
/// # Errors
/// Kafka can't be reached in time or refuses a topic.
pub async fn delete_topics(config: &Config, names: &[&str], timeout: Duration) -> Result<(), TopicError> {
    let (client, context) = client_config(config).await?;
    let admin: AdminClient<_> = client.create_with_context(context).map_err(ConnectError::from)?;
    let options = AdminOptions::new().request_timeout(Some(timeout)).operation_timeout(Some(timeout));
    for result in admin.delete_topics(names, &options).await? {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic)) => {}
            Err((name, code)) => return Err(TopicError::Delete { name, code }),
        }
    }
    Ok(())
}
