use std::time::Duration;

use super::ffi::{RawConnection, RawInsert, RawResult};
use crate::exception::Exception;

/// What a statement does to state that outlives it, by the engine's own parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `SELECT`, `SHOW`, `DESCRIBE`, `EXPLAIN`, `EXISTS`, `CHECK`
    ReadOnly,
    /// Changes tables, databases, users, functions
    Mutating,
    /// `USE`, `SET`, `SYSTEM`, `KILL`, …
    Control,
    /// Did not parse
    Unknown,
}

/// What a statement read, wrote and gave.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stats {
    pub read_rows: u64,
    pub read_bytes: u64,
    pub written_rows: u64,
    pub written_bytes: u64,
    pub result_rows: u64,
    pub result_bytes: u64,
    pub elapsed: Duration,
}

/// A finished statement: its output, unless that went into a file, and its counts.
#[derive(Debug, Default)]
pub struct Outcome {
    pub body: Vec<u8>,
    pub stats: Stats,
    /// The statement is one that gives rows, if only none
    pub gives_rows: bool,
}

/// One session with the engine: it runs one statement at a time and blocks the thread meanwhile.
pub struct Connection(RawConnection);

impl Connection {
    pub(super) const fn new(raw: RawConnection) -> Self {
        Self(raw)
    }

    pub fn query(&mut self, sql: &str, format: &str, params: &[(String, String)]) -> Result<Outcome, Exception> {
        outcome(&self.0.query(sql, format, params))
    }

    /// A statement of our own, without parameters; its output as tab-separated text.
    pub fn run(&mut self, sql: &str) -> Result<String, Exception> {
        let outcome = self.query(sql, "TabSeparatedRaw", &[])?;
        Ok(String::from_utf8_lossy(&outcome.body).into_owned())
    }

    pub fn use_database(&mut self, database: &str) -> Result<(), Exception> {
        self.run(&format!("USE {}", quote_identifier(database))).map(drop)
    }

    /// Starts an insert. `head` is the statement without `FORMAT` and data.
    pub fn insert(&mut self, head: &str, format: &str, params: &[(String, String)]) -> Result<Insert<'_>, Exception> {
        let raw = self.0.insert(head, format, params);
        match raw.error() {
            Some(error) => Err(Exception::from_engine(&error)),
            None => Ok(Insert(raw)),
        }
    }

    /// The class of a text, and how many statements it holds.
    pub fn classify(&mut self, sql: &str) -> (Class, u32) {
        match self.0.classify(sql) {
            None => (Class::Unknown, 0),
            Some(raw) => {
                let class = match raw.class {
                    0 => Class::ReadOnly,
                    1 | 2 => Class::Mutating,
                    3 => Class::Control,
                    _ => Class::Unknown,
                };
                (class, raw.statements)
            }
        }
    }
}

/// An insert that takes data; dropped before [`Insert::finish`] it is cancelled.
pub struct Insert<'c>(RawInsert<'c>);

impl Insert<'_> {
    /// Waits while the engine is behind. False if the insert has failed: `finish` then says why.
    pub fn append(&mut self, data: &[u8]) -> bool {
        self.0.append(data)
    }

    pub fn finish(self) -> Result<Stats, Exception> {
        outcome(&self.0.done()).map(|outcome| outcome.stats)
    }
}

fn outcome(raw: &RawResult) -> Result<Outcome, Exception> {
    if let Some(error) = raw.error() {
        return Err(Exception::from_engine(&error));
    }
    let stats = Stats {
        read_rows: raw.read_rows(),
        read_bytes: raw.read_bytes(),
        written_rows: raw.written_rows(),
        written_bytes: raw.written_bytes(),
        result_rows: raw.result_rows(),
        result_bytes: raw.result_bytes(),
        elapsed: Duration::try_from_secs_f64(raw.elapsed_seconds()).unwrap_or_default(),
    };
    let body = raw.body().to_vec();
    Ok(Outcome { gives_rows: !body.is_empty(), body, stats })
}

/// `` `name` ``, safe for any name.
pub fn quote_identifier(name: &str) -> String {
    format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}

/// `'text'`, safe for any text.
pub fn quote_string(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
