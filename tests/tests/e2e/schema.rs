//! Migrations are safe to apply again, by many at once, and with another retention.

use shared::{config::Retention, schema};
use tests::System;

#[tokio::test(flavor = "multi_thread")]
async fn ten_may_apply_it_at_once() {
    let system = System::start("ten_at_once").await;
    let config = system.fresh_database("ten_at_once_fresh");
    let retention = Retention { retention_days: 365, event_max_age_days: 1826 };
    let runs = (0..10).map(|_| {
        let config = config.clone();
        tokio::spawn(async move { schema::apply(&config, &retention).await })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.unwrap().unwrap();
    }
    let tables = system
        .sql("SELECT count() FROM system.tables WHERE database = 'ten_at_once_fresh' AND name NOT LIKE '.inner%'")
        .await;
    assert_eq!(tables.trim(), "11");
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_retention_is_taken_over() {
    let system = System::start("retention").await;
    let config = system.fresh_database("retention_fresh");
    for days in [365, 30] {
        schema::apply(&config, &Retention { retention_days: days, event_max_age_days: 1826 }).await.unwrap();
        let kept = system
            .sql(&format!(
                "SELECT count() FROM system.tables WHERE database = 'retention_fresh' AND create_table_query LIKE '%toIntervalDay({days})%'"
            ))
            .await;
        assert_eq!(kept.trim(), "4", "{days}");
    }
    system.stop().await;
}
