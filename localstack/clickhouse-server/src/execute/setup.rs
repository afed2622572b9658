use std::sync::Arc;

use crate::engine::{Connection, Setting, quote_identifier, quote_string};
use crate::exception::{Exception, Kind};
use crate::request::ExternalTable;
use crate::session::{Lease, SessionState};
use crate::state::State;

/// What a statement needs around it. It gets a fresh connection (0.1 ms), so that nothing of one request reaches another;
/// or its session's, whose settings are put back afterwards.
pub struct Setup {
    pub state: Arc<State>,
    pub database: Option<String>,
    pub settings: Vec<Setting>,
    pub tables: Vec<ExternalTable>,
    pub session: Option<Lease>,
    /// GET and HEAD change nothing
    pub safe_method: bool,
    /// The statement is a `USE`: a session remembers it
    pub changes_database: bool,
}

/// A connection that is ready for its statement.
pub struct Ready<'c> {
    pub connection: &'c mut Connection,
    /// The statement may not change anything, and the connection itself does not see to it.
    pub only_reads: bool,
}

impl Ready<'_> {
    /// What the engine says of a change under `readonly`.
    pub fn refuse_change(&self) -> Result<(), Exception> {
        if self.only_reads {
            return Err(Exception::new(Kind::ReadOnly, "default: Cannot execute query in readonly mode"));
        }
        Ok(())
    }
}

impl Setup {
    /// For a statement that no request brings.
    pub fn alone(state: Arc<State>, database: Option<String>, settings: Vec<Setting>) -> Self {
        let (tables, session) = (Vec::new(), None);
        Self { state, database, settings, tables, session, safe_method: false, changes_database: false }
    }

    /// Runs `statement`. Blocks.
    pub fn run<T>(mut self, statement: impl FnOnce(Ready<'_>) -> Result<T, Exception>) -> Result<T, Exception> {
        match self.session.take() {
            Some(lease) => self.run_in_session(lease, statement),
            None => self.run_alone(statement),
        }
    }

    fn run_alone<T>(mut self, statement: impl FnOnce(Ready<'_>) -> Result<T, Exception>) -> Result<T, Exception> {
        // 2: settings may be changed, data not.
        if self.safe_method && !self.settings.iter().any(|(name, value)| name == "readonly" && value != "0") {
            self.settings.retain(|(name, _)| name != "readonly");
            self.settings.push(("readonly".to_owned(), "2".to_owned()));
        }
        let mut connection = self.state.engine.connect(&self.settings)?;
        connection.use_database(self.database.as_deref().unwrap_or(&self.state.default_database))?;
        self.fill_tables(&mut connection)?;
        statement(Ready { connection: &mut connection, only_reads: false })
    }

    fn run_in_session<T>(
        mut self,
        mut lease: Lease,
        statement: impl FnOnce(Ready<'_>) -> Result<T, Exception>,
    ) -> Result<T, Exception> {
        let mut session = match lease.take() {
            Some(session) => session,
            None => {
                let connection = self.state.engine.connect(&[])?;
                SessionState { connection, database: self.state.default_database.clone() }
            }
        };
        let result = self.run_with_state(&mut session, statement);
        lease.give_back(session);
        result
    }

    fn run_with_state<T>(
        &mut self,
        session: &mut SessionState,
        statement: impl FnOnce(Ready<'_>) -> Result<T, Exception>,
    ) -> Result<T, Exception> {
        // `readonly` can't be taken back once set, so it is kept from the connection and seen to here.
        let readonly = self.settings.extract_if(.., |(name, _)| name == "readonly").any(|(_, value)| value != "0");
        let database = self.database.as_deref().unwrap_or(&session.database);
        let connection = &mut session.connection;
        connection.use_database(database)?;
        let before = apply(connection, &self.settings)?;
        let result = self
            .fill_tables(connection)
            .and_then(|()| statement(Ready { connection, only_reads: readonly || self.safe_method }));
        let dropped = self.drop_tables(connection);
        let restored = restore(connection, &before);
        if self.changes_database && result.is_ok() {
            session.database = connection.run("SELECT currentDatabase()")?.trim_end().to_owned();
        }
        dropped.and(restored).and(result)
    }

    fn fill_tables(&self, connection: &mut Connection) -> Result<(), Exception> {
        for table in &self.tables {
            let name = quote_identifier(&table.name);
            connection.run(&format!("CREATE TEMPORARY TABLE {name} ({})", table.structure))?;
            let mut insert = connection.insert(&format!("INSERT INTO {name}"), &table.format, &[])?;
            insert.append(&table.data);
            insert.finish()?;
        }
        Ok(())
    }

    fn drop_tables(&self, connection: &mut Connection) -> Result<(), Exception> {
        self.tables.iter().try_for_each(|table| {
            connection.run(&format!("DROP TEMPORARY TABLE IF EXISTS {}", quote_identifier(&table.name))).map(drop)
        })
    }
}

/// Sets what a request brings. Gives the statements that put the session's own values back.
fn apply(connection: &mut Connection, settings: &[Setting]) -> Result<Vec<String>, Exception> {
    let mut undo = Vec::with_capacity(settings.len());
    for (name, value) in settings {
        let bindings = [("name".to_owned(), name.clone())];
        let question = "SELECT if(changed, value, '\\0') FROM system.settings WHERE name = {name:String}";
        let current = connection.query(question, "TabSeparatedRaw", &bindings)?.body;
        let current = String::from_utf8_lossy(&current);
        let name = quote_identifier(name);
        undo.push(match current.strip_suffix('\n').unwrap_or(&current) {
            "\0" => format!("SET {name} = DEFAULT"),
            current => format!("SET {name} = {}", quote_string(current)),
        });
        if let Err(error) = connection.run(&format!("SET {name} = {}", quote_string(value))) {
            undo.pop();
            restore(connection, &undo)?;
            return Err(error);
        }
    }
    Ok(undo)
}

fn restore(connection: &mut Connection, undo: &[String]) -> Result<(), Exception> {
    // The engine holds a failed statement in its process list until the next one: so there always is one.
    connection.run("SELECT 1")?;
    undo.iter().try_for_each(|statement| connection.run(statement).map(drop))
}
