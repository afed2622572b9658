//! librdkafka's callbacks: its log into ours, and tokens for MSK's IAM authentication.

use super::{Ownership, aws};
use aws_config::Region;
use rdkafka::TopicPartitionList;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;

/// How long a token may take: longer than the slowest credentials endpoint, shorter than anyone waits for a record.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(5);

/// The same error is told again after this long, not with each of the attempts to connect that fail meanwhile.
const REMINDER: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
pub(super) struct Context {
    /// Where tokens are signed for; `None` without IAM authentication.
    iam_region: Option<Region>,
    /// When which error was told last.
    told: Arc<Mutex<HashMap<Option<i32>, Instant>>>,
    /// Where a member of a group hears of partitions given and taken.
    ownership: Option<UnboundedSender<Ownership>>,
}

impl Context {
    pub(super) fn new(iam_region: Option<Region>) -> Self {
        Self { iam_region, told: Arc::default(), ownership: None }
    }

    pub(super) fn with_ownership(self, ownership: UnboundedSender<Ownership>) -> Self {
        Self { ownership: Some(ownership), ..self }
    }

    fn owns(&self, change: Ownership) {
        if let Some(ownership) = &self.ownership {
            // Nobody listens any more: the consumer is being closed.
            let _ = ownership.send(change);
        }
    }

    fn tell(&self, code: Option<RDKafkaErrorCode>, reason: &str) {
        let code = code.map(|code| code as i32);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(&code).is_none_or(|at| at.elapsed() >= REMINDER) {
            told.insert(code, Instant::now());
            tracing::warn!("kafka: {reason}");
        } else {
            tracing::debug!("kafka: {reason}");
        }
    }
}

impl ConsumerContext for Context {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(_) => {}
            Rebalance::Revoke(partitions) => self.owns(Ownership::Revoked(names(partitions))),
            Rebalance::Error(_) => self.owns(Ownership::Lost),
        }
    }

    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(partitions) = rebalance {
            self.owns(Ownership::Assigned(names(partitions)));
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _: &TopicPartitionList) {
        match result {
            Ok(()) | Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset)) => {}
            Err(error) => self.tell(error.rdkafka_error_code(), &format!("offsets are not committed: {error}")),
        }
    }
}

fn names(partitions: &TopicPartitionList) -> Vec<(String, i32)> {
    partitions.elements().iter().map(|each| (each.topic().to_owned(), each.partition())).collect()
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        use RDKafkaLogLevel::{Alert, Critical, Debug, Emerg, Error, Info, Notice, Warning};
        match level {
            // A lost connection is told a second time, by `error` below.
            Error if facility == "FAIL" => tracing::debug!(facility, "kafka: {message}"),
            Emerg | Alert | Critical | Error | Warning => tracing::warn!(facility, "kafka: {message}"),
            Notice | Info => tracing::debug!(facility, "kafka: {message}"),
            Debug => tracing::trace!(facility, "kafka: {message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        match code {
            // One broker's connection: librdkafka is at it again. That all are down is told separately.
            Some(
                RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::OperationTimedOut
                | RDKafkaErrorCode::Resolve,
            ) => tracing::debug!("kafka: {reason}"),
            Some(RDKafkaErrorCode::Fatal) => tracing::error!("kafka: {reason}"),
            _ => self.tell(code, reason),
        }
    }

    /// Runs on a thread of librdkafka's or a blocking one of tokio's; the token is made on a thread of its own, with a
    /// runtime of its own, so that it depends on no one else's. A failure is tried again after 10 s.
    fn generate_oauth_token(&self, _config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        let region = self.iam_region.clone().ok_or("no IAM authentication is configured")?;
        let made = std::thread::Builder::new().name("msk-iam-token".to_owned()).spawn(move || token(region))?.join();
        let result = made.unwrap_or_else(|_| Err("the signer panicked".to_owned()));
        // The binding itself tells a failed refresh at debug level only.
        result.inspect_err(|error| tracing::warn!("kafka: no token for AWS_MSK_IAM: {error}")).map_err(Into::into)
    }
}

fn token(region: Region) -> Result<OAuthToken, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let signed = runtime.block_on(async { tokio::time::timeout(TOKEN_TIMEOUT, aws::msk_token(region)).await });
    match signed {
        // The broker takes who we are from the token.
        Ok(Ok((token, lifetime_ms))) => Ok(OAuthToken { token, principal_name: String::new(), lifetime_ms }),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the credentials took too long".to_owned()),
    }
}
