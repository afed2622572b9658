//! Kafka as health sees it: a producer that could write, and how far the consumer group is behind.

use shared::kafka::{Config, Lag, LagReader, Producer};
use std::{sync::Arc, time::Duration};
use tokio::{sync::OnceCell, time::timeout};

/// Its clients are made by the first question, so that an answer that needs no Kafka doesn't wait for them.
#[derive(Clone)]
pub struct KafkaProbe(Arc<Inner>);

struct Inner {
    config: Config,
    producer: OnceCell<Producer>,
    lag: OnceCell<LagReader>,
}

/// What was found within the time given.
#[derive(Debug)]
pub(super) struct Reading {
    pub producer_ready: bool,
    pub lag: Option<Lag>,
}

impl KafkaProbe {
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self(Arc::new(Inner { config, producer: OnceCell::new(), lag: OnceCell::new() }))
    }

    pub(super) async fn read(&self, budget: Duration) -> Reading {
        // In tasks of their own: a client half made when time is up is there for the next question.
        let ready = tokio::spawn(Arc::clone(&self.0).producer_ready(budget));
        let lag = tokio::spawn(Arc::clone(&self.0).lag(budget));
        let (ready, lag) = tokio::join!(timeout(budget, ready), timeout(budget, lag));
        Reading { producer_ready: matches!(ready, Ok(Ok(true))), lag: lag.ok().and_then(Result::ok).flatten() }
    }
}

impl Inner {
    async fn producer_ready(self: Arc<Self>, budget: Duration) -> bool {
        match self.producer.get_or_try_init(|| Producer::connect(&self.config)).await {
            Ok(producer) => producer.is_ready(&self.config.topic, budget).await,
            Err(error) => {
                tracing::warn!(%error, "health: no Kafka producer");
                false
            }
        }
    }

    async fn lag(self: Arc<Self>, budget: Duration) -> Option<Lag> {
        let reader = self.lag.get_or_try_init(|| LagReader::connect(&self.config)).await;
        let read = match reader {
            Ok(reader) => reader.lag(&self.config.topic, budget).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        read.inspect_err(|error| tracing::warn!(error, "health: Kafka's lag is not known")).ok()
    }
}
