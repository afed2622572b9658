//! The loop between Kafka and the handler. It goes on polling while the handler works, so that the group keeps us.

use super::batch::{Batch, Limits, Outcome, Partition, Pending, Settled};
use super::invocation::Invocations;
use super::payload::{self, Written};
use consumer::{Consumer, DeadLetters, Store};
use rdkafka::error::KafkaResult;
use shared::kafka::{Brokers, GroupConsumer, Ownership};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

/// How long stopping waits for the batches in hand.
const STOP: Duration = Duration::from_secs(10);
/// Records taken at once before looking at anything else.
const GULP: usize = 500;
/// Between two errors of Kafka's, which come without a pause of their own.
const AFTER_ERROR: Duration = Duration::from_millis(100);

pub struct Poller<S, D> {
    group: GroupConsumer,
    source: Brokers,
    consumer: Arc<Consumer<S, D>>,
    pending: Pending<Written>,
    invocations: Invocations,
    /// Invocations at a time.
    most: usize,
    quiet: Quiet,
}

/// Failures are told when they begin and when they end.
#[derive(Default)]
struct Quiet {
    failing: bool,
}

impl<S: Store + 'static, D: DeadLetters + 'static> Poller<S, D> {
    pub fn new(group: GroupConsumer, source: Brokers, consumer: Arc<Consumer<S, D>>, limits: Limits) -> Self {
        Self {
            group,
            source,
            consumer,
            pending: Pending::new(limits),
            invocations: Invocations::default(),
            most: limits.ahead,
            quiet: Quiet::default(),
        }
    }

    pub async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        loop {
            self.invoke_what_is_due();
            let due = if self.invocations.len() < self.most { self.pending.due(Instant::now()) } else { None };
            tokio::select! {
                biased;
                _ = &mut stopped => break,
                (batch, outcome) = self.invocations.next() => self.finish(&batch, &outcome),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
                received = self.group.receive(|message| Written::of(message)), if self.pending.has_room() => {
                    self.take_in(received).await;
                }
            }
        }
        self.stop().await;
    }

    async fn take_in(&mut self, received: KafkaResult<Written>) {
        let mut next = Some(received);
        let mut taken = 0;
        while let Some(received) = next {
            match received {
                Ok(record) => self.hold(record),
                Err(error) => {
                    tracing::debug!("kafka: {error}");
                    sleep(AFTER_ERROR).await;
                    return;
                }
            }
            taken += 1;
            // Asked for only if it will be held: what is received and dropped is lost.
            next = if taken < GULP && self.pending.has_room() {
                self.group.receive_now(|message| Written::of(message))
            } else {
                None
            };
        }
    }

    fn hold(&mut self, record: Written) {
        self.heed_ownership();
        let partition = (record.topic.clone(), record.partition);
        // With its comma.
        let (offset, bytes) = (record.offset, record.json.len() + 1);
        self.pending.add(&partition, offset, bytes, record, Instant::now());
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

    fn invoke_what_is_due(&mut self) {
        self.heed_ownership();
        let now = Instant::now();
        while self.invocations.len() < self.most && self.pending.due(now).is_some_and(|due| due <= now) {
            let batch = self.pending.take(now);
            if batch.is_empty() {
                return;
            }
            let payload = payload::of(&self.source, self.pending.records(&batch));
            self.invocations.start(Arc::clone(&self.consumer), batch, payload);
        }
    }

    fn finish(&mut self, batch: &Batch, outcome: &Outcome) {
        self.heed_ownership();
        let settled = self.pending.settle(batch, outcome, Instant::now());
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

    /// What the batches in hand leave to commit.
    async fn last_commit(&mut self) -> Vec<(Partition, i64)> {
        let deadline = Instant::now() + STOP;
        let mut commit = Vec::new();
        while self.invocations.len() > 0 {
            let Ok((batch, outcome)) = timeout_at(deadline, self.invocations.next()).await else {
                tracing::warn!(batches = self.invocations.len(), "batches in hand are given up; they come again");
                break;
            };
            self.heed_ownership();
            commit.extend(self.pending.settle(&batch, &outcome, Instant::now()).commit);
        }
        commit
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
