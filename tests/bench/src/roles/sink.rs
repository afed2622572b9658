//! In front of ClickHouse's HTTP interface: one takes inserts and keeps nothing, one counts what questions read.

use crate::sql::Read;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use std::sync::{Arc, Mutex, PoisonError};

struct Upstream {
    url: String,
    client: reqwest::Client,
    keeps_inserts: bool,
    counter: Counter,
}

/// What was read since it was looked at last.
#[derive(Clone, Default)]
pub struct Counter(Arc<Mutex<Read>>);

impl Counter {
    pub fn take(&self) -> Read {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, read: Read) {
        let mut sum = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sum.rows += read.rows;
        sum.bytes += read.bytes;
    }
}

/// Inserts are read to their end and dropped; everything else is `upstream`'s to answer.
pub fn router(upstream: String) -> Router {
    behind(Upstream {
        url: upstream,
        client: reqwest::Client::new(),
        keeps_inserts: false,
        counter: Counter::default(),
    })
}

/// Everything is `upstream`'s to answer; `counter` sums up what it read.
pub fn counting(upstream: String, counter: Counter) -> Router {
    behind(Upstream { url: upstream, client: reqwest::Client::new(), keeps_inserts: true, counter })
}

fn behind(upstream: Upstream) -> Router {
    Router::new().fallback(handle).with_state(Arc::new(upstream))
}

async fn handle(State(upstream): State<Arc<Upstream>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !upstream.keeps_inserts && is_insert(&parts.uri) {
        let mut data = body.into_data_stream();
        while let Some(chunk) = data.next().await {
            if chunk.is_err() {
                return StatusCode::BAD_REQUEST.into_response();
            }
        }
        return StatusCode::OK.into_response();
    }
    let address = format!("{}{}", upstream.url, parts.uri.path_and_query().map_or("/", |text| text.as_str()));
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else { return StatusCode::BAD_REQUEST.into_response() };
    let mut headers = parts.headers;
    headers.remove("host");
    headers.remove("content-length");
    headers.remove("transfer-encoding");
    match forward(&upstream, parts.method, &address, headers, body).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn forward(
    upstream: &Upstream,
    method: axum::http::Method,
    address: &str,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> reqwest::Result<Response> {
    let answer = upstream.client.request(method, address).headers(headers).body(body).send().await?;
    let summary = answer.headers().get("x-clickhouse-summary").and_then(|value| value.to_str().ok());
    upstream.counter.add(Read::of(summary));
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name.as_str().starts_with("x-clickhouse") || name == "content-type" || name == "content-encoding" {
            response = response.header(name, value);
        }
    }
    let body = answer.bytes().await?;
    Ok(response.body(Body::from(body)).unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response()))
}

/// The statement is in the address; its data is the body.
fn is_insert(uri: &Uri) -> bool {
    let statement = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("query="));
    statement.is_some_and(|statement| statement.to_ascii_uppercase().starts_with("INSERT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserts_are_told_from_questions() {
        let is = |text: &str| is_insert(&text.parse().unwrap());
        assert!(is("/?database=a&query=INSERT+INTO+t+FORMAT+RowBinary"));
        assert!(!is("/?query=SELECT+1"));
        assert!(!is("/?database=a"));
    }
}
