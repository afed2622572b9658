use std::collections::{HashMap, HashSet};

use crate::engine::Connection;
use crate::exception::Exception;

/// What the engine says of itself once, at the start.
pub struct ServerInfo {
    pub version: String,
    pub timezone: String,
    pub display_name: String,
    /// Format to content type, of all formats that can be written.
    content_types: HashMap<String, String>,
    settings: HashSet<String>,
}

impl ServerInfo {
    pub fn ask(connection: &mut Connection) -> Result<Self, Exception> {
        let basics = connection.run("SELECT version(), timezone(), displayName()")?;
        let mut basics = basics.trim_end().split('\t').map(str::to_owned);
        let mut next = || basics.next().unwrap_or_default();
        let (version, timezone, display_name) = (next(), next(), next());
        let formats = connection.run("SELECT name, content_type FROM system.formats WHERE is_output")?;
        let content_types = formats.lines().filter_map(|line| line.split_once('\t'));
        let settings = connection.run("SELECT name FROM system.settings")?;
        Ok(Self {
            version,
            timezone,
            display_name,
            content_types: content_types
                .map(|(name, content_type)| (name.to_owned(), content_type.to_owned()))
                .collect(),
            settings: settings.lines().map(str::to_owned).collect(),
        })
    }

    pub fn content_type(&self, format: &str) -> &str {
        self.content_types.get(format).map_or("text/plain; charset=UTF-8", String::as_str)
    }

    pub fn has_setting(&self, name: &str) -> bool {
        self.settings.contains(name)
    }
}
