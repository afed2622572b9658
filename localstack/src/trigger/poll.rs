//! The loop between Kafka and the handler. It goes on polling while the handler works, so that the group keeps us.

use super::batch::{Batch, Limits, Outcome, Partition, Pending, Settled};
use super::payload;
use consumer::{Consumer, DeadLetters, Store};
use rdkafka::Message;
use rdkafka::error::KafkaResult;
use rdkafka::message::OwnedMessage;
use shared::kafka::{Brokers, GroupConsumer, Ownership};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// What an invocation gets, as the function on Lambda does. Far below `max.poll.interval.ms` (5 min): with no room for
/// more, nothing is polled meanwhile.
const INVOCATION: Duration = Duration::from_secs(120);
/// How long stopping waits for the batch in hand.
const STOP: Duration = Duration::from_secs(10);
/// Records taken at once before looking at anything else.
const GULP: usize = 500;
/// Between two errors of Kafka's, which come without a pause of their own.
const AFTER_ERROR: Duration = Duration::from_millis(100);

pub struct Poller<S, D> {
    group: GroupConsumer,
    source: Brokers,
    consumer: Arc<Consumer<S, D>>,
    pending: Pending<OwnedMessage>,
    invocation: Option<Invocation>,
    quiet: Quiet,
}

struct Invocation {
    batch: Batch,
    outcome: JoinHandle<Outcome>,
}

/// Failures are told when they begin and when they end.
#[derive(Default)]
struct Quiet {
    failing: bool,
}

impl<S: Store + 'static, D: DeadLetters + 'static> Poller<S, D> {
    pub fn new(group: GroupConsumer, source: Brokers, consumer: Arc<Consumer<S, D>>, limits: Limits) -> Self {
        Self { group, source, consumer, pending: Pending::new(limits), invocation: None, quiet: Quiet::default() }
    }

    pub async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        loop {
            self.invoke_if_due();
            let due = if self.invocation.is_none() { self.pending.due(Instant::now()) } else { None };
            tokio::select! {
                biased;
                _ = &mut stopped => break,
                outcome = finished(&mut self.invocation) => self.finish(outcome),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
                received = self.group.receive(), if self.pending.has_room() => self.take_in(received).await,
            }
        }
        self.stop().await;
    }

    async fn take_in(&mut self, received: KafkaResult<OwnedMessage>) {
        let mut next = Some(received);
        let mut taken = 0;
        while let Some(received) = next {
            match received {
                Ok(message) => self.hold(message),
                Err(error) => {
                    tracing::debug!("kafka: {error}");
                    sleep(AFTER_ERROR).await;
                    return;
                }
            }
            taken += 1;
            // Asked for only if it will be held: what is received and dropped is lost.
            next = if taken < GULP && self.pending.has_room() { self.group.receive_now() } else { None };
        }
    }

    fn hold(&mut self, message: OwnedMessage) {
        self.heed_ownership();
        let partition = (message.topic().to_owned(), message.partition());
        let (offset, bytes) = (message.offset(), payload::bytes_of(&message));
        self.pending.add(&partition, offset, bytes, message, Instant::now());
    }

    /// What is taken from us is dropped: its new owner reads it. What is given begins anew, unpaused.
    fn heed_ownership(&mut self) {
        while let Some(change) = self.group.ownership_changed() {
            match change {
                Ownership::Revoked(partitions) => partitions.iter().for_each(|each| self.pending.revoke(each)),
                Ownership::Lost => self.pending.revoke_all(),
                Ownership::Assigned(partitions) => {
                    tracing::debug!(partitions = partitions.len(), "partitions assigned");
                    tell(self.group.resume(&partitions), "partitions can't be resumed");
                }
            }
        }
    }

    fn invoke_if_due(&mut self) {
        self.heed_ownership();
        let now = Instant::now();
        if self.invocation.is_some() || self.pending.due(now).is_none_or(|due| due > now) {
            return;
        }
        let batch = self.pending.take(now);
        if batch.is_empty() {
            return;
        }
        let payload = payload::of(&self.source, self.pending.records(&batch));
        let consumer = Arc::clone(&self.consumer);
        let outcome = tokio::spawn(async move {
            let answer = match payload {
                Ok(payload) => consumer.handle(&payload, INVOCATION).await,
                Err(error) => Err(consumer::Error::NotAKafkaEvent(error)),
            };
            match answer {
                Ok(response) => {
                    let failures = response.batch_item_failures.into_iter().map(|failure| failure.item_identifier);
                    Outcome::Answered(failures.map(|record| (record.partition, record.offset)).collect())
                }
                Err(error) => {
                    tracing::debug!("the invocation failed: {error}");
                    Outcome::Failed
                }
            }
        });
        self.invocation = Some(Invocation { batch, outcome });
    }

    fn finish(&mut self, outcome: Outcome) {
        let Some(Invocation { batch, .. }) = self.invocation.take() else { return };
        self.heed_ownership();
        let settled = self.pending.settle(&batch, &outcome, Instant::now());
        self.quiet.tell(&settled);
        if !settled.commit.is_empty() {
            tell(self.group.commit(&settled.commit), "offsets can't be committed");
        }
        if !settled.pause.is_empty() {
            tell(self.group.pause(&settled.pause), "partitions can't be paused");
        }
        if !settled.resume.is_empty() {
            tell(self.group.resume(&settled.resume), "partitions can't be resumed");
        }
    }

    async fn stop(mut self) {
        let commit = self.last_commit().await;
        tell(self.group.leave(commit).await, "offsets are not committed on leaving; the last records come again");
    }

    /// What the batch in hand, if there is one, leaves to commit.
    async fn last_commit(&mut self) -> Vec<(Partition, i64)> {
        if self.invocation.is_none() {
            return Vec::new();
        }
        let outcome = timeout(STOP, finished(&mut self.invocation)).await;
        let Some(Invocation { batch, outcome: task }) = self.invocation.take() else { return Vec::new() };
        match outcome {
            Ok(outcome) => {
                self.heed_ownership();
                self.pending.settle(&batch, &outcome, Instant::now()).commit
            }
            Err(_) => {
                task.abort();
                tracing::warn!("the batch in hand is given up; it comes again");
                Vec::new()
            }
        }
    }
}

/// The outcome of the invocation; never, where there is none.
async fn finished(invocation: &mut Option<Invocation>) -> Outcome {
    match invocation {
        None => std::future::pending().await,
        Some(Invocation { outcome, .. }) => outcome.await.unwrap_or_else(|error| {
            tracing::error!("the invocation ended without an answer: {error}");
            Outcome::Failed
        }),
    }
}

impl Quiet {
    fn tell(&mut self, settled: &Settled) {
        match (self.failing, settled.again) {
            (false, 1..) => {
                tracing::warn!(records = settled.again, "records failed and come again, with pauses");
                self.failing = true;
            }
            (true, 0) if !settled.resume.is_empty() => {
                tracing::info!("records that failed are through");
                self.failing = false;
            }
            (false | true, _) => {}
        }
    }
}

fn tell(result: KafkaResult<()>, what: &str) {
    if let Err(error) = result {
        tracing::warn!("{what}: {error}");
    }
}
