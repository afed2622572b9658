//! `GET /health`: whether ClickHouse and Kafka answer, measured now, within 3 s whatever is down.

mod kafka_probe;

pub use kafka_probe::KafkaProbe;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use clickhouse::Client;
use jiff::{Timestamp, Unit};
use kafka_probe::Reading;
use serde::Serialize;
use shared::problem::Problem;
use std::time::{Duration, Instant};

/// What all services have to answer in; the answer itself then leaves in time.
const BUDGET: Duration = Duration::from_millis(2500);

/// What health asks.
#[derive(Clone)]
pub struct Health {
    pub clickhouse: Client,
    pub kafka: KafkaProbe,
}

#[derive(Serialize)]
struct Report {
    status: Status,
    timestamp: String,
    services: Services,
    metrics: Metrics,
}

#[derive(Serialize)]
struct Services {
    clickhouse: ClickHouse,
    kafka: Kafka,
}

#[derive(Serialize)]
struct ClickHouse {
    status: Status,
    response_time_ms: Option<u64>,
}

#[derive(Serialize)]
struct Kafka {
    status: Status,
    producer_ready: bool,
    consumer_lag: Option<u64>,
}

#[derive(Serialize)]
struct Metrics {
    events_processed: Option<u64>,
    events_per_second: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Healthy,
    Unhealthy,
}

impl Status {
    fn of(good: bool) -> Self {
        if good { Self::Healthy } else { Self::Unhealthy }
    }
}

/// The route, without a fallback.
pub fn router(health: Health) -> Router {
    let allow = || async { Problem::method_not_allowed("GET, HEAD") };
    Router::new().route("/health", get(report).fallback(allow)).with_state(health)
}

async fn report(State(health): State<Health>) -> Response {
    let (response_time_ms, kafka) = tokio::join!(ping(&health.clickhouse), health.kafka.read(BUDGET));
    let report = Report::new(response_time_ms, kafka, Timestamp::now());
    let status = match report.status {
        Status::Healthy => StatusCode::OK,
        Status::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(report)).into_response()
}

/// Milliseconds of a round trip; `None` where none came back in time.
async fn ping(client: &Client) -> Option<u64> {
    let started = Instant::now();
    let asked = client.query("SELECT 1").fetch_one::<u8>();
    match tokio::time::timeout(BUDGET, asked).await {
        Ok(Ok(_)) => u64::try_from(started.elapsed().as_millis()).ok(),
        Ok(Err(error)) => {
            tracing::warn!(%error, "health: ClickHouse refused");
            None
        }
        Err(_) => {
            tracing::warn!("health: ClickHouse did not answer in time");
            None
        }
    }
}

impl Report {
    fn new(response_time_ms: Option<u64>, kafka: Reading, now: Timestamp) -> Self {
        let clickhouse = ClickHouse { status: Status::of(response_time_ms.is_some()), response_time_ms };
        let lag = kafka.lag.as_ref();
        let services = Services {
            clickhouse,
            kafka: Kafka {
                status: Status::of(kafka.producer_ready && lag.is_some()),
                producer_ready: kafka.producer_ready,
                consumer_lag: lag.map(shared::kafka::Lag::total),
            },
        };
        let healthy =
            [services.clickhouse.status, services.kafka.status].iter().all(|status| *status == Status::Healthy);
        Self {
            status: Status::of(healthy),
            timestamp: now.round(Unit::Millisecond).unwrap_or(now).to_string(),
            services,
            metrics: Metrics {
                events_processed: lag.map(shared::kafka::Lag::processed),
                events_per_second: lag.map(|lag| (lag.arrivals_per_second() * 100.0).round() / 100.0),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::kafka::{Lag, PartitionLag};

    fn report(response_time_ms: Option<u64>, kafka: Reading) -> serde_json::Value {
        serde_json::to_value(Report::new(response_time_ms, kafka, "2026-06-03T10:00:00.1234Z".parse().unwrap()))
            .unwrap()
    }

    #[test]
    fn all_is_measured() {
        let partition = |committed| PartitionLag { partition: 0, committed, start: 10, end: 100, recent: 30 };
        let lag = Some(Lag { partitions: vec![partition(Some(90)), partition(None)] });
        insta::assert_json_snapshot!(report(Some(12), Reading { producer_ready: true, lag }));
    }

    #[test]
    fn what_is_not_known_is_null_and_unhealthy() {
        insta::assert_json_snapshot!(report(None, Reading { producer_ready: false, lag: None }));
    }
}
