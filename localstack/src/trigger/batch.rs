//! What is in hand, partition by partition: which records make the next batch, what may be committed, what comes again.
//!
//! Pure: no Kafka, no clock. A partition that failed waits by itself while the others go on.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

/// A topic and a partition.
pub type Partition = (String, i32);

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How large a batch gets, and how long its first record waits for others.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub records: usize,
    pub bytes: usize,
    pub window: Duration,
    /// Full batches that are held ready, at least 1.
    pub ahead: usize,
}

/// Records in hand, the oldest offset of each partition first.
pub struct Pending<R> {
    limits: Limits,
    partitions: HashMap<Partition, Waiting<R>>,
    /// Where the next batch begins to take, so that no partition starves.
    turn: usize,
}

struct Waiting<R> {
    records: VecDeque<Held<R>>,
    /// So many at the front are with the handler.
    out: usize,
    /// Bytes of those that aren't.
    bytes: usize,
    failures: u32,
    not_before: Option<Instant>,
}

struct Held<R> {
    offset: i64,
    bytes: usize,
    arrived: Instant,
    record: R,
}

/// What was handed out together. A partition is in one at a time, so that its records keep their order.
#[derive(Debug, Default)]
pub struct Batch(Vec<Part>);

#[derive(Debug)]
struct Part {
    partition: Partition,
    first: i64,
    last: i64,
}

/// What the handler made of a batch.
#[derive(Debug)]
pub enum Outcome {
    /// These are to come again, by the partition's name in the event and the offset; none: all is done.
    Answered(Vec<(String, i64)>),
    /// All comes again.
    Failed,
}

/// What follows for Kafka.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The offsets to go on from.
    pub commit: Vec<(Partition, i64)>,
    /// Partitions that failed: nothing more is read of them until they are in `resume`.
    pub pause: Vec<Partition>,
    pub resume: Vec<Partition>,
    /// Records that come again.
    pub again: usize,
}

impl<R> Pending<R> {
    pub fn new(limits: Limits) -> Self {
        Self { limits, partitions: HashMap::new(), turn: 0 }
    }

    /// Takes a record in, `bytes` long in the payload. One that is here already is dropped.
    pub fn add(&mut self, partition: &Partition, offset: i64, bytes: usize, record: R, now: Instant) {
        if !self.partitions.contains_key(partition) {
            self.partitions.insert(partition.clone(), Waiting::default());
        }
        let Some(waiting) = self.partitions.get_mut(partition) else { return };
        if waiting.records.back().is_none_or(|last| last.offset < offset) {
            waiting.bytes += bytes;
            waiting.records.push_back(Held { offset, bytes, arrived: now, record });
        }
    }

    /// Whether another record may come: what isn't out is less than the batches to be held ready.
    pub fn has_room(&self) -> bool {
        let (records, bytes) = self.count(|waiting| waiting.failures == 0);
        let all = |of_one: usize| of_one.saturating_mul(self.limits.ahead);
        records < all(self.limits.records) && bytes < all(self.limits.bytes)
    }

