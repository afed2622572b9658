//! A request's body arrives in time, or the answer is 408.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use http::{HeaderValue, StatusCode, header};
use shared::problem::Problem;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Ends a body that takes longer than this with an error, and whatever the handler makes of that becomes a 408.
pub async fn limit(State(within): State<Duration>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let late = Arc::new(AtomicBool::new(false));
    let response = next.run(request.map(|body| timed(body, Instant::now() + within, Arc::clone(&late)))).await;
    if late.load(Ordering::Relaxed) { too_late() } else { response }
}

fn timed(body: Body, deadline: Instant, late: Arc<AtomicBool>) -> Body {
    let chunks = stream::unfold(body.into_data_stream(), move |mut chunks| {
        let late = Arc::clone(&late);
        async move {
            let chunk: Result<Bytes, axum::BoxError> = match timeout_at(deadline, chunks.next()).await {
                Ok(chunk) => chunk?.map_err(Into::into),
                Err(_) => {
                    late.store(true, Ordering::Relaxed);
                    Err(io::Error::from(io::ErrorKind::TimedOut).into())
                }
            };
            Some((chunk, chunks))
        }
    });
    Body::from_stream(chunks)
}

fn too_late() -> Response {
    let problem = Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "the body took too long to arrive");
    let mut response = problem.into_response();
    // The rest of the body is still to come: this connection is of no use.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
