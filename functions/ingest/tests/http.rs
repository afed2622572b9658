//! The endpoints as a client meets them, over a publisher that only remembers.
#![expect(clippy::unwrap_used, reason = "what a test can't do fails the test")]

use axum::{Router, body::Body, response::Response};
use futures::future::BoxFuture;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use ingest::{Publisher, State, router};
use rstest::rstest;
use serde_json::{Value, json};
use shared::config::Env;
use shared::kafka::{OutgoingRecord, SendError};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

const NOW: &str = "2026-06-03T12:00:00.123456Z";

/// Acknowledges every record but those whose number is given.
#[derive(Clone, Default)]
struct Memory {
    records: Arc<Mutex<Vec<OutgoingRecord>>>,
    failing: Vec<(usize, SendError)>,
}

impl Publisher for Memory {
    fn publish(&self, records: Vec<OutgoingRecord>) -> BoxFuture<'_, Vec<Result<(), SendError>>> {
        let failure = |index| self.failing.iter().find(|(failing, _)| *failing == index).map(|(_, error)| *error);
        let results = (0..records.len()).map(|index| failure(index).map_or(Ok(()), Err)).collect();
        self.records.lock().unwrap().extend(records);
        Box::pin(async move { results })
    }
}

impl Memory {
    fn failing(index: usize, error: SendError) -> Self {
        Self { failing: vec![(index, error)], ..Self::default() }
    }

    fn router(&self, variables: &[(&str, &str)]) -> Router {
        let env = Env::from_pairs(variables.iter().copied());
        router(State::from_env(&env, self.clone()).unwrap().with_clock(|| NOW.parse().unwrap()))
    }

    /// The values that were sent.
    fn values(&self) -> Vec<Value> {
        let records = self.records.lock().unwrap();
        records.iter().map(|record| serde_json::from_slice(record.value.as_ref().unwrap()).unwrap()).collect()
    }
}

struct Sent {
    status: StatusCode,
    response: http::HeaderMap,
    body: Value,
}

