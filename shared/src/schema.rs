//! The schema: numbered, idempotent migrations in `shared/schema/`, the same files for one node and for a cluster.
//!
//! Every statement is `CREATE … IF NOT EXISTS` or sets what is already set, so any number of processes may apply all of them at once.

mod render;

use crate::{clickhouse::Config, config::Retention};
use clickhouse::{Client, error::Error};
use render::Target;

/// The migrations, in order.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_events", include_str!("../schema/0001_events.sql")),
    ("0002_updates", include_str!("../schema/0002_updates.sql")),
    ("0003_updates_view", include_str!("../schema/0003_updates_view.sql")),
    ("0004_device_halfdays", include_str!("../schema/0004_device_halfdays.sql")),
    ("0005_device_halfdays_view", include_str!("../schema/0005_device_halfdays_view.sql")),
    ("0006_failure_events", include_str!("../schema/0006_failure_events.sql")),
    ("0007_failure_events_view", include_str!("../schema/0007_failure_events_view.sql")),
    ("0008_hourly_installs", include_str!("../schema/0008_hourly_installs.sql")),
    ("0009_daily_active_devices", include_str!("../schema/0009_daily_active_devices.sql")),
    ("0010_freshness", include_str!("../schema/0010_freshness.sql")),
    ("0011_freshness_view", include_str!("../schema/0011_freshness_view.sql")),
];

/// On a cluster each table is local to a node, and this spreads over them. A device's rows share a shard, so that
/// what is aggregated by device is whole on one node.
const DISTRIBUTED: &str = include_str!("../schema/distributed.sql");
const DEVICE_OF_EVENT: &str = "sipHash64(tenant_id, org_id, app_id, device_id)";

/// Tables with their sharding key and the column whose age ends a row's life; `None` where rows end as a whole update.
const TABLES: &[(&str, &str, Option<&str>)] = &[
    ("ota_events_raw", DEVICE_OF_EVENT, Some("received_at")),
    ("updates", "device_key", None),
    ("device_halfdays", "device_key", Some("last_received")),
    ("failure_events", "device_key", Some("received_at")),
    ("freshness", "rand()", Some("last_received")),
];

/// What [`apply`] did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    pub database: String,
    pub migrations: usize,
    pub retention_days: u32,
}

/// A migration that failed, by name.
#[derive(Debug, thiserror::Error)]
#[error("migration {migration}: {cause}")]
pub struct MigrationError {
    pub migration: &'static str,
    pub cause: Error,
}

/// Brings the database to the current schema and retention, and ends the updates whose last event is older than it.
///
/// # Errors
/// The first statement that failed; applying again carries on from there.
pub async fn apply(config: &Config, retention: &Retention) -> Result<Report, MigrationError> {
    let target = Target { cluster: config.cluster.as_deref(), retention_days: retention.retention_days };
    let step = |migration| move |cause| MigrationError { migration, cause };
    let create = target.database(&config.database);
    run(&config.server(), &create).await.map_err(step("database"))?;
    let client = config.client();
    for (name, template) in MIGRATIONS {
        run(&client, &target.render(template)).await.map_err(step(name))?;
    }
    if target.cluster.is_some() {
        for (table, sharding_key, _) in TABLES {
            run(&client, &target.distributed(DISTRIBUTED, table, sharding_key)).await.map_err(step("distributed"))?;
        }
    }
    keep(&client, &target).await.map_err(step("retention"))?;
    Ok(Report {
        database: config.database.clone(),
        migrations: MIGRATIONS.len(),
        retention_days: retention.retention_days,
    })
}

/// Sets the tables' time to live where it differs, and deletes updates that nothing has been received of for as long.
async fn keep(client: &Client, target: &Target<'_>) -> Result<(), Error> {
    for (table, _, lifetime) in TABLES {
        let Some(column) = lifetime else { continue };
        let local = target.local(table);
        let definition: String = client
            .query("SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = {table:String}")
            .param("table", &local)
            .fetch_one()
            .await?;
        if !definition.contains(&target.time_to_live(column)) {
            run(client, &target.modify_time_to_live(table, column)).await?;
        }
    }
    // The deletion rewrites parts: it is asked for only where a row is old enough at all.
    let old: u64 = client
        .query("SELECT count() FROM updates WHERE last_received < now() - toIntervalDay({days:UInt32})")
        .param("days", target.retention_days)
        .fetch_one()
        .await?;
    if old > 0 {
        run(client, &target.render(include_str!("../schema/expire_updates.sql"))).await?;
    }
    Ok(())
}

async fn run(client: &Client, statement: &str) -> Result<(), Error> {
    client.query_raw(statement).execute().await
}
