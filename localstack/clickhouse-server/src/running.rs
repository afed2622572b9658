//! The statements under way: by the client's query id, so that it can be killed by it and used once at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::Connection;
use crate::exception::{Exception, Kind};
use crate::sql;

/// What a mark begins with.
const PREFIX: &str = "request:";

#[derive(Default)]
pub struct Running(Mutex<HashMap<String, Mark>>);

impl Running {
    /// Notes a statement until the ticket is dropped.
    pub fn start(self: &Arc<Self>, query_id: &str) -> Result<Ticket, Exception> {
        let mark = Mark(uuid::Uuid::new_v4().simple().to_string());
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains_key(query_id) {
            let text = format!("Query with id = {query_id} is already running");
            return Err(Exception::new(Kind::QueryIsAlreadyRunning, text));
        }
        running.insert(query_id.to_owned(), mark.clone());
        Ok(Ticket { running: Arc::clone(self), query_id: query_id.to_owned(), mark })
    }

    /// The engine gives each statement an id of its own. A `KILL QUERY` that names the client's is told the engine's.
    pub fn translate_kill(&self, statement: &str, connection: &mut Connection) -> String {
        sql::map_strings(statement, |literal| {
            let mark = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(literal).cloned()?;
            let question = format!("SELECT query_id FROM system.processes WHERE {}", mark.condition());
            connection.run(&question).ok().map(|id| id.trim().to_owned()).filter(|id| !id.is_empty())
        })
    }
}

/// A statement that is under way.
pub struct Ticket {
    running: Arc<Running>,
    query_id: String,
    mark: Mark,
}

impl Ticket {
    pub const fn mark(&self) -> &Mark {
        &self.mark
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.query_id);
    }
}

/// A comment in a statement's text, by which it is found in `system.processes`.
#[derive(Debug, Clone)]
pub struct Mark(String);

impl Mark {
    /// The statement's text with its mark.
    pub fn apply(&self, statement: &str) -> String {
        sql::with_marker(statement, &format!("{PREFIX}{}", self.0))
    }

    /// Ends the statement; its own connection then reports `QUERY_WAS_CANCELLED`.
    pub fn kill(&self, connection: &mut Connection) -> Result<(), Exception> {
        connection.run(&format!("KILL QUERY WHERE {} ASYNC", self.condition())).map(drop)
    }

    /// Written so that the question itself does not have the mark.
    fn condition(&self) -> String {
        format!("position(query, concat('{PREFIX}', '{}')) > 0", self.0)
    }
}
