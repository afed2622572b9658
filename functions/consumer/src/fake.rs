//! Stand-ins for ClickHouse and the dead-letter topic that fail as told.

use crate::{DeadLetters, InsertError, Row, Store};
use jiff::Timestamp;
use shared::clickhouse::Failure;
use shared::event::{Device, ErrorInfo, Event, EventType, Network, Performance, Release};
use shared::kafka::{OutgoingRecord, SendError};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

/// A row that is told from others by its id.
pub fn row(id: u128) -> Row<'static> {
    Row::from(Event {
        event_id: Uuid::from_u128(id),
        tenant_id: "t".into(),
        org_id: "o".into(),
        app_id: "a".into(),
        device_id: "d".into(),
        session_id: None,
        event_type: EventType::UpdateStarted,
        timestamp: Timestamp::UNIX_EPOCH,
        sent_at: None,
        event_time: Timestamp::UNIX_EPOCH,
        received_at: Timestamp::UNIX_EPOCH,
        device: Device::default(),
        release: Release::default(),
        network: Network::default(),
        performance: Performance::default(),
        error: ErrorInfo::default(),
        payload: None,
    })
}

/// Takes rows unless told otherwise.
pub struct FakeStore {
    failing: Option<(std::ops::Range<usize>, Failure)>,
    refusing: Option<(BTreeSet<u128>, Failure)>,
    silent: bool,
    attempts: AtomicUsize,
    stored: Mutex<Vec<u128>>,
}

impl Default for FakeStore {
    fn default() -> Self {
        Self { failing: None, refusing: None, silent: false, attempts: AtomicUsize::new(0), stored: Mutex::default() }
    }
}

impl FakeStore {
    pub fn failing_first(self, attempts: usize, failure: Failure) -> Self {
        Self { failing: Some((0..attempts, failure)), ..self }
    }

    pub fn failing_from(self, attempt: usize, failure: Failure) -> Self {
        Self { failing: Some((attempt - 1..usize::MAX, failure)), ..self }
    }

    pub fn refusing(self, ids: impl IntoIterator<Item = u128>, failure: Failure) -> Self {
        Self { refusing: Some((ids.into_iter().collect(), failure)), ..self }
    }

    pub fn silent(self) -> Self {
        Self { silent: true, ..self }
    }

    pub fn attempts(&self) -> usize {
        self.attempts.load(Ordering::Relaxed)
    }

    pub fn stored(&self) -> BTreeSet<u128> {
        self.stored.lock().unwrap().iter().copied().collect()
    }
}

impl Store for FakeStore {
    async fn insert(&self, rows: &[Row<'_>]) -> Result<(), InsertError> {
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
        assert!(!rows.is_empty(), "an insert of nothing");
        let error = |failure| Err(InsertError { failure, detail: "as told".to_owned() });
        if self.silent {
            std::future::pending::<()>().await;
        }
        if let Some((_, failure)) = self.failing.as_ref().filter(|(attempts, _)| attempts.contains(&attempt)) {
            return error(*failure);
        }
        let ids: Vec<u128> = rows.iter().map(|row| row.event_id.as_u128()).collect();
        if let Some((_, failure)) =
            self.refusing.as_ref().filter(|(guilty, _)| ids.iter().any(|id| guilty.contains(id)))
        {
            return error(*failure);
        }
        self.stored.lock().unwrap().extend(ids);
        Ok(())
    }
}

/// Takes dead letters unless told otherwise.
#[derive(Default)]
pub struct FakeDeadLetters {
    pub failing: Option<SendError>,
    pub silent: bool,
    pub letters: Mutex<Vec<OutgoingRecord>>,
}

impl DeadLetters for FakeDeadLetters {
    async fn send(&self, letters: Vec<OutgoingRecord>) -> Vec<Result<(), SendError>> {
        if self.silent {
            std::future::pending::<()>().await;
        }
        let results = vec![self.failing.map_or(Ok(()), Err); letters.len()];
        if self.failing.is_none() {
            self.letters.lock().unwrap().extend(letters);
        }
        results
    }
}

/// Dead letters as text.
pub fn shown(letters: &[OutgoingRecord]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).escape_debug().to_string();
    let bytes = |bytes: Option<&[u8]>| bytes.map_or("null".to_owned(), text);
    let mut shown = String::new();
    for letter in letters {
        shown += &format!("{} {}\n", bytes(letter.key.as_deref()), bytes(letter.value.as_deref()));
        for (name, value) in &letter.headers {
            shown += &format!("  {name}: {}\n", bytes(value.as_deref()));
        }
    }
    shown
}