async fn send(router: Router, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Sent {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    read(router.oneshot(request.body(body.into()).unwrap()).await.unwrap()).await
}

async fn read(response: Response) -> Sent {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Sent { status: parts.status, response: parts.headers, body: serde_json::from_slice(&bytes).unwrap() }
}

async fn post(memory: &Memory, path: &str, body: &Value) -> Sent {
    send(memory.router(&[]), path, &[("content-type", "application/json")], body.to_string()).await
}

fn event(device: &str) -> Value {
    json!({
        "tenant_id": "acme-corp", "org_id": "mobile-team", "app_id": "my-mobile-app", "device_id": device,
        "event_type": "update_started", "timestamp": "2026-06-03T10:30:00Z", "release_info": {"target_version": "1.1.0"},
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn the_references_request_is_accepted_as_it_stands() {
    let memory = Memory::default();
    let reference = r#"{
        "tenant_id": "acme-corp", "org_id": "mobile-team", "app_id": "my-mobile-app", "device_id": "device-123",
        "session_id": "session-456", "event_type": "update_started", "timestamp": "2025-06-03T10:30:00Z",
        "device_info": {"os": "Android", "os_version": "13", "model": "Pixel 7", "manufacturer": "Google"},
        "release_info": {"current_version": "1.0.0", "target_version": "1.1.0", "release_notes": "Bug fixes and improvements"},
        "performance_metrics": {"download_speed_mbps": 25.5, "install_duration_seconds": 120, "battery_level": 75, "storage_available_mb": 2048}
    }"#;
    let sent = send(memory.router(&[]), "/events", &[("content-type", "application/json")], reference).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.body);
    assert_eq!(sent.body["status"], "accepted");
    assert_eq!(memory.values()[0]["event_id"], sent.body["event_id"]);
}

#[tokio::test]
async fn a_record_has_its_key_its_time_and_its_trace() {
    let memory = Memory::default();
    post(&memory, "/events", &event("device-1")).await;
    let records = memory.records.lock().unwrap();
    let record = &records[0];
    assert_eq!(record.key.as_deref(), Some("acme-corp\u{1f}mobile-team\u{1f}my-mobile-app\u{1f}device-1".as_bytes()));
    let received: jiff::Timestamp = "2026-06-03T12:00:00.123Z".parse().unwrap();
    assert_eq!(record.timestamp_ms, Some(received.as_millisecond()));
    let [(name, Some(value))] = &record.headers[..] else { panic!("{:?}", record.headers) };
    assert_eq!(name, "traceparent");
    assert!(shared::telemetry::TraceId::from_traceparent(std::str::from_utf8(value).unwrap()).is_some());
}

#[tokio::test]
async fn a_rejected_event_is_told_by_field_and_rule() {
    let mut wrong = event("device-1");
    wrong["event_id"] = json!("0F8FAD5B-d9cb-469f-a165-70867728950e");
    wrong["device_info"] = json!({"os": 13});
    let sent = post(&Memory::default(), "/events", &wrong).await;
    assert_eq!(sent.status, StatusCode::BAD_REQUEST);
    assert_eq!(sent.response["content-type"], "application/problem+json");
    insta::assert_json_snapshot!(sent.body);
}

#[rstest]
#[case("/events")]
#[case("/events/batch")]
#[tokio::test]
async fn other_methods_are_told_what_is_allowed(#[case] path: &str) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let sent = read(Memory::default().router(&[]).oneshot(request).await.unwrap()).await;
    assert_eq!((sent.status, &sent.response["allow"]), (StatusCode::METHOD_NOT_ALLOWED, &"POST".parse().unwrap()));
    assert_eq!(sent.body["code"], "method_not_allowed");
}

#[rstest]
#[case::object("application/json", |events: &[Value]| json!({"events": events}).to_string())]
#[case::object_without_type("", |events: &[Value]| json!({"events": events, "newer": 1}).to_string())]
#[case::array("application/json; charset=UTF-8", |events: &[Value]| json!(events).to_string())]
#[case::array_of_vendor("application/vnd.acme+json", |events: &[Value]| format!("\n {}", json!(events)))]
#[case::lines("application/x-ndjson", |events: &[Value]| lines(events, "\n"))]
#[case::lines_with_crlf("application/ndjson", |events: &[Value]| lines(events, "\r\n\r\n") + "\r\n")]
#[tokio::test]
async fn every_framing_in_every_encoding_is_read(
    #[case] media_type: &str,
    #[case] framing: fn(&[Value]) -> String,
    #[values("", "identity", "gzip", "x-gzip", "zstd")] encoding: &str,
) {
    let memory = Memory::default();
    let events = [event("device-1"), event("device-2"), event("device-1")];
    let plain = framing(&events).into_bytes();
    let body = match encoding {
        "gzip" | "x-gzip" => gzip(&plain),
        "zstd" => zstd::encode_all(plain.as_slice(), 3).unwrap(),
        _ => plain,
    };
    let headers = [("content-type", media_type), ("content-encoding", encoding)];
    let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let sent = send(memory.router(&[]), "/events/batch", &headers, body).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.body);
    assert_eq!((&sent.body["accepted"], &sent.body["rejected"]), (&json!(3), &json!(0)));
    let devices: Vec<_> = memory.values().iter().map(|value| value["device_id"].clone()).collect();
    assert_eq!(devices, ["device-1", "device-2", "device-1"]);
}

fn lines(events: &[Value], end: &str) -> String {
    events.iter().map(Value::to_string).collect::<Vec<_>>().join(end)
}

#[tokio::test]
async fn one_result_for_each_in_order() {
    let memory = Memory::default();
    let mut old = event("device-2");
    old["timestamp"] = json!("2001-01-01T00:00:00Z");
    let mut long = event("device-3");
    long["device_info"] = json!({"model": "x".repeat(300)});
    let body = format!("{}\nnot json\n{old}\n[]\n{long}\n", event("device-1"));
    let sent = send(memory.router(&[]), "/events/batch", &[("content-type", "application/x-ndjson")], body).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED);
    insta::assert_json_snapshot!(sent.body);
    assert_eq!(memory.values().len(), 2, "the good ones were sent");
}

#[rstest]
#[case("not json", "malformed_json")]
#[case("[1]", "wrong_type")]
#[case("{}", "invalid_event")]
#[tokio::test]
async fn a_single_event_that_is_wrong_as_a_whole_has_that_rules_code(#[case] body: &'static str, #[case] code: &str) {
    let sent = send(Memory::default().router(&[]), "/events", &[], body).await;
    assert_eq!((sent.status, &sent.body["code"]), (StatusCode::BAD_REQUEST, &json!(code)));
    assert!(sent.body.as_object().unwrap().contains_key("event_id"), "{}", sent.body);
}

