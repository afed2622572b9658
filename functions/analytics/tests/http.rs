//! The routes over HTTP, without a ClickHouse behind them.
#![expect(clippy::unwrap_used, reason = "a test's tool fails the test")]

use analytics::{App, router};
use axum::{
    body::Body,
    http::{Method, Request, Response, StatusCode},
};
use http_body_util::BodyExt;
use rstest::rstest;
use serde_json::Value;
use tower::ServiceExt;

const PATHS: [&str; 5] = ["adoption", "versions", "active-devices", "failures", "performance"];

async fn ask(method: Method, path_and_query: &str) -> Response<Body> {
    // Nothing listens on port 1.
    let client = clickhouse::Client::default().with_url("http://127.0.0.1:1");
    let request = Request::builder().method(method).uri(path_and_query).body(Body::empty()).unwrap();
    router(App::new(client)).oneshot(request).await.unwrap()
}

async fn problem(response: Response<Body>) -> Value {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

#[tokio::test]
async fn an_unreachable_store_is_a_503_that_says_when_to_ask_again() {
    for path in PATHS {
        let response = ask(Method::GET, &format!("/analytics/{path}?tenant_id=t")).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key("retry-after"));
        assert_eq!(problem(response).await["code"], "unavailable");
    }
}

#[tokio::test]
async fn other_methods_are_told_what_is_allowed() {
    for path in PATHS {
        let response = ask(Method::POST, &format!("/analytics/{path}?tenant_id=t")).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()["allow"], "GET, HEAD");
        problem(response).await;
    }
}

#[rstest]
#[case("adoption?tenant_id=t&group_by=error_code", "group_by")]
#[case("adoption?tenant_id=t&segment=app_id", "segment")]
#[case("versions?tenant_id=t&target_version=1", "target_version")]
#[case("versions?tenant_id=t&group_by=device_os", "group_by")]
#[case("versions?tenant_id=t&segment=error_code", "segment")]
#[case("active-devices?tenant_id=t&target_version=1", "target_version")]
#[case("active-devices?tenant_id=t&segment=device_os", "segment")]
#[case("failures?tenant_id=t&segment=device_os", "segment")]
#[case("failures?tenant_id=t&interval=hour&days=365", "interval")]
#[case("performance?tenant_id=t&group_by=device_os,app_id", "group_by")]
#[case("performance", "tenant_id")]
#[tokio::test]
async fn a_parameter_at_fault_is_named(#[case] question: &str, #[case] field: &str) {
    let response = ask(Method::GET, &format!("/analytics/{question}")).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let problem = problem(response).await;
    assert_eq!(problem["errors"][0]["field"], field);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 1);
}
