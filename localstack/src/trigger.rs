//! AWS's event source mapping for Kafka, on one machine: polls, batches, invokes the consumer, commits.

mod batch;
mod invocation;
mod payload;
mod poll;
#[cfg(test)]
mod tests;

use batch::Limits;
use consumer::{Consumer, DeadLetters, Store};
use poll::Poller;
use shared::kafka::{Config, ConnectError, GroupConsumer};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How records are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Records a batch holds at most (`BATCH_SIZE`); at least 1.
    pub batch_size: usize,
    /// How long the first record waits for others (`BATCH_WINDOW_MS`).
    pub window: Duration,
    /// Invocations at a time, each of other partitions; at least 1.
    pub concurrency: usize,
}

/// The running event source mapping.
pub struct Trigger {
    stop: oneshot::Sender<()>,
    poller: JoinHandle<()>,
}

impl Trigger {
    /// Joins the group and begins to invoke. Brokers that don't answer are waited for.
    ///
    /// # Errors
    /// The configuration can't be used, or the cluster's brokers can't be looked up.
    pub async fn start<S, D>(kafka: &Config, consumer: Consumer<S, D>, options: Options) -> Result<Self, ConnectError>
    where
        S: Store + 'static,
        D: DeadLetters + 'static,
    {
        let group = GroupConsumer::join(kafka).await?;
        let limits = Limits {
            records: options.batch_size.max(1),
            bytes: payload::MAX_BYTES,
            window: options.window,
            ahead: options.concurrency.max(1),
        };
        let (stop, stopped) = oneshot::channel();
        let poller = tokio::spawn(Poller::new(group, kafka.brokers.clone(), Arc::new(consumer), limits).run(stopped));
        Ok(Self { stop, poller })
    }

    /// Waits a moment for the batches in hand, commits what is done and leaves the group. What isn't done comes again.
    pub async fn stop(self) {
        // It ends by itself only by a panic, which the wait below tells.
        let _ = self.stop.send(());
        if let Err(error) = self.poller.await {
            tracing::error!("the trigger did not end in order: {error}");
        }
    }
}
