use std::io::PipeWriter;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use tokio::net::unix::pipe;

use super::cancel::{CancelOnDrop, Progress};
use super::setup::{Ready, Setup};
use super::{Job, cancel};
use crate::engine::{Class, Outcome};
use crate::exception::{Exception, Kind};
use crate::running::Ticket;
use crate::sql::{self, Output};
use crate::state::State;

/// A statement without data of its own, as the engine gets it.
pub struct Query {
    text: String,
    /// As the client wrote it: errors speak of positions in it
    original: String,
    output: Output,
    leading_word: String,
    format: String,
    bindings: Vec<(String, String)>,
}

impl Query {
    pub fn new(
        original: String,
        ticket: &Ticket,
        default_format: Option<String>,
        bindings: Vec<(String, String)>,
    ) -> Self {
        let text = ticket.mark().apply(&original);
        let output = Output::find(text.as_bytes());
        let format = output.format.clone().or(default_format).unwrap_or_else(|| "TabSeparated".to_owned());
        let leading_word = sql::leading_word(text.as_bytes()).unwrap_or_default();
        Self { text, original, output, leading_word, format, bindings }
    }

    /// The format of its output, if it has any.
    pub fn format(&self) -> &str {
        &self.format
    }

    pub fn changes_database(&self) -> bool {
        self.leading_word == "USE"
    }

    /// Whether its output may be large: only that goes through the pipe. (`EXPLAIN`'s `INTO OUTFILE` is its query's.)
    fn streams(&self) -> bool {
        matches!(self.leading_word.as_str(), "SELECT" | "WITH" | "FROM" | "(")
    }

    fn run(
        mut self,
        ready: Ready<'_>,
        state: &State,
        writer: &PipeWriter,
        progress: &Progress,
    ) -> Result<Outcome, Exception> {
        let (class, statements) = ready.connection.classify(&self.original);
        if statements > 1 && !self.original.to_ascii_uppercase().contains("PARALLEL") {
            return Err(Exception::new(Kind::SyntaxError, "Syntax error (Multi-statements are not allowed)"));
        }
        if self.output.names_file {
            let text = "INTO OUTFILE and FROM INFILE are not allowed over HTTP";
            return Err(Exception::new(Kind::IntoOutfileNotAllowed, text));
        }
        if self.leading_word == "INSERT" && sql::calls_function(self.original.as_bytes(), "input") {
            return Err(Exception::new(Kind::NotImplemented, "The embedded engine has no table function input()"));
        }
        let session_statement = matches!(self.leading_word.as_str(), "USE" | "SET");
        match class {
            Class::ReadOnly => progress.allow_kill(),
            Class::Control if session_statement => {}
            Class::Mutating | Class::Control => ready.refuse_change()?,
            Class::Unknown if statements == 0 => {
                // It does not parse. The engine says where.
                ready.connection.query(&self.original, &self.format, &self.bindings)?;
                return Err(Exception::new(Kind::SyntaxError, "Syntax error: Empty query"));
            }
            Class::Unknown => ready.refuse_change()?,
        }
        if class == Class::ReadOnly && self.streams() {
            // Only this way the engine writes one document as it goes, in any format: its own stream of results repeats the
            // format's header for each block.
            let clause = format!(" INTO OUTFILE '/dev/fd/{}' TRUNCATE ", writer.as_raw_fd());
            self.text.insert_str(self.output.insert_at, &clause);
        }
        if self.leading_word == "KILL" {
            self.text = state.running.translate_kill(&self.text, ready.connection);
        }
        let mut outcome = ready.connection.query(&self.text, &self.format, &self.bindings)?;
        outcome.gives_rows |= class == Class::ReadOnly;
        Ok(outcome)
    }
}

/// Starts a query. Its output comes through the pipe, or with the outcome if it is short by nature.
pub async fn query(setup: Setup, query: Query, ticket: Ticket) -> Result<(pipe::Receiver, Job), Exception> {
    let (reader, writer) = std::io::pipe().map_err(no_pipe)?;
    let reader = pipe::Receiver::from_owned_fd(OwnedFd::from(reader)).map_err(no_pipe)?;
    let state = Arc::clone(&setup.state);
    let progress = Arc::new(cancel::Progress::default());
    let cancel = CancelOnDrop::new(Arc::clone(&state.engine), Arc::clone(&progress), ticket.mark().clone());
    let permit = Arc::clone(&state.permits).acquire_owned().await;
    let task = tokio::task::spawn_blocking(move || {
        let result = setup.run(|ready| query.run(ready, &state, &writer, &progress));
        progress.finish();
        drop((ticket, writer, permit));
        result
    });
    Ok((reader, Job { task, cancel }))
}

fn no_pipe(error: std::io::Error) -> Exception {
    Exception::new(Kind::UnknownException, format!("No pipe for the output: {error}"))
}
