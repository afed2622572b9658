//! Posting deliveries as a client should: several at a time, each until it is acknowledged.

mod answer;

use crate::delivery::Delivery;
use answer::Answer;
use jiff::Timestamp;
use reqwest::{
    StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER},
};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Sends to one API.
#[derive(Debug, Clone)]
pub struct Sender {
    client: reqwest::Client,
    base_url: String,
    api_key: Option<String>,
    /// Requests in flight.
    pub concurrency: usize,
    /// How long a delivery is tried again before the sender gives up.
    pub patience: Duration,
}

/// What became of the events sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// `POST /events/batch` acknowledged.
    pub batches: u64,
    /// `POST /events` acknowledged.
    pub singles: u64,
    /// Events in both.
    pub sent: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// Requests that had to be sent again.
    pub retries: u64,
    /// Why the first event was rejected, where one was.
    pub first_rejection: Option<String>,
}

/// Why sending ended early.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("the HTTP client can't be made")]
    Client(#[source] reqwest::Error),
    #[error("a delivery can't be written")]
    Body(#[from] std::io::Error),
    #[error("{path} not acknowledged in {seconds} s: the last answer was {status}")]
    Unavailable { path: &'static str, seconds: u64, status: StatusCode },
    #[error("{path} not acknowledged in {seconds} s")]
    Unreachable { path: &'static str, seconds: u64, source: reqwest::Error },
    #[error("{path} answered {status}: {detail}")]
    Refused { path: &'static str, status: StatusCode, detail: String },
    #[error("{path} answered for {answered} events of {sent}")]
    Miscounted { path: &'static str, sent: u64, answered: u64 },
}

impl Sender {
    /// A sender to `http://host:port`, eight requests at a time, patient for a minute.
    ///
    /// # Errors
    /// [`SendError::Client`] where the HTTP client can't be made.
    pub fn new(base_url: impl Into<String>, api_key: Option<String>) -> Result<Self, SendError> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().map_err(SendError::Client)?;
        let base_url = base_url.into().trim_end_matches('/').to_owned();
        Ok(Self { client, base_url, api_key, concurrency: 8, patience: Duration::from_secs(60) })
    }

    /// Sends everything and tells `progress` after each acknowledged delivery. Dropped, it stops.
    ///
    /// # Errors
    /// The first delivery that is refused or isn't acknowledged in time; the rest isn't sent.
    pub async fn send(
        &self,
        deliveries: impl IntoIterator<Item = Delivery>,
        mut progress: impl FnMut(&Counters),
    ) -> Result<Counters, SendError> {
        let mut counters = Counters::default();
        let mut deliveries = deliveries.into_iter();
        let mut flights = JoinSet::new();
        loop {
            while flights.len() < self.concurrency.max(1)
                && let Some(delivery) = deliveries.next()
            {
                let sender = self.clone();
                flights.spawn(async move { sender.deliver(delivery).await });
            }
            match flights.join_next().await {
                None => return Ok(counters),
                Some(Ok(answer)) => counters.add(answer?),
                Some(Err(stopped)) => match stopped.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => continue, // nobody cancels a flight but the drop of all
                },
            }
            progress(&counters);
        }
    }

    /// One delivery, again until it is acknowledged. The device's `sent_at` is that of each attempt.
    async fn deliver(&self, delivery: Delivery) -> Result<Answer, SendError> {
        let began = Instant::now();
        let path = delivery.path();
        let mut retries = 0;
        loop {
            let answer = self.post(&delivery).await;
            let seconds = began.elapsed().as_secs();
            let patient = began.elapsed() < self.patience;
            let asked = match answer {
                Ok(response) if !is_passing(response.status()) => {
                    return answer::read(&delivery, retries, response).await;
                }
                Ok(response) if patient => retry_after(&response),
                Ok(response) => return Err(SendError::Unavailable { path, seconds, status: response.status() }),
                Err(Post::Body(error)) => return Err(error.into()),
                Err(Post::Http(_)) if patient => None,
                Err(Post::Http(source)) => return Err(SendError::Unreachable { path, seconds, source }),
            };
            tokio::time::sleep(pause(retries, asked)).await;
            retries += 1;
        }
    }

    async fn post(&self, delivery: &Delivery) -> Result<reqwest::Response, Post> {
        let mut request = self.client.post(format!("{}{}", self.base_url, delivery.path()));
        request = request.header(CONTENT_TYPE, delivery.content_type());
        if let Some(encoding) = delivery.content_encoding() {
            request = request.header(CONTENT_ENCODING, encoding);
        }
        if let Some(key) = &self.api_key {
            request = request.header("X-Api-Key", key);
        }
        let body = delivery.body(Timestamp::now()).map_err(Post::Body)?;
        request.body(body).send().await.map_err(Post::Http)
    }
}

/// What went wrong with one request before it had a status.
enum Post {
    Body(std::io::Error),
    Http(reqwest::Error),
}

impl Counters {
    fn add(&mut self, answer: Answer) {
        if answer.is_batch {
            self.batches += 1;
        } else {
            self.singles += 1;
        }
        self.sent += answer.accepted + answer.rejected;
        self.accepted += answer.accepted;
        self.rejected += answer.rejected;
        self.retries += answer.retries;
        self.first_rejection = self.first_rejection.take().or(answer.rejection);
    }
}

/// Worth sending again as it is.
fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Twice as long each time from 100 ms, or what the server asks for, at most 5 s; with jitter, so that clients part.
fn pause(retries: u64, asked: Option<Duration>) -> Duration {
    let own = Duration::from_millis(100 << retries.min(6));
    asked.unwrap_or(own).min(Duration::from_secs(5)).mul_f64(rand::random_range(0.8..1.2))
}

#[cfg(test)]
mod tests;
