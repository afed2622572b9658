//! `GET /analytics/*`: what the events mean, computed by ClickHouse from the rollups, exact whatever arrived twice, late or out of order.

mod active_devices;
mod adoption;
mod answer;
pub mod definitions;
mod edges;
mod error;
mod failures;
pub mod health;
mod params;
mod performance;
mod question;
mod store;
#[cfg(test)]
mod testing;
mod updates;
mod versions;

use axum::{Router, response::Response, routing::get};
use clickhouse::Client;
use error::Error;
use jiff::Timestamp;
use shared::problem::Problem;
use std::sync::Arc;
use store::Store;

/// What an endpoint's handler gives.
type Reply = Result<Response, Error>;

/// What the analytics endpoints need.
#[derive(Clone)]
pub struct App {
    store: Store,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl App {
    /// Answers from the client's database, by the machine's clock.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { store: Store::new(client), clock: Arc::new(Timestamp::now) }
    }

    /// Answers as if it were the time that `clock` says.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// The five routes, without a fallback.
pub fn router(app: App) -> Router {
    let allow = || async { Problem::method_not_allowed("GET, HEAD") };
    Router::new()
        .route("/analytics/adoption", get(adoption::get).fallback(allow))
        .route("/analytics/versions", get(versions::get).fallback(allow))
        .route("/analytics/active-devices", get(active_devices::get).fallback(allow))
        .route("/analytics/failures", get(failures::get).fallback(allow))
        .route("/analytics/performance", get(performance::get).fallback(allow))
        .with_state(app)
}
