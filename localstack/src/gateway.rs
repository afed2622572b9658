//! One HTTP server in front of all routes: what API Gateway is on AWS.

mod arrival;
mod origins;
mod serve;
#[cfg(test)]
mod tests;

pub use origins::AllowedOrigins;
pub use serve::{Gateway, Options};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use shared::problem::Problem;
use shared::telemetry::trace_layer;
use std::any::Any;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;

/// How long a request's body may take to arrive.
const BODY: Duration = Duration::from_secs(30);

/// The functions' routes behind one address: an answer for everything else, for a panic and for other origins'
/// browsers, and a trace id for each request.
/// A body that doesn't arrive in 30 s is answered 408.
pub fn assemble(routes: Router, origins: AllowedOrigins) -> Router {
    assemble_within(BODY, routes, origins)
}

fn assemble_within(body: Duration, routes: Router, origins: AllowedOrigins) -> Router {
    let router = routes
        .fallback(|| async { Problem::not_found() })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(body, arrival::limit));
    trace_layer(match origins.layer() {
        Some(cors) => router.layer(cors),
        None => router,
    })
}

/// The panic's own words may quote the request: they stay with the panic hook.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request handler panicked");
    Problem::internal().into_response()
}
