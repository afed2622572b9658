//! Reading what the API answers to a delivery.

use super::SendError;
use crate::delivery::{Delivery, Framing};
use reqwest::{Response, StatusCode};
use serde::Deserialize;

/// One delivery's outcome.
pub(super) struct Answer {
    pub(super) is_batch: bool,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) retries: u64,
    pub(super) rejection: Option<String>,
}

/// The members of a batch's answer, also where it is a problem.
#[derive(Deserialize, Default)]
struct Batch {
    #[serde(default)]
    accepted: u64,
    #[serde(default)]
    rejected: u64,
    #[serde(default)]
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    error: Option<Rejection>,
}

#[derive(Deserialize)]
struct Rejection {
    field: Option<String>,
    message: String,
}

#[derive(Deserialize)]
struct Problem {
    detail: String,
}

/// Reads an answer that is final.
pub(super) async fn read(delivery: &Delivery, retries: u64, response: Response) -> Result<Answer, SendError> {
    let path = delivery.path();
    let status = response.status();
    let unreachable = |source| SendError::Unreachable { path, seconds: 0, source };
    let body = response.bytes().await.map_err(unreachable)?;
    let detail = || serde_json::from_slice::<Problem>(&body).map_or_else(|_| "no problem+json".into(), |it| it.detail);
    let answer = |accepted, rejected, rejection| Answer {
        is_batch: delivery.framing != Framing::Single,
        accepted,
        rejected,
        retries,
        rejection,
    };
    match (delivery.framing, status) {
        (Framing::Single, StatusCode::ACCEPTED) => Ok(answer(1, 0, None)),
        (Framing::Single, StatusCode::BAD_REQUEST) => Ok(answer(0, 1, Some(detail()))),
        (Framing::Array | Framing::Object | Framing::Ndjson, StatusCode::ACCEPTED | StatusCode::BAD_REQUEST) => {
            let batch: Batch = serde_json::from_slice(&body).unwrap_or_default();
            let (sent, answered) = (delivery.events.len() as u64, batch.accepted + batch.rejected);
            if answered == sent && batch.results.len() as u64 == sent {
                let rejection = batch.results.into_iter().find_map(|outcome| outcome.error);
                let rejection = rejection.map(|it| format!("{}: {}", it.field.unwrap_or_default(), it.message));
                Ok(answer(batch.accepted, batch.rejected, rejection))
            } else if status == StatusCode::BAD_REQUEST {
                Err(SendError::Refused { path, status, detail: detail() })
            } else {
                Err(SendError::Miscounted { path, sent, answered })
            }
        }
        (_, status) => Err(SendError::Refused { path, status, detail: detail() }),
    }
}