#[tokio::test]
async fn the_same_event_twice_in_a_batch_has_one_id() {
    let sent = post(&Memory::default(), "/events/batch", &json!([event("a"), event("a"), event("b")])).await;
    let id = |index: usize| &sent.body["results"][index]["event_id"];
    assert!(id(0) == id(1) && id(1) != id(2), "{}", sent.body);
}

#[tokio::test]
async fn a_batch_of_which_nothing_is_accepted_is_a_problem_with_results() {
    let sent = post(&Memory::default(), "/events/batch", &json!([1, {}])).await;
    assert_eq!((sent.status, &sent.body["code"]), (StatusCode::BAD_REQUEST, &json!("all_rejected")));
    assert_eq!((&sent.body["accepted"], &sent.body["rejected"]), (&json!(0), &json!(2)));
    assert_eq!(sent.body["results"].as_array().unwrap().len(), 2);
}

#[rstest]
#[case(1000, StatusCode::ACCEPTED)]
#[case(1001, StatusCode::PAYLOAD_TOO_LARGE)]
#[case(0, StatusCode::BAD_REQUEST)]
#[tokio::test]
async fn a_batch_has_a_thousand_events_at_most(#[case] number: usize, #[case] status: StatusCode) {
    let events = vec![event("device-1"); number];
    assert_eq!(post(&Memory::default(), "/events/batch", &json!({"events": events})).await.status, status);
}

#[rstest]
#[case::no_events(json!({"sent_at": null}), "events")]
#[case::events_null(json!({"events": null}), "events")]
#[case::events_no_array(json!({"events": {"a": 1}}), "events")]
#[case::sent_at_no_instant(json!({"events": [event("d")], "sent_at": "now"}), "sent_at")]
#[case::sent_at_a_number(json!({"events": [event("d")], "sent_at": 1}), "sent_at")]
#[case::events_twice(r#"{"events":[{}],"events":[{}]}"#, "events")]
#[case::sent_at_twice(r#"{"sent_at":null,"events":[{}],"sent_at":null}"#, "sent_at")]
#[case::unknown_twice(r#"{"newer":1,"events":[{}],"newer":1}"#, "newer")]
#[tokio::test]
async fn a_wrong_envelope_is_named(#[case] body: impl ToString, #[case] field: &str) {
    let sent = send(Memory::default().router(&[]), "/events/batch", &[], body.to_string()).await;
    assert_eq!((sent.status, &sent.body["errors"][0]["field"]), (StatusCode::BAD_REQUEST, &json!(field)));
}

#[rstest]
#[case("/events", "text/plain", "", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[case("/events", "application/x-ndjson", "", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[case("/events/batch", "application/json; charset=utf-16", "", "[]", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[case("/events/batch", "application/json", "br", "[]", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[case("/events/batch", "application/json", "gzip, gzip", "[]", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[case("/events/batch", "application/json", "gzip", "[]", StatusCode::BAD_REQUEST)]
#[case("/events/batch", "application/json", "zstd", "[]", StatusCode::BAD_REQUEST)]
#[case("/events/batch", "application/json", "", "", StatusCode::BAD_REQUEST)]
#[case("/events/batch", "application/json", "", "[{}", StatusCode::BAD_REQUEST)]
#[case("/events/batch", "application/json", "", "7", StatusCode::BAD_REQUEST)]
#[case("/events/batch", "application/json", "", r#"{"events":[],"events":[]}"#, StatusCode::BAD_REQUEST)]
#[case("/events", "application/json", "", "[1]", StatusCode::BAD_REQUEST)]
#[tokio::test]
async fn a_body_that_cannot_be_read_is_a_problem(
    #[case] path: &str,
    #[case] media_type: &str,
    #[case] encoding: &str,
    #[case] body: &'static str,
    #[case] status: StatusCode,
) {
    let headers = [("content-type", media_type), ("content-encoding", encoding)];
    let sent = send(Memory::default().router(&[]), path, &headers, body).await;
    assert_eq!(sent.status, status, "{}", sent.body);
    assert_eq!(sent.response["content-type"], "application/problem+json");
    assert_eq!(sent.body["status"], status.as_u16());
}

