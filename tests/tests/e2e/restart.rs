//! What was acknowledged is counted once, whatever stops in between.

use serde_json::json;
use tests::{System, event, minutes_ago};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_by_a_restart() {
    let mut system = System::start("restart").await;
    for round in 0..3 {
        let events: Vec<_> = (0..200)
            .map(|device| event("acme", &format!("device-{round}-{device}"), "update_installed", &minutes_ago(5)))
            .collect();
        // Stopped at once: most of it is in Kafka only.
        system.send(&events).await;
        system = system.restart().await;
    }
    system.settle().await;
    let answer = system.get("/analytics/adoption?tenant_id=acme").await;
    assert_eq!(answer["data"]["successful_updates"], json!(600));
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_the_topic_again_changes_nothing() {
    let system = System::start("again").await;
    let events: Vec<_> = (0..50)
        .flat_map(|device| {
            let device = format!("device-{device}");
            let at = |kind, minutes| event("acme", &device, kind, &minutes_ago(minutes));
            [at("update_started", 9), at("update_failed", 8), at("update_installed", 7), at("rollback_started", 3)]
        })
        .collect();
    system.send(&events).await;
    system.settle().await;
    let paths = ["adoption", "versions", "active-devices", "failures", "performance"];
    // The window ends in the past, so that both answers are about the same one.
    let window = format!("from={}&to={}", minutes_ago(24 * 60), minutes_ago(0));
    let mut before = Vec::new();
    for path in paths {
        before.push(system.get(&format!("/analytics/{path}?tenant_id=acme&{window}")).await["data"].clone());
    }
    let system = system.restart_from_the_first_record().await;
    system.settle().await;
    assert!(system.sql("SELECT count() FROM ota_events_raw").await.trim().parse::<u64>().unwrap() >= 200);
    for (path, before) in paths.iter().zip(before) {
        let after = system.get(&format!("/analytics/{path}?tenant_id=acme&{window}")).await["data"].clone();
        assert_eq!(after, before, "{path}");
    }
    system.stop().await;
}