    /// When the next batch is due, unless a record comes before; `None` where nothing waits.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let (records, bytes) = self.count(|waiting| waiting.is_ready(now));
        if records >= self.limits.records || bytes >= self.limits.bytes {
            return Some(now);
        }
        let due = |waiting: &Waiting<R>| match (waiting.not_before, waiting.records.front()) {
            _ if waiting.out > 0 => None,
            (_, None) => None,
            (Some(not_before), Some(_)) => Some(not_before),
            (None, Some(first)) => Some(first.arrived + self.limits.window),
        };
        self.partitions.values().filter_map(due).min()
    }

    /// The next batch of what is ready, at least one record where there is any.
    pub fn take(&mut self, now: Instant) -> Batch {
        let mut ready: Vec<Partition> =
            self.partitions.iter().filter(|(_, waiting)| waiting.is_ready(now)).map(|(name, _)| name.clone()).collect();
        ready.sort_unstable();
        let turn = self.turn % ready.len().max(1);
        ready.rotate_left(turn);
        self.turn = self.turn.wrapping_add(1);

        let (mut batch, mut records, mut bytes) = (Vec::new(), 0, 0);
        for partition in ready {
            let Some(waiting) = self.partitions.get_mut(&partition) else { continue };
            let fits = |held: &&Held<R>| {
                let fits = records == 0 || (records < self.limits.records && bytes + held.bytes <= self.limits.bytes);
                if fits {
                    records += 1;
                    bytes += held.bytes;
                    waiting.bytes -= held.bytes;
                }
                fits
            };
            let offsets: Vec<i64> = waiting.records.iter().take_while(fits).map(|held| held.offset).collect();
            if let (Some(first), Some(last)) = (offsets.first(), offsets.last()) {
                waiting.out = offsets.len();
                batch.push(Part { partition, first: *first, last: *last });
            }
        }
        Batch(batch)
    }

    /// The records of a batch, by partition, in the order of their offsets.
    pub fn records<'a>(&'a self, batch: &'a Batch) -> impl Iterator<Item = &'a R> {
        batch
            .0
            .iter()
            .filter_map(|part| self.partitions.get(&part.partition))
            .flat_map(|waiting| waiting.records.iter().take(waiting.out).map(|held| &held.record))
    }

    /// Drops what is done and keeps what failed. An answer that names a record outside the batch counts as a failure
    /// of all of it. Partitions that were taken from us meanwhile are left out.
    pub fn settle(&mut self, batch: &Batch, outcome: &Outcome, now: Instant) -> Settled {
        let failures: &[(String, i64)] = match outcome {
            Outcome::Answered(failures) if failures.iter().all(|failure| batch.holds(failure)) => failures,
            Outcome::Answered(_) | Outcome::Failed => {
                let all: Vec<(String, i64)> = batch.0.iter().map(|part| (part.name(), part.first)).collect();
                return self.apply(batch, &all, now);
            }
        };
        self.apply(batch, failures, now)
    }

    fn apply(&mut self, batch: &Batch, failures: &[(String, i64)], now: Instant) -> Settled {
        let mut settled = Settled::default();
        for part in &batch.0 {
            let Some(waiting) = self.partitions.get_mut(&part.partition).filter(|waiting| waiting.out > 0) else {
                continue;
            };
            let name = part.name();
            let lowest = failures.iter().filter(|(failed, _)| *failed == name).map(|(_, offset)| *offset).min();
            let out = std::mem::take(&mut waiting.out);
            let done = match lowest {
                None => out,
                Some(lowest) => waiting.records.iter().take(out).take_while(|held| held.offset < lowest).count(),
            };
            if let Some(last) = waiting.records.drain(..done).next_back() {
                settled.commit.push((part.partition.clone(), last.offset.saturating_add(1)));
            }
            let failed_before = waiting.failures > 0;
            if lowest.is_none() {
                (waiting.failures, waiting.not_before) = (0, None);
                if failed_before {
                    settled.resume.push(part.partition.clone());
                }
            } else {
                settled.again += out - done;
                waiting.bytes += waiting.records.iter().take(out - done).map(|held| held.bytes).sum::<usize>();
                waiting.not_before = Some(now + pause_after(waiting.failures));
                waiting.failures = waiting.failures.saturating_add(1);
                if !failed_before {
                    settled.pause.push(part.partition.clone());
                }
            }
        }
        settled
    }

    /// The partition is no longer ours, or begins anew.
    pub fn revoke(&mut self, partition: &Partition) {
        self.partitions.remove(partition);
    }

    pub fn revoke_all(&mut self) {
        self.partitions.clear();
    }

    /// Records and bytes that aren't with the handler.
    fn count(&self, of: impl Fn(&Waiting<R>) -> bool) -> (usize, usize) {
        self.partitions.values().filter(|waiting| of(waiting)).fold((0, 0), |(records, bytes), waiting| {
            (records + waiting.records.len() - waiting.out, bytes + waiting.bytes)
        })
    }
}

impl<R> Waiting<R> {
    fn is_ready(&self, now: Instant) -> bool {
        self.out == 0 && !self.records.is_empty() && self.not_before.is_none_or(|not_before| not_before <= now)
    }
}

impl<R> Default for Waiting<R> {
    fn default() -> Self {
        Self { records: VecDeque::new(), out: 0, bytes: 0, failures: 0, not_before: None }
    }
}

impl Batch {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn holds(&self, (name, offset): &(String, i64)) -> bool {
        self.0.iter().any(|part| part.name() == *name && (part.first..=part.last).contains(offset))
    }
}

impl Part {
    /// As the event names it.
    fn name(&self) -> String {
        format!("{}-{}", self.partition.0, self.partition.1)
    }
}

/// Twice as long after each failure.
fn pause_after(failures_before: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1u32.checked_shl(failures_before).unwrap_or(u32::MAX)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests;
