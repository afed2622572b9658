//! What people ask ClickHouse directly, in the reference's words.

use tests::{System, event, minutes_ago};

#[tokio::test(flavor = "multi_thread")]
async fn the_references_tables_answer() {
    let system = System::start("by_hand").await;
    let events: Vec<_> = (0..4)
        .flat_map(|device| {
            let at = |kind, minutes| event("acme", &format!("device-{device}"), kind, &minutes_ago(minutes));
            [at("update_started", 12), at("update_installed", 10), at("update_installed", 5)]
        })
        .collect();
    system.send(&events).await;
    system.send(&events).await;
    system.settle().await;
    let events = "SELECT uniqExact(device_id), uniqExactIf(event_id, event_type = 'update_installed') FROM ota_events_raw WHERE event_date >= today() - 1";
    assert_eq!(system.sql(events).await.trim(), "4\t8");
    let installs = "SELECT uniqExactMerge(installs), sum(install_count) FROM hourly_installs WHERE tenant_id = 'acme' AND target_version = '1.1.0'";
    assert_eq!(system.sql(installs).await.trim(), "4\t4", "an update is installed once");
    let devices =
        "SELECT uniqExactMerge(active_devices), max(device_count) FROM daily_active_devices WHERE tenant_id = 'acme'";
    assert_eq!(system.sql(devices).await.trim(), "4\t4");
    system.stop().await;
}
