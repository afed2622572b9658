use super::*;
use crate::{
    delivery::{Encoding, Framing},
    fleet::{Fleet, Size},
};
use axum::{
    Json, Router,
    body::Bytes,
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::post,
};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    io::Read as _,
    sync::{Arc, Mutex},
};

/// What the API got, and what it is to answer before it begins to accept.
#[derive(Clone, Default)]
struct Api {
    got: Arc<Mutex<Vec<Vec<Value>>>>,
    script: Arc<Mutex<VecDeque<StatusCode>>>,
}

impl Api {
    fn answers_first(statuses: impl IntoIterator<Item = StatusCode>) -> Self {
        Self { script: Arc::new(Mutex::new(statuses.into_iter().collect())), ..Self::default() }
    }

    async fn serve(&self) -> Sender {
        let (single, batch) = (self.clone(), self.clone());
        let router = Router::new()
            .route("/events", post(move |headers, body| async move { single.accept(true, headers, body) }))
            .route("/events/batch", post(move |headers, body| async move { batch.accept(false, headers, body) }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Sender::new(format!("http://{address}/"), Some("secret".into())).unwrap()
    }

    fn accept(&self, single: bool, headers: HeaderMap, body: Bytes) -> Response {
        let mut text = String::new();
        if headers.get("content-encoding").is_some() {
            GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
        } else {
            text = String::from_utf8(body.to_vec()).unwrap();
        }
        let events = if headers["content-type"] == "application/x-ndjson" {
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        } else {
            match serde_json::from_str(&text).unwrap() {
                Value::Array(events) => events,
                Value::Object(mut batch) if batch.contains_key("events") => match batch.remove("events") {
                    Some(Value::Array(events)) => events,
                    other => panic!("{other:?}"),
                },
                event => vec![event],
            }
        };
        assert_eq!(headers["x-api-key"], "secret");
        let count = events.len();
        self.got.lock().unwrap().push(events);
        match self.script.lock().unwrap().pop_front() {
            Some(status) => (status, [("retry-after", "0")], Json(json!({"detail": "as scripted"}))).into_response(),
            None if single => (StatusCode::ACCEPTED, Json(json!({"status": "accepted"}))).into_response(),
            None => {
                let results = vec![json!({"status": "accepted"}); count];
                let answer = json!({"accepted": count, "rejected": 0, "results": results});
                (StatusCode::ACCEPTED, Json(answer)).into_response()
            }
        }
    }
}

fn deliveries() -> Vec<Delivery> {
    let fleet = Fleet { batch: 40, ..Fleet::new(7, Size::Events(900), Timestamp::now()) };
    fleet.deliveries().collect()
}

fn ids(events: &[Value]) -> Vec<Value> {
    events.iter().map(|event| event["event_id"].clone()).collect()
}

#[tokio::test]
async fn everything_arrives_in_every_framing_and_encoding() {
    let api = Api::default();
    let sender = api.serve().await;
    let deliveries = deliveries();
    for framing in [Framing::Single, Framing::Array, Framing::Object, Framing::Ndjson] {
        assert!(deliveries.iter().any(|delivery| delivery.framing == framing), "{framing:?}");
    }
    assert!(deliveries.iter().any(|delivery| delivery.encoding == Encoding::Gzip));
    let events: usize = deliveries.iter().map(|delivery| delivery.events.len()).sum();
    let mut seen = 0;
    let counters = sender.send(deliveries.clone(), |counters| seen = counters.sent).await.unwrap();
    assert_eq!((counters.sent, counters.accepted, counters.rejected, counters.retries), (events as u64, seen, 0, 0));
    assert_eq!(counters.batches + counters.singles, deliveries.len() as u64);
    assert_eq!(api.got.lock().unwrap().iter().map(Vec::len).sum::<usize>(), events);
}

#[tokio::test]
async fn what_passes_is_sent_again_with_the_same_ids() {
    let api = Api::answers_first([StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS]);
    let sender = api.serve().await;
    let delivery = deliveries().into_iter().find(|delivery| delivery.events.len() > 5).unwrap();
    let counters = sender.send([delivery], |_| ()).await.unwrap();
    assert_eq!((counters.batches, counters.retries), (1, 2));
    let got = api.got.lock().unwrap();
    assert_eq!(got.len(), 3);
    assert_eq!(ids(&got[0]), ids(&got[2]));
}

#[tokio::test]
async fn a_refusal_is_final() {
    let api = Api::answers_first([StatusCode::FORBIDDEN]);
    let sender = api.serve().await;
    let error = sender.send(deliveries().into_iter().take(1), |_| ()).await.unwrap_err();
    assert!(error.to_string().ends_with("answered 403 Forbidden: as scripted"), "{error}");
}

#[tokio::test]
async fn patience_ends() {
    let api = Api::answers_first([StatusCode::SERVICE_UNAVAILABLE]);
    let sender = Sender { patience: Duration::ZERO, ..api.serve().await };
    let error = sender.send(deliveries().into_iter().take(1), |_| ()).await.unwrap_err();
    assert!(matches!(error, SendError::Unavailable { status: StatusCode::SERVICE_UNAVAILABLE, .. }), "{error}");

    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let sender = Sender { patience: Duration::ZERO, ..Sender::new(format!("http://{closed}"), None).unwrap() };
    let error = sender.send(deliveries().into_iter().take(1), |_| ()).await.unwrap_err();
    assert!(matches!(error, SendError::Unreachable { .. }), "{error}");
}
