//! What the event source mapping is told.

use serde::{Deserialize, Serialize};

/// `{"batchItemFailures":[…]}`; empty: all is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// Every record that is to come again, in the event's order. Only records of the event.
    pub batch_item_failures: Vec<BatchItemFailure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    pub item_identifier: ItemIdentifier,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemIdentifier {
    /// As the event names it: `<topic>-<partition>`.
    pub partition: String,
    pub offset: i64,
}

/// The invocation failed: all of the batch comes again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the payload is not a Kafka event: {0}")]
    NotAKafkaEvent(#[source] serde_json::Error),
    #[error("{failed} of {records} records are not stored and are to come again")]
    Incomplete { failed: usize, records: usize },
}

impl BatchItemFailure {
    pub(super) fn of(partition: &str, offset: i64) -> Self {
        Self { item_identifier: ItemIdentifier { partition: partition.to_owned(), offset } }
    }
}

impl FromIterator<BatchItemFailure> for BatchResponse {
    fn from_iter<I: IntoIterator<Item = BatchItemFailure>>(failures: I) -> Self {
        Self { batch_item_failures: failures.into_iter().collect() }
    }
}
