//! The insert itself.

use super::{InsertError, Store};
use crate::Row;
use clickhouse::Client;
use clickhouse::error::Error;
use shared::clickhouse::Failure;
use std::sync::atomic::{AtomicBool, Ordering};

const TABLE: &str = "ota_events_raw";

/// What must hold whatever a server's version or profile has as its default.
const SETTINGS: [(&str, &str); 8] = [
    // A block costs the server much the same whatever its size: it writes those of parallel invocations together, within so
    // many milliseconds and bytes. Answered means stored all the same.
    ("async_insert", "1"),
    ("wait_for_async_insert", "1"),
    ("async_insert_busy_timeout_max_ms", "500"),
    ("async_insert_max_data_size", "8388608"),
    ("async_insert_deduplicate", "0"),
    // A block skipped as a repeat would skip the views behind it, which an earlier attempt may not have reached.
    // The tables don't mind repeats.
    ("insert_deduplicate", "0"),
    // Late events: a batch may reach into any number of months.
    ("max_partitions_per_insert_block", "0"),
    ("parallel_view_processing", "1"),
];

/// `ota_events_raw` behind ClickHouse's HTTP interface.
pub struct ClickHouse {
    /// Compares each insert's columns with the table's, names and types, on both sides.
    checking: Client,
    plain: Client,
    /// Whether the columns were found to agree. Checked at first, and again where ClickHouse refuses rows: that tells a
    /// table that has changed from a row that is wrong.
    agreed: AtomicBool,
}

impl ClickHouse {
    #[must_use]
    pub fn new(client: &Client) -> Self {
        let client = SETTINGS.iter().fold(client.clone(), |client, (name, value)| client.with_setting(*name, *value));
        Self {
            checking: client.clone().with_validation(true),
            plain: client.with_validation(false),
            agreed: AtomicBool::new(false),
        }
    }

    async fn try_insert(&self, client: &Client, rows: &[Row<'_>]) -> Result<(), Error> {
        let mut insert = client.insert::<Row<'_>>(TABLE).await?;
        for row in rows {
            insert.write(row).await?;
        }
        insert.end().await
    }
}

impl Store for ClickHouse {
    async fn insert(&self, rows: &[Row<'_>]) -> Result<(), InsertError> {
        if self.agreed.load(Ordering::Relaxed) {
            match self.try_insert(&self.plain, rows).await.map_err(InsertError::from) {
                Err(InsertError { failure: Failure::Refused { .. }, .. }) => {
                    self.agreed.store(false, Ordering::Relaxed);
                }
                result => return result,
            }
        }
        // The table may have changed since it was described last.
        self.checking.clear_cached_metadata().await;
        self.try_insert(&self.checking, rows).await?;
        self.agreed.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl From<Error> for InsertError {
    fn from(error: Error) -> Self {
        Self { failure: Failure::of(&error), detail: error.to_string() }
    }
}
