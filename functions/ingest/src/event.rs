//! `POST /events`: one event.

use crate::{
    State,
    body::{self, MediaType},
    outcome::{self, Outcome},
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
use serde_json::{Map, Value};
use shared::event::{Rejection, Warning};
use shared::problem::Problem;

const LIMIT: usize = 1 << 20;

#[derive(Serialize)]
struct Accepted {
    event_id: uuid::Uuid,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
}

pub(crate) async fn post(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (media_type, text) = body::read(&headers, body, LIMIT).await?;
    if media_type == MediaType::Lines {
        let detail = "NDJSON goes to /events/batch";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
    }
    let prepared = Receipt::now(&state).prepare(&text);
    match outcome::publish(&state, vec![prepared]).await?.pop() {
        Some(Outcome::Accepted { event_id, warnings }) => {
            let accepted = Accepted { event_id, status: "accepted", warnings };
            Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
        }
        Some(Outcome::Rejected(rejection)) => Err(rejected(rejection)),
        None => Err(Problem::internal()),
    }
}

fn rejected(rejection: Rejection) -> Problem {
    let Rejection { event_id, errors } = rejection;
    let detail = errors.first().map(|error| format!("{} {}", error.field, error.message).trim_start().to_owned());
    // An error of the whole has no place in `errors`: the problem itself carries its code.
    let code = errors.first().filter(|error| error.field.is_empty()).map_or("invalid_event", |error| error.code);
    let of_fields = errors.into_iter().filter(|error| !error.field.is_empty()).collect();
    let members = Map::from_iter([("event_id".to_owned(), Value::from(event_id))]);
    Problem::new(StatusCode::BAD_REQUEST, code, detail.unwrap_or_default()).with_errors(of_fields).with_members(members)
}
