//! One invocation: decode, one insert, dead letters, and what is to come again.

mod response;
#[cfg(test)]
mod tests;

pub use response::{BatchItemFailure, BatchResponse, Error, ItemIdentifier};

use crate::dead_letter::{Reason, Unusable, letter};
use crate::kafka_event::Record;
use crate::store::{RowOutcome, store_all};
use crate::unpack::{event_of, received_at, topic_of, value_of};
use crate::{ClickHouse, DeadLetters, KafkaDeadLetters, KafkaEvent, Row, Store};
use jiff::Timestamp;
use shared::kafka::{Config, Producer, SendError};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Kept back for the answer itself.
const ANSWER: Duration = Duration::from_millis(500);
/// Kept back from inserting, so that what ClickHouse refused can still be set aside; a quarter where time is short.
const SETTING_ASIDE: Duration = Duration::from_secs(10);

/// The consumer's state: one per execution environment, shared by its invocations.
pub struct Consumer<S = ClickHouse, D = KafkaDeadLetters> {
    store: S,
    dead_letters: D,
    topic: String,
    report_item_failures: bool,
}

/// A record with the name of the partition it came under.
#[derive(Clone, Copy)]
struct Incoming<'e> {
    partition: &'e str,
    record: &'e Record<'e>,
}

impl Consumer {
    /// `report_item_failures`: whether the event source mapping knows `ReportBatchItemFailures`.
    #[must_use]
    pub fn new(
        clickhouse: &clickhouse::Client,
        producer: Producer,
        kafka: &Config,
        report_item_failures: bool,
    ) -> Self {
        let dead_letters = KafkaDeadLetters { producer, topic: kafka.dlq_topic.clone() };
        Self::with(ClickHouse::new(clickhouse), dead_letters, kafka.topic.clone(), report_item_failures)
    }
}

impl<S: Store, D: DeadLetters> Consumer<S, D> {
    /// A consumer of `topic` over any store and any place for dead letters.
    pub fn with(store: S, dead_letters: D, topic: String, report_item_failures: bool) -> Self {
        Self { store, dead_letters, topic, report_item_failures }
    }

    /// Handles the event as Lambda sends it, in `time_left` at most. Every record that isn't among the failures of the
    /// answer is stored or set aside for good.
    ///
    /// # Errors
    /// The payload isn't a Kafka event; or, without item failures, some record is to come again.
    pub async fn handle(&self, payload: &[u8], time_left: Duration) -> Result<BatchResponse, Error> {
        let deadline = Instant::now() + time_left.saturating_sub(ANSWER);
        let event = KafkaEvent::parse(payload).map_err(Error::NotAKafkaEvent)?;
        let incoming: Vec<Incoming<'_>> = event
            .records
            .0
            .iter()
            .flat_map(|(partition, records)| records.iter().map(move |record| Incoming { partition, record }))
            .collect();

        let mut unusable = Vec::new();
        let mut values = Vec::with_capacity(incoming.len());
        // All values in one piece, which rows then borrow from.
        let base64 = incoming.iter().filter_map(|each| each.record.value.as_ref()).map(|value| value.len());
        let mut bytes = Vec::with_capacity(base64.sum::<usize>().div_ceil(4) * 3);
        for (index, each) in incoming.iter().enumerate() {
            match self.value_of(*each, &mut bytes) {
                Ok(place) => values.push((index, each.record, place)),
                Err(reason) => unusable.push((index, reason)),
            }
        }
        let now = Timestamp::now();
        let mut rows: Vec<Row<'_>> = Vec::with_capacity(values.len());
        let mut origins = Vec::with_capacity(values.len());
        for (index, record, place) in values {
            match event_of(bytes.get(place).unwrap_or_default(), received_at(record, now)) {
                Ok(event) => {
                    rows.push(event.into());
                    origins.push(index);
                }
                Err(reason) => unusable.push((index, reason)),
            }
        }

        let insert_deadline = deadline - SETTING_ASIDE.min(time_left / 4);
        let (outcomes, mut failed) =
            tokio::join!(store_all(&self.store, &rows, insert_deadline), self.set_aside(&incoming, unusable, deadline));
        let mut refused = Vec::new();
        for (index, outcome) in origins.into_iter().zip(outcomes) {
            match outcome {
                RowOutcome::Stored => {}
                RowOutcome::Refused { detail } => refused.push((index, Unusable::new(Reason::Refused, detail))),
                RowOutcome::Unavailable => failed.push(index),
            }
        }
        failed.extend(self.set_aside(&incoming, refused, deadline).await);
        tracing::debug!(records = incoming.len(), rows = rows.len(), failed = failed.len(), "batch handled");
        self.answer(&incoming, failed)
    }

    fn value_of(&self, each: Incoming<'_>, bytes: &mut Vec<u8>) -> Result<Range<usize>, Unusable> {
        let topic = topic_of(each.partition, each.record);
        if topic != self.topic {
            return Err(Unusable::new(Reason::WrongTopic, format!("this consumer reads {}", self.topic)));
        }
        value_of(each.record, bytes)
    }

    /// Sends dead letters; gives back those that aren't safe.
    async fn set_aside(
        &self,
        incoming: &[Incoming<'_>],
        unusable: Vec<(usize, Unusable)>,
        deadline: Instant,
    ) -> Vec<usize> {
        if unusable.is_empty() {
            return Vec::new();
        }
        let (mut indices, mut letters) = (Vec::new(), Vec::new());
        let mut reasons = BTreeMap::<Reason, usize>::new();
        for (index, why) in unusable {
            let Some(each) = incoming.get(index) else { continue };
            *reasons.entry(why.reason).or_default() += 1;
            indices.push(index);
            letters.push(letter(topic_of(each.partition, each.record), each.record, &why));
        }
        for (reason, records) in reasons {
            tracing::warn!(
                reason = reason.as_str(),
                records,
                "records that cannot be used go to the dead-letter topic"
            );
        }
        let sent = timeout_at(deadline, self.dead_letters.send(letters)).await;
        let results = sent.unwrap_or_else(|_| vec![Err(SendError::TimedOut); indices.len()]);
        let mut failed = Vec::new();
        let mut first_error = None;
        for (index, result) in indices.into_iter().zip(results) {
            if let Err(error) = result {
                first_error.get_or_insert(error);
                failed.push(index);
            }
        }
        if let Some(error) = first_error {
            tracing::warn!(error = error.tag(), records = failed.len(), "dead letters are not acknowledged: {error}");
        }
        failed
    }

    /// Names every failed record, so that it doesn't matter whether the event source goes on behind the lowest one.
    fn answer(&self, incoming: &[Incoming<'_>], mut failed: Vec<usize>) -> Result<BatchResponse, Error> {
        if !self.report_item_failures && !failed.is_empty() {
            return Err(Error::Incomplete { failed: failed.len(), records: incoming.len() });
        }
        failed.sort_unstable();
        let failures = failed.into_iter().filter_map(|index| incoming.get(index));
        Ok(failures.map(|each| BatchItemFailure::of(each.partition, each.record.offset)).collect())
    }
}
