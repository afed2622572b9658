//! One span a request, the trace id in the log, in the answer and in the task.

use super::{TraceId, with_trace_id};
use axum::{Router, extract::Request, middleware::Next, response::Response};
use http::HeaderValue;
use std::time::Instant;
use tracing::Instrument;

/// Wraps every route: gives the request its trace id, answers it in `traceparent`, logs one line at the end.
pub fn trace_layer(router: Router) -> Router {
    router.layer(axum::middleware::from_fn(trace))
}

async fn trace(request: Request, next: Next) -> Response {
    let id = TraceId::from_headers(request.headers());
    let span = tracing::info_span!("request", trace_id = %id);
    let method = request.method().clone();
    // The path alone: parameters may hold what doesn't belong in a log.
    let path = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or("unmatched", axum::extract::MatchedPath::as_str)
        .to_owned();
    let started = Instant::now();
    let work = async move {
        let mut response = next.run(request).await;
        let status = response.status().as_u16();
        let elapsed_ms = started.elapsed().as_millis() as u64;
        if response.status().is_server_error() {
            tracing::warn!(%method, path, status, elapsed_ms, "request failed");
        } else {
            tracing::debug!(%method, path, status, elapsed_ms, "request served");
        }
        if let Ok(value) = HeaderValue::from_str(&id.traceparent()) {
            response.headers_mut().insert("traceparent", value);
        }
        response
    };
    with_trace_id(id, work.instrument(span)).await
}
