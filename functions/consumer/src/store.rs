//! One insert for a batch; retried while ClickHouse can't take it, split where it won't, until the guilty row is alone.

mod clickhouse;

pub use self::clickhouse::ClickHouse;

use crate::Row;
use shared::clickhouse::Failure;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// What takes rows, all of them or none. Taking a row again changes nothing.
pub trait Store: Send + Sync {
    /// # Errors
    /// The rows were not taken, or nobody knows.
    fn insert(&self, rows: &[Row<'_>]) -> impl Future<Output = Result<(), InsertError>> + Send;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsertError {
    pub failure: Failure,
    /// ClickHouse's own words. They may quote the data: for dead letters, not for the log.
    pub detail: String,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowOutcome {
    Stored,
    /// ClickHouse takes the others, but not this one, now or later.
    Refused {
        detail: String,
    },
    /// Not stored, through no fault of its own; it is to come again.
    Unavailable,
}

/// An attempt that takes longer is given up: after a freeze a pooled connection may be dead without a sign of it.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Codes that blame the deployment (columns, statement, settings, permissions), not the rows: splitting won't help, and
/// setting rows aside would be wrong.
const DEPLOYMENT: [u32; 17] = [
    0,   // the client and the table don't agree on a column
    8,   // THERE_IS_NO_COLUMN
    16,  // NO_SUCH_COLUMN_IN_TABLE
    47,  // UNKNOWN_IDENTIFIER
    48,  // NOT_IMPLEMENTED
    62,  // SYNTAX_ERROR
    73,  // UNKNOWN_FORMAT
    115, // UNKNOWN_SETTING
    164, // READONLY
    192, // UNKNOWN_USER
    193, // WRONG_PASSWORD
    194, // REQUIRED_PASSWORD
    291, // DATABASE_ACCESS_DENIED
    344, // SUPPORT_IS_DISABLED
    452, // SETTING_CONSTRAINT_VIOLATION
    497, // ACCESS_DENIED
    516, // AUTHENTICATION_FAILED
];

/// Stores what can be stored until `deadline`: one outcome for each row, in order.
pub(crate) async fn store_all<S: Store>(store: &S, rows: &[Row<'_>], deadline: Instant) -> Vec<RowOutcome> {
    let mut outcomes = vec![RowOutcome::Unavailable; rows.len()];
    // Parts that are still to be stored, the first last.
    let mut parts: Vec<_> = std::iter::once(0..rows.len()).collect();
    while let Some(part) = parts.pop() {
        let (Some(slice), Some(results)) = (rows.get(part.clone()), outcomes.get_mut(part.clone())) else { continue };
        if slice.is_empty() {
            continue;
        }
        match insert_until(store, slice, deadline).await {
            Ok(()) => results.fill(RowOutcome::Stored),
            Err(InsertError { failure: Failure::Refused { code }, detail }) if !DEPLOYMENT.contains(&code) => {
                if let [alone] = results {
                    *alone = RowOutcome::Refused { detail };
                } else {
                    let middle = part.start + part.len() / 2;
                    parts.push(middle..part.end);
                    parts.push(part.start..middle);
                }
            }
            Err(error) => {
                let left = part.len() + parts.iter().map(ExactSizeIterator::len).sum::<usize>();
                // These errors are not about the rows, so their words don't quote them.
                tracing::warn!(failure = ?error.failure, rows = left, detail = error.detail, "ClickHouse takes no rows; they are to come again");
                break;
            }
        }
    }
    outcomes
}

/// Tries again, ever more slowly, while it can't be taken now and there is time.
async fn insert_until<S: Store>(store: &S, rows: &[Row<'_>], deadline: Instant) -> Result<(), InsertError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let error = match timeout(left.min(ATTEMPT_TIMEOUT), store.insert(rows)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error,
            Err(_) => InsertError { failure: Failure::Unreachable, detail: "no answer in time".to_owned() },
        };
        if !error.failure.is_transient() || Instant::now() + pause >= deadline {
            return Err(error);
        }
        tracing::debug!(failure = ?error.failure, rows = rows.len(), ?pause, "insert is tried again");
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

#[cfg(test)]
mod tests;
