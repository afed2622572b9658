//! ClickHouse's HTTP interface without a store behind its inserts.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use std::sync::Arc;

struct Upstream {
    url: String,
    client: reqwest::Client,
}

/// Inserts are read to their end and dropped; everything else is `upstream`'s to answer.
pub fn router(upstream: String) -> Router {
    let upstream = Arc::new(Upstream { url: upstream, client: reqwest::Client::new() });
    Router::new().fallback(handle).with_state(upstream)
}

async fn handle(State(upstream): State<Arc<Upstream>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if is_insert(&parts.uri) {
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
    match forward(&upstream.client, parts.method, &address, headers, body).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn forward(
    client: &reqwest::Client,
    method: axum::http::Method,
    address: &str,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> reqwest::Result<Response> {
    let answer = client.request(method, address).headers(headers).body(body).send().await?;
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
