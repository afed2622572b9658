use super::*;
use axum::extract::Request;
use axum::routing::{get, post};
use http::{StatusCode, header};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SHORT: Duration = Duration::from_millis(200);
/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

async fn start(routes: Router, origins: AllowedOrigins, options: Options) -> (Gateway, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (Gateway::start_with(listener, assemble_within(SHORT, routes, origins), options), address)
}

fn routes() -> Router {
    async fn broken() -> StatusCode {
        panic!("secret of the request")
    }
    let nowhere = clickhouse::Client::default().with_url("http://127.0.0.1:1");
    analytics::router(analytics::App::new(nowhere))
        .route("/broken", get(broken))
        .route("/length", post(|body: String| async move { body.len().to_string() }))
}

async fn problem(response: reqwest::Response) -> (StatusCode, String, Value) {
    let (status, traceparent) = (response.status(), response.headers()["traceparent"].to_str().unwrap().to_owned());
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert!(traceparent.contains(body["trace_id"].as_str().unwrap()), "{traceparent} {body}");
    (status, body["code"].as_str().unwrap().to_owned(), body)
}

/// All that the server sends until it closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset is an end too.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection is closed");
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn everything_wrong_is_a_problem_with_a_trace_id() {
    let (gateway, address) = start(routes(), AllowedOrigins::None, Options::default()).await;
    let client = reqwest::Client::new();
    let response = client.get(format!("http://{address}/nothing")).send().await.unwrap();
    assert!(!response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    let (status, code, _) = problem(response).await;
    assert_eq!((status, code.as_str()), (StatusCode::NOT_FOUND, "not_found"));

    let response = client.post(format!("http://{address}/analytics/adoption")).send().await.unwrap();
    assert_eq!(response.headers()[header::ALLOW], "GET, HEAD");
    let (status, code, _) = problem(response).await;
    assert_eq!((status, code.as_str()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));

    let (status, code, body) = problem(client.get(format!("http://{address}/broken")).send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "internal"));
    assert!(!body.to_string().contains("secret"));
    gateway.stop().await;
}

#[tokio::test]
async fn listed_origins_are_told_so_and_others_are_not() {
    let origins = AllowedOrigins::These(vec!["https://a.example".parse().unwrap()]);
    let router = assemble(routes(), origins);
    for (origin, allowed) in [("https://a.example", true), ("https://b.example", false)] {
        let request = Request::builder().uri("/nothing").header(header::ORIGIN, origin);
        let response =
            tower::ServiceExt::oneshot(router.clone(), request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), allowed, "{origin}");
    }
}

#[tokio::test]
async fn a_head_that_drips_is_cut_and_others_are_served() {
    let options = Options { head: SHORT, ..Options::default() };
    let (gateway, address) = start(routes(), AllowedOrigins::None, options).await;
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET /nothing HTTP/1.1\r\nx: ").await.unwrap();
    let response = reqwest::get(format!("http://{address}/nothing")).await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let answer = rest(&mut slow).await;
    assert!(!answer.contains("not_found"), "{answer}");
    gateway.stop().await;
}

#[tokio::test]
async fn a_head_too_large_is_refused() {
    let (gateway, address) = start(routes(), AllowedOrigins::None, Options::default()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET /nothing HTTP/1.1\r\nx: {}", "x".repeat(80 * 1024));
    // The server may close before it has read all.
    let _ = stream.write_all(head.as_bytes()).await;
    let answer = rest(&mut stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    gateway.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_told_and_cut() {
    let (gateway, address) = start(routes(), AllowedOrigins::None, Options::default()).await;
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab").await.unwrap();
    let answer = rest(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("request_timeout") && answer.contains("traceparent: "), "{answer}");

    let client = reqwest::Client::new();
    let whole = client.post(format!("http://{address}/length")).body("abcde").send().await.unwrap();
    assert_eq!(whole.text().await.unwrap(), "5");
    gateway.stop().await;
}

#[tokio::test]
async fn a_stop_lets_requests_finish_and_takes_no_new_ones() {
    let (started, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let routes = routes().route(
        "/told",
        get(async move || {
            started.send(()).unwrap();
            tokio::time::sleep(SHORT).await;
            "done"
        }),
    );
    let (gateway, address) = start(routes, AllowedOrigins::None, Options::default()).await;
    let request = tokio::spawn(reqwest::get(format!("http://{address}/told")));
    begun.recv().await.unwrap();
    gateway.stop().await;
    assert_eq!(request.await.unwrap().unwrap().text().await.unwrap(), "done");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_stop_waits_only_so_long() {
    let (started, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let routes = routes().route(
        "/endless",
        get(async move || {
            started.send(()).unwrap();
            std::future::pending::<()>().await;
        }),
    );
    let options = Options { drain: SHORT, ..Options::default() };
    let (gateway, address) = start(routes, AllowedOrigins::None, options).await;
    let request = tokio::spawn(reqwest::get(format!("http://{address}/endless")));
    begun.recv().await.unwrap();
    let asked = Instant::now();
    gateway.stop().await;
    assert!(asked.elapsed() >= SHORT && asked.elapsed() < PATIENCE, "{:?}", asked.elapsed());
    assert!(request.await.unwrap().is_err());
}
