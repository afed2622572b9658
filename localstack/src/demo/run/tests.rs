use super::*;
use crate::demo::testing::{self, Data};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// An API that accepts everything and answers what it is told to. Its lag goes down by one a question.
struct Fake {
    answers: BTreeMap<&'static str, Data>,
    lag: Mutex<u64>,
}

#[derive(Deserialize)]
struct Question {
    tenant_id: String,
}

fn answers() -> BTreeMap<&'static str, Data> {
    Fleet::tenants().iter().map(|tenant_id| (*tenant_id, testing::answers(&testing::expected(tenant_id)))).collect()
}

async fn stored() -> anyhow::Result<u64> {
    let mut expected = Expected::default();
    testing::fleet().deliveries().flat_map(|delivery| delivery.events).for_each(|event| _ = expected.add(&event));
    Ok(expected.distinct())
}

async fn serve(answers: BTreeMap<&'static str, Data>) -> String {
    async fn batch(body: String) -> (StatusCode, Json<Value>) {
        let count = body.matches("\"tenant_id\"").count();
        let results = vec![json!({"status": "accepted"}); count];
        (StatusCode::ACCEPTED, Json(json!({"accepted": count, "rejected": 0, "results": results})))
    }
    async fn health(State(fake): State<Arc<Fake>>) -> Json<Value> {
        let mut lag = fake.lag.lock().unwrap();
        *lag = lag.saturating_sub(1);
        Json(json!({"status": "healthy", "services": {"kafka": {"consumer_lag": *lag}}}))
    }
    async fn analytics(
        State(fake): State<Arc<Fake>>,
        Path(endpoint): Path<String>,
        Query(question): Query<Question>,
    ) -> Json<Value> {
        Json(testing::answer(&fake.answers[question.tenant_id.as_str()][endpoint.as_str()]))
    }
    let router = Router::new()
        .route("/events", post(async || (StatusCode::ACCEPTED, Json(json!({"status": "accepted"})))))
        .route("/events/batch", post(batch))
        .route("/health", get(health))
        .route("/analytics/{endpoint}", get(analytics))
        .layer(tower_http::decompression::RequestDecompressionLayer::new())
        .with_state(Arc::new(Fake { answers, lag: Mutex::new(3) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test]
async fn a_system_that_counts_right_agrees() {
    let base_url = serve(answers()).await;
    assert_eq!(run(&base_url, &testing::fleet(), stored, Screen::none()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_wrong_number_of_any_tenant_is_a_disagreement() {
    let mut answers = answers();
    answers.get_mut("globex").unwrap().get_mut("failures").unwrap()["total_rollbacks"] = json!(0);
    let base_url = serve(answers).await;
    assert_eq!(run(&base_url, &testing::fleet(), stored, Screen::none()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_system_that_is_not_there_is_an_error() {
    let api = Api::new("http://127.0.0.1:1").unwrap();
    let error = wait_for_consumer(&api, Screen::none()).await.unwrap_err();
    assert_eq!(error.to_string(), "GET /health can't be asked");
}
