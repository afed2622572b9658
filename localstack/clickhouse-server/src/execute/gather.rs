//! Inserts of one statement that ask for it (`async_insert`) are written together: a block costs the engine nearly the same
//! whatever its size. The embedded engine has no queue for them of its own. Each is answered once it is stored.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Duration, Instant, timeout_at};

use super::setup::Setup;
use crate::compression::ByteStream;
use crate::engine::{Outcome, Setting};
use crate::exception::{Exception, Kind};
use crate::request::body_exception;
use crate::state::State;

/// The only format that is cut anywhere between rows without a trace.
const FORMAT: &str = "RowBinary";
/// The server's own defaults.
const WAIT: Duration = Duration::from_millis(200);
const FULL: usize = 10 << 20;
/// A body of more than this is a block of its own.
const LARGEST: usize = 16 << 20;

/// What inserts have in common that can be written together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Statement {
    head: String,
    database: Option<String>,
    settings: Vec<Setting>,
}

/// How long inserts gather, and the bytes that end it.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    wait: Duration,
    bytes: usize,
}

/// The inserts that wait, by statement. Each statement has a task that writes them, one block after another.
#[derive(Default)]
pub struct Gathering(Mutex<HashMap<Statement, Group>>);

#[derive(Default)]
struct Group {
    inserts: Vec<Waiting>,
    bytes: usize,
    since: Option<Instant>,
    full: Arc<Notify>,
}

struct Waiting {
    data: Vec<Bytes>,
    answer: oneshot::Sender<Result<(), Exception>>,
}

/// Whether an insert is to be gathered: a whole request of its own that wants to wait for its block.
pub fn wanted(setup: &Setup, head: &str, format: &str) -> Option<(Statement, Limits)> {
    let given = |wanted: &str| setup.settings.iter().rfind(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let is_on = |value: &str| matches!(value, "1" | "true");
    if format != FORMAT
        || setup.safe_method
        || setup.session.is_some()
        || !setup.tables.is_empty()
        || !given("async_insert").is_some_and(is_on)
        || !given("wait_for_async_insert").is_none_or(is_on)
    {
        return None;
    }
    let number = |name| given(name).and_then(|value| value.parse::<u64>().ok());
    let limits = Limits {
        wait: number("async_insert_busy_timeout_max_ms").map_or(WAIT, Duration::from_millis),
        bytes: number("async_insert_max_data_size").and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(FULL),
    };
    let settings = setup.settings.iter().filter(|(name, _)| !name.contains("async_insert")).cloned().collect();
    Some((Statement { head: head.to_owned(), database: setup.database.clone(), settings }, limits))
}

/// A body whole, or as it was where it is too large to be kept.
pub async fn whole(mut data: ByteStream) -> Result<Result<Vec<Bytes>, ByteStream>, Exception> {
    let (mut chunks, mut bytes) = (Vec::new(), 0);
    while let Some(chunk) = data.try_next().await.map_err(body_exception)? {
        bytes += chunk.len();
        chunks.push(chunk);
        if bytes > LARGEST {
            return Ok(Err(stream::iter(chunks.into_iter().map(Ok)).chain(data).boxed()));
        }
    }
    Ok(Ok(chunks))
}

/// Waits until the data is stored, together with that of others.
pub async fn insert(
    state: Arc<State>,
    statement: Statement,
    limits: Limits,
    data: Vec<Bytes>,
) -> Result<Outcome, Exception> {
    let (answer, answered) = oneshot::channel();
    let bytes: usize = data.iter().map(Bytes::len).sum();
    if state.gathering.add(&statement, Waiting { data, answer }, bytes, limits) {
        tokio::spawn(write_all(Arc::clone(&state), statement, limits));
    }
    answered.await.unwrap_or_else(|_| Err(failed()))?;
    let mut outcome = Outcome::default();
    outcome.stats.written_bytes = bytes as u64;
    Ok(outcome)
}

impl Gathering {
    /// True where nobody writes this statement's inserts yet.
    fn add(&self, statement: &Statement, insert: Waiting, bytes: usize, limits: Limits) -> bool {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (group, is_new) = match groups.entry(statement.clone()) {
            Entry::Occupied(group) => (group.into_mut(), false),
            Entry::Vacant(place) => (place.insert(Group::default()), true),
        };
        group.inserts.push(insert);
        group.since.get_or_insert_with(Instant::now);
        group.bytes += bytes;
        if group.bytes >= limits.bytes {
            group.full.notify_one();
        }
        is_new
    }

    /// Since when inserts wait, and what tells that they are enough; `None` ends the statement's task.
    fn next(&self, statement: &Statement) -> Option<(Instant, Arc<Notify>)> {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let group = groups.get(statement).and_then(|group| Some((group.since?, Arc::clone(&group.full))));
        if group.is_none() {
            groups.remove(statement);
        }
        group
    }

    fn take(&self, statement: &Statement) -> Vec<Waiting> {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        groups.get_mut(statement).map(std::mem::take).unwrap_or_default().inserts
    }
}

async fn write_all(state: Arc<State>, statement: Statement, limits: Limits) {
    while let Some((since, full)) = state.gathering.next(&statement) {
        // Full or late, it is time.
        let _ = timeout_at(since + limits.wait, full.notified()).await;
        let inserts = state.gathering.take(&statement);
        let together = inserts.iter().flat_map(|insert| insert.data.iter().cloned()).collect();
        match write(&state, &statement, together).await {
            Err(_) if inserts.len() > 1 => {
                // Each alone, so that only the guilty hears of its fault.
                for Waiting { data, answer } in inserts {
                    // Whoever has left needs no answer.
                    let _ = answer.send(write(&state, &statement, data).await);
                }
            }
            result => inserts.into_iter().for_each(|insert| {
                let _ = insert.answer.send(result.clone());
            }),
        }
    }
}

async fn write(state: &Arc<State>, statement: &Statement, data: Vec<Bytes>) -> Result<(), Exception> {
    let Ok(permit) = Arc::clone(&state.permits).acquire_owned().await else { return Err(failed()) };
    let Statement { head, database, settings } = statement.clone();
    let setup = Setup::alone(Arc::clone(state), database, settings);
    let task = tokio::task::spawn_blocking(move || {
        let written = setup.run(|ready| {
            let mut insert = ready.connection.insert(&head, FORMAT, &[])?;
            // Where one isn't taken the insert has failed: the end says why.
            let _ = data.iter().all(|chunk| insert.append(chunk));
            insert.finish().map(drop)
        });
        drop(permit);
        written
    });
    task.await.unwrap_or_else(|_| Err(failed()))
}

fn failed() -> Exception {
    Exception::new(Kind::UnknownException, "The insert's thread has failed")
}
