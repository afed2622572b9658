//! Time zones by their IANA names, from the database in the binary: the same on every machine.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A time zone and its name.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// The zone that IANA calls so (upper and lower case aside).
    pub fn parse(name: &str) -> Option<Self> {
        let rules = TimeZoneDatabase::bundled().get(name).ok().filter(|rules| !rules.is_unknown())?;
        Some(Self { name: rules.iana_name()?.to_owned(), rules })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }

    pub fn is_utc(&self) -> bool {
        self.name == "UTC"
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }
}
