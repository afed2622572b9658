//! What a client sends is what is counted, however it arrives.

use serde_json::{Value, json};
use shared::event::EventType;
use tests::{System, event, minutes_ago};

/// The total of a question over the last 30 days.
async fn adoption(system: &System, tenant: &str) -> Value {
    system.get(&format!("/analytics/adoption?tenant_id={tenant}")).await["data"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_type_is_stored_with_all_it_says() {
    let system = System::start("each_type").await;
    for (index, event_type) in EventType::ALL.iter().enumerate() {
        let mut event = event("acme", "device-1", event_type.as_str(), &minutes_ago(60 - index as i64));
        event["session_id"] = json!("session-1");
        event["network_info"] = json!({"connection_type": "wifi", "bandwidth_mbps": 54.5});
        event["payload"] = json!({"progress": 50, "package_size": 1_000_000, "own": {"number": 1.50}});
        let answer = system.post("/events", &event.to_string()).await;
        assert_eq!((answer.status, &answer.body["status"]), (202, &json!("accepted")), "{:?}", answer.body);
    }
    system.settle().await;
    let rows = system
        .sql("SELECT event_type, session_id, connection_type, bandwidth_mbps, package_size_bytes, payload, event_time = timestamp AS believed \
              FROM ota_events_raw FINAL ORDER BY event_type FORMAT JSONEachRow")
        .await;
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected: Vec<Value> = EventType::ALL
        .iter()
        .map(|event_type| {
            json!({
                "event_type": event_type.as_str(), "session_id": "session-1", "connection_type": "wifi", "bandwidth_mbps": 54.5,
                "package_size_bytes": 1_000_000, "believed": 1,
                "payload": r#"{"own":{"number":1.5},"package_size":1000000,"progress":50}"#,
            })
        })
        .collect();
    assert_eq!(rows, expected);
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_sent_again_in_any_way_is_one_event() {
    let system = System::start("repeats").await;
    let installed = event("acme", "device-1", "update_installed", &minutes_ago(30));
    let mut named = event("acme", "device-2", "update_failed", &minutes_ago(20));
    named["event_id"] = json!("0f8fad5b-d9cb-469f-a165-70867728950e");
    for _ in 0..3 {
        system.send([&installed, &named, &installed]).await;
        system.settle().await;
    }
    let answer = adoption(&system, "acme").await;
    assert_eq!(
        (&answer["total_updates"], &answer["successful_updates"], &answer["failed_updates"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(answer["success_rate"], json!(50.0));
    let failures = system.get("/analytics/failures?tenant_id=acme").await;
    assert_eq!(failures["data"]["failure_events"], json!(1));
    assert_eq!(system.sql("SELECT count() FROM ota_events_raw FINAL").await.trim(), "2");
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn late_and_out_of_order_events_take_their_place() {
    let system = System::start("late").await;
    // Installed twice, the second time first; failed before; all arrive backwards, weeks late.
    let week = 7 * 24 * 60;
    let events = [
        event("acme", "device-1", "update_installed", &minutes_ago(week)),
        event("acme", "device-1", "update_installed", &minutes_ago(3 * week)),
        event("acme", "device-1", "update_failed", &minutes_ago(3 * week + 5)),
    ];
    for event in &events {
        system.send([event]).await;
        system.settle().await;
    }
    let answer = adoption(&system, "acme").await;
    assert_eq!((&answer["successful_updates"], &answer["failed_updates"]), (&json!(1), &json!(0)));
    let hours = answer["hourly_installs"].as_array().unwrap();
    assert_eq!(hours.len(), 1, "an update counts at its first install: {hours:?}");
    assert_eq!(hours[0]["hour"].as_str().unwrap()[..13], minutes_ago(3 * week)[..13]);
    let recent = system.get("/analytics/adoption?tenant_id=acme&days=10").await;
    assert_eq!(recent["data"]["total_updates"], json!(0), "the first install is older than the window");
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_do_not_see_each_other() {
    let system = System::start("tenants").await;
    let mut same_id = event("acme", "device-1", "update_installed", &minutes_ago(5));
    same_id["event_id"] = json!("0f8fad5b-d9cb-469f-a165-70867728950e");
    let mut other = same_id.clone();
    other["tenant_id"] = json!("globex");
    system.send([&same_id, &other]).await;
    system.settle().await;
    for tenant in ["acme", "globex"] {
        assert_eq!(adoption(&system, tenant).await["total_updates"], json!(1), "{tenant}");
    }
    assert_eq!(adoption(&system, "initech").await["total_updates"], json!(0));
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_not_counted_and_says_why() {
    let system = System::start("refused").await;
    let good = event("acme", "device-1", "update_installed", &minutes_ago(5));
    let mut bad = event("acme", "device-2", "update_installed", &minutes_ago(5));
    bad["device_info"]["os"] = json!(13);
    let answer = system.post("/events/batch", &json!([good, bad, 7]).to_string()).await;
    assert_eq!(answer.status, 202);
    assert_eq!((&answer.body["accepted"], &answer.body["rejected"]), (&json!(1), &json!(2)));
    assert_eq!(answer.body["results"][1]["error"]["field"], json!("device_info.os"));
    assert_eq!(answer.body["results"][2]["status"], json!("rejected"));
    system.settle().await;
    assert_eq!(adoption(&system, "acme").await["total_updates"], json!(1));
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_corrected_by_sent_at() {
    let system = System::start("skew").await;
    let mut event = event("acme", "device-1", "update_installed", "1970-01-02T00:00:00Z");
    event["sent_at"] = json!("1970-01-02T02:00:00Z");
    let answer = system.post("/events", &event.to_string()).await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    system.settle().await;
    let hours = adoption(&system, "acme").await["hourly_installs"].clone();
    assert_eq!(hours[0]["hour"].as_str().unwrap()[..13], minutes_ago(120)[..13]);
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_what_it_measured() {
    let system = System::start("health").await;
    system.send([&event("acme", "device-1", "update_started", &minutes_ago(1))]).await;
    system.settle().await;
    let health = system.get("/health").await;
    assert_eq!(health["status"], json!("healthy"), "{health:#}");
    assert_eq!(health["services"]["kafka"], json!({"status": "healthy", "producer_ready": true, "consumer_lag": 0}));
    assert!(health["services"]["clickhouse"]["response_time_ms"].is_u64());
    assert_eq!(health["metrics"]["events_processed"], json!(1));
    system.stop().await;
}
