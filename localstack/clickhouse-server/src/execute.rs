//! Statements on their way through the engine. One statement is one task on a blocking thread, from its connection to its
//! last byte; the request's future only passes bytes and waits.

mod cancel;
mod gather;
mod insert;
mod query;
mod setup;

use bytes::Bytes;
use tokio::task::JoinHandle;

pub use self::cancel::CancelOnDrop;
pub use self::gather::Gathering;
pub use self::insert::insert;
pub use self::query::{Query, query};
pub use self::setup::Setup;
use crate::engine::Outcome;
use crate::exception::{Exception, Kind};

/// A statement that runs.
pub struct Job {
    task: JoinHandle<Result<Outcome, Exception>>,
    cancel: CancelOnDrop,
}

impl Job {
    /// The outcome; until then, dropping the job ends a statement that only reads.
    pub async fn outcome(&mut self) -> Result<Outcome, Exception> {
        let result = (&mut self.task).await;
        self.cancel.disarm();
        result.unwrap_or_else(|_| Err(Exception::new(Kind::UnknownException, "The statement's thread has failed")))
    }
}

/// What a request's body hands to an insert.
pub enum Piece {
    Data(Bytes),
    End,
}