#[rstest]
#[case("/events", 1 << 20)]
#[case("/events/batch", 6 << 20)]
#[tokio::test]
async fn more_than_the_limit_is_refused_before_and_after_decompression(#[case] path: &str, #[case] limit: usize) {
    let json = ("content-type", "application/json");
    let plain = vec![b' '; limit + 1];
    let sent = send(Memory::default().router(&[]), path, &[json], plain.clone()).await;
    assert_eq!((sent.status, &sent.body["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("body_too_large")));
    let bomb = gzip(&vec![b' '; 32 << 20]);
    let sent = send(Memory::default().router(&[]), path, &[json, ("content-encoding", "gzip")], bomb).await;
    assert_eq!(sent.status, StatusCode::PAYLOAD_TOO_LARGE);
    let sent =
        send(Memory::default().router(&[]), path, &[json, ("content-encoding", "gzip")], gzip(&plain[1..])).await;
    assert_eq!(sent.status, StatusCode::BAD_REQUEST, "exactly the limit is read, and is no event");
}

#[rstest]
#[case::gzip("gzip", gzip)]
#[case::zstd("zstd", |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap())]
#[tokio::test]
async fn what_is_cut_off_or_swells_over_the_limit_is_refused(
    #[case] encoding: &str,
    #[case] encode: fn(&[u8]) -> Vec<u8>,
    #[values("/events", "/events/batch")] path: &str,
) {
    let headers = [("content-encoding", encoding)];
    let mut cut = encode(json!([event("a"), event("b")]).to_string().as_bytes());
    cut.truncate(cut.len() - 5);
    let sent = send(Memory::default().router(&[]), path, &headers, cut).await;
    assert_eq!((sent.status, &sent.body["code"]), (StatusCode::BAD_REQUEST, &json!("invalid_encoding")));
    assert!(sent.body["detail"].as_str().unwrap().contains("Content-Encoding"), "{}", sent.body);
    let bomb = encode(&vec![b' '; 32 << 20]);
    assert!(bomb.len() < 1 << 20);
    let sent = send(Memory::default().router(&[]), path, &headers, bomb).await;
    assert_eq!((sent.status, &sent.body["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("body_too_large")));
}

#[tokio::test]
async fn what_kafka_has_not_acknowledged_is_503_for_the_whole() {
    let memory = Memory::failing(1, SendError::TimedOut);
    let sent = post(&memory, "/events/batch", &json!([event("a"), event("b"), event("c")])).await;
    assert_eq!(sent.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(sent.response.contains_key("retry-after"));
    assert_eq!(sent.body["results"], Value::Null);
    let sent = post(&Memory::failing(0, SendError::QueueFull), "/events", &event("a")).await;
    assert_eq!(sent.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn what_is_too_large_for_kafka_is_that_events_rejection() {
    let sent = post(&Memory::failing(0, SendError::TooLarge), "/events/batch", &json!([event("a"), event("b")])).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED);
    assert_eq!(sent.body["results"][0]["error"]["code"], "too_large");
    assert_eq!(sent.body["results"][0]["event_id"], Value::Null, "none was given");
    assert_eq!(sent.body["results"][1]["status"], "accepted");
    let mut named = event("a");
    named["event_id"] = json!("0F8FAD5B-d9cb-469f-a165-70867728950e");
    let sent = post(&Memory::failing(0, SendError::TooLarge), "/events", &named).await;
    assert_eq!((sent.status, &sent.body["code"]), (StatusCode::BAD_REQUEST, &json!("too_large")));
    assert_eq!(sent.body["event_id"], named["event_id"], "as it was given");
}

#[tokio::test]
async fn device_ids_leave_as_pseudonyms_where_a_key_is_set() {
    let memory = Memory::default();
    let router = || memory.router(&[("DEVICE_ID_HMAC_KEY", "Jefe")]);
    let body = event("what do ya want for nothing?").to_string();
    let first = send(router(), "/events", &[], body.clone()).await;
    let again = send(router(), "/events", &[], body).await;
    assert_eq!(first.body["event_id"], again.body["event_id"]);
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(memory.values()[0]["device_id"], expected);
}

#[tokio::test]
async fn the_batchs_sent_at_corrects_its_events() {
    let memory = Memory::default();
    let mut skewed = event("device-1");
    skewed["timestamp"] = json!("2036-06-03T10:00:00Z");
    let sent = post(&memory, "/events/batch", &json!({"events": [skewed], "sent_at": "2036-06-03T11:00:00Z"})).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.body);
    assert_eq!(memory.values()[0]["sent_at"], "2036-06-03T11:00:00.000Z");
}
