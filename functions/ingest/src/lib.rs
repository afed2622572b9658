//! `POST /events` and `POST /events/batch`: from a request's bytes to records that Kafka has acknowledged.

mod batch;
mod body;
mod event;
mod framing;
mod outcome;
mod prepare;
mod pseudonym;
mod publish;
mod state;

pub use pseudonym::DeviceIdKey;
pub use publish::{KafkaPublisher, Publisher};
pub use state::State;

use axum::{Router, routing::post};
use shared::problem::Problem;

/// The two routes, without a fallback.
pub fn router(state: State) -> Router {
    let allow = || async { Problem::method_not_allowed("POST") };
    Router::new()
        .route("/events", post(event::post).fallback(allow))
        .route("/events/batch", post(batch::post).fallback(allow))
        .with_state(state)
}
