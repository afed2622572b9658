//! A record that can't be used is kept, with its reason, and holds up nothing.

use serde_json::json;
use tests::{System, event, minutes_ago};

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_set_aside_and_the_others_are_stored() {
    let system = System::start("dead_letters").await;
    let good = |device: &str| event("acme", device, "update_installed", &minutes_ago(5)).to_string();
    let mut newer = event("acme", "device-9", "update_installed", &minutes_ago(5));
    newer["event_type"] = json!("update_paused");
    let newer = newer.to_string();
    let records: Vec<Option<&[u8]>> =
        vec![Some(b"\x00\xff not json"), Some(b"{\"tenant_id\":"), None, Some(b"[]"), Some(newer.as_bytes())];
    let first = good("device-1");
    let last = good("device-2");
    system.produce(Some(first.as_bytes())).await;
    for record in &records {
        system.produce(*record).await;
    }
    system.produce(Some(last.as_bytes())).await;
    system.settle().await;

    let answer = system.get("/analytics/adoption?tenant_id=acme").await;
    assert_eq!(answer["data"]["successful_updates"], json!(2));

    let letters = system.dead_letters(records.len()).await;
    let values: Vec<Option<&[u8]>> = letters.iter().map(|letter| letter.value.as_deref()).collect();
    assert_eq!(values, records, "as they came, in order");
    for letter in &letters {
        assert_eq!(letter.key, b"key", "its key");
        assert_eq!(letter.header("dlq-topic"), system.topic());
        for header in ["dlq-reason", "dlq-partition", "dlq-offset", "dlq-timestamp"] {
            assert!(!letter.header(header).is_empty(), "{header}");
        }
    }
    let reasons: Vec<&str> = letters.iter().map(|letter| letter.header("dlq-reason")).collect();
    insta::assert_json_snapshot!(reasons);
    system.stop().await;
}
