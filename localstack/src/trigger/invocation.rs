//! Invocations under way, each with its batch.

use super::batch::{Batch, Outcome};
use consumer::{Consumer, DeadLetters, Store};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{Id, JoinSet};

/// What an invocation gets, as the function on Lambda does. Far below `max.poll.interval.ms` (5 min): with no room for
/// more, nothing is polled meanwhile.
const TIME: Duration = Duration::from_secs(120);

/// Dropped, they are ended.
#[derive(Default)]
pub struct Invocations {
    tasks: JoinSet<Outcome>,
    batches: HashMap<Id, Batch>,
}

impl Invocations {
    pub fn len(&self) -> usize {
        self.batches.len()
    }

    pub fn start<S, D>(&mut self, consumer: Arc<Consumer<S, D>>, batch: Batch, payload: Vec<u8>)
    where
        S: Store + 'static,
        D: DeadLetters + 'static,
    {
        let task = self.tasks.spawn(async move {
            match consumer.handle(&payload, TIME).await {
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
        self.batches.insert(task.id(), batch);
    }

    /// The next that ends; never, where there is none. Cancelling loses none.
    pub async fn next(&mut self) -> (Batch, Outcome) {
        loop {
            let (id, outcome) = match self.tasks.join_next_with_id().await {
                Some(Ok(ended)) => ended,
                Some(Err(error)) => {
                    tracing::error!("the invocation ended without an answer: {error}");
                    (error.id(), Outcome::Failed)
                }
                None => std::future::pending().await,
            };
            if let Some(batch) = self.batches.remove(&id) {
                return (batch, outcome);
            }
        }
    }
}
