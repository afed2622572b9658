//! `POST /events/batch`: up to 1,000 events, each with its own result.

use crate::{
    State, body,
    framing::Batch,
    outcome::{self, Entry, Outcome},
    prepare::Receipt,
};
use axum::{
    Json,
    body::Body,
    extract,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::Value;
use shared::problem::Problem;

const LIMIT: usize = 6 << 20;

#[derive(Serialize)]
struct Results {
    accepted: usize,
    rejected: usize,
    results: Vec<Entry>,
}

pub(crate) async fn post(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (media_type, text) = body::read(&headers, body, LIMIT).await?;
    let batch = Batch::parse(media_type, &text)?;
    let receipt = Receipt::now(&state).of_batch(batch.sent_at);
    let prepared = batch.events.iter().map(|event| receipt.prepare(event)).collect();
    let outcomes = outcome::publish(&state, prepared).await?;
    let accepted = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Accepted { .. })).count();
    let results = Results {
        accepted,
        rejected: outcomes.len() - accepted,
        results: outcomes.into_iter().enumerate().map(|(index, outcome)| Entry::new(index, outcome)).collect(),
    };
    if accepted == 0 {
        return Err(none_accepted(&results));
    }
    Ok((StatusCode::ACCEPTED, Json(results)).into_response())
}

fn none_accepted(results: &Results) -> Problem {
    let members = match serde_json::to_value(results) {
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(_) => return Problem::internal(),
    };
    Problem::new(StatusCode::BAD_REQUEST, "all_rejected", "no event of the batch is accepted; `results` say why")
        .with_members(members)
}
