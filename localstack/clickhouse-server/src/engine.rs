//! The engine in this process: started once on one data directory.

mod connection;
mod ffi;

use std::ffi::CString;
use std::path::Path;
use std::sync::Mutex;

pub use self::connection::{Class, Connection, Outcome, Stats, quote_identifier, quote_string};
use self::ffi::Api;
use crate::error::Error;
use crate::exception::{Exception, Kind};

/// Name and value, as in `SET name = value`.
pub type Setting = (String, String);

/// Where the embedded engine differs from a server, it is told the server's default.
const SERVER_DEFAULTS: [(&str, &str); 3] =
    [("implicit_select", "0"), ("allow_introspection_functions", "0"), ("storage_file_read_method", "pread")];

/// Given so that the engine looks for no other configuration: not in the working directory, nor in the home.
const CONFIGURATION: &str = "<clickhouse>
    <max_server_memory_usage_to_ram_ratio>0.5</max_server_memory_usage_to_ram_ratio>
</clickhouse>
";

pub struct Engine {
    api: &'static Api,
    arguments: Vec<CString>,
    /// The engine stops with its last connection: this one keeps it.
    keeper: Mutex<Option<Connection>>,
}

impl Engine {
    /// Loads the library and opens the data directory, which must exist.
    pub fn start(library: &Path, data_dir: &Path) -> Result<Self, Error> {
        let api = Api::load(library).map_err(|source| Error::Library { path: library.to_owned(), source })?;
        let configuration = data_dir.join("engine.xml");
        std::fs::write(&configuration, CONFIGURATION)
            .map_err(|source| Error::DataDir { path: configuration.clone(), source })?;
        let failed = || Error::EngineStart { path: data_dir.to_owned() };
        let arguments = [
            "clickhouse".to_owned(),
            format!("--path={}", data_dir.display()),
            format!("--config-file={}", configuration.display()),
        ];
        let arguments: Vec<CString> =
            arguments.into_iter().map(CString::new).collect::<Result<_, _>>().map_err(|_| failed())?;
        let keeper = api.connect(&arguments).map(Connection::new).ok_or_else(failed)?;
        Ok(Self { api, arguments, keeper: Mutex::new(Some(keeper)) })
    }

    /// A connection of its own state: settings, current database, temporary tables. Opening one takes 0.1 ms.
    pub fn connect(&self, settings: &[Setting]) -> Result<Connection, Exception> {
        let mut arguments = self.arguments.clone();
        for (name, value) in SERVER_DEFAULTS {
            if !settings.iter().any(|(given, _)| given == name) {
                arguments.push(argument(name, value)?);
            }
        }
        for (name, value) in settings {
            arguments.push(argument(name, value)?);
        }
        match self.api.connect(&arguments) {
            Some(raw) => Ok(Connection::new(raw)),
            None => Err(self.refused(settings)),
        }
    }

    /// The engine refuses a bad setting without a word; `SET` says what is wrong.
    fn refused(&self, settings: &[Setting]) -> Exception {
        let refused = Exception::new(Kind::BadArguments, "The engine refused the settings");
        let Some(mut connection) = self.api.connect(&self.arguments).map(Connection::new) else { return refused };
        settings
            .iter()
            .find_map(|(name, value)| {
                connection.run(&format!("SET {} = {}", quote_identifier(name), quote_string(value))).err()
            })
            .unwrap_or(refused)
    }

    /// Tells every running statement to end.
    pub fn kill_all(&self) -> Result<(), Exception> {
        self.connect(&[])?.run("KILL QUERY WHERE 1 ASYNC").map(drop)
    }

    /// Closes the last connection, with which the engine writes out and closes its tables. No other may be open.
    pub fn stop(&self) {
        let keeper = self.keeper.lock().map(|mut keeper| keeper.take());
        drop(keeper);
        // Threads that it can't join are idle, and end with the process.
        self.api.shutdown();
    }
}

fn argument(name: &str, value: &str) -> Result<CString, Exception> {
    CString::new(format!("--{name}={value}"))
        .map_err(|_| Exception::new(Kind::BadArguments, format!("Setting {name} has a zero byte")))
}
