//! What all five endpoints are asked: whose updates, which window, how it is divided.

mod column;
mod instant;
mod interval;
mod window;
mod zone;

pub use column::{Column, NO_COLUMN};
pub use interval::{Interval, Starts};
pub use window::{QUARTER_HOUR_MS, Window};
pub use zone::Zone;

use crate::{error::Error, params::Noted, params::Params};
use clickhouse::query::Query;
use jiff::Timestamp;

/// The parameters that every endpoint takes.
pub const COMMON: [&str; 11] =
    ["tenant_id", "org_id", "app_id", "device_os", "days", "from", "to", "interval", "timezone", "limit", "compare"];

/// Longest id in bytes, and longest other text.
const MAX_ID: usize = 128;
const MAX_TEXT: usize = 256;
/// Most intervals that an answer may have.
const MAX_INTERVALS: usize = 2_000;
const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1_000;

/// Which events or updates are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    pub tenant_id: String,
    pub org_id: Option<String>,
    pub app_id: Option<String>,
    pub target_version: Option<String>,
    pub device_os: Option<String>,
}

/// A question, checked.
#[derive(Debug, Clone)]
pub struct Question {
    pub selection: Selection,
    pub window: Window,
    pub interval: Interval,
    pub zone: Zone,
    /// Rows in a grouped list.
    pub limit: usize,
    /// Whether the window before is asked for too.
    pub compare: bool,
}

impl Question {
    /// # Errors
    /// The faults are noted in `params`.
    pub fn take(params: &mut Params, now: Timestamp) -> Result<Self, Noted> {
        let selection = Selection::take(params);
        let window = window::take(params, now);
        let interval = params.parse("interval", "hour, day, week or month", Interval::parse);
        let zone = params.parse("timezone", "an IANA time zone's name, such as Europe/Berlin", Zone::parse);
        let limit = params.parse("limit", &format!("a whole number from 1 to {MAX_LIMIT}"), |text| {
            number(text).filter(|limit| (1..=MAX_LIMIT).contains(limit))
        });
        let compare = params.parse("compare", "previous", |text| (text == "previous").then_some(()));
        let (window, asked_ms) = window?;
        Ok(Self {
            selection: selection?,
            window,
            interval: interval?.unwrap_or_else(|| Interval::default_for(asked_ms)),
            zone: zone?.unwrap_or_default(),
            limit: limit?.unwrap_or(DEFAULT_LIMIT),
            compare: compare?.is_some(),
        })
    }

    /// The starts of all intervals that the window touches.
    ///
    /// # Errors
    /// More than an answer may have: a fault of `interval`, noted.
    pub fn starts(&self, params: &mut Params) -> Result<Starts, Noted> {
        let starts = Starts::of(self.interval, self.window, &self.zone, MAX_INTERVALS + 1);
        match starts {
            Ok(starts) if starts.len() <= MAX_INTERVALS => Ok(starts),
            _ => {
                let message = format!(
                    "the window has over {MAX_INTERVALS} intervals of one {}; ask for longer ones or for a shorter window",
                    self.interval.name()
                );
                Err(params.fault("interval", "too_many_intervals", message))
            }
        }
    }
}

impl Selection {
    fn take(params: &mut Params) -> Result<Self, Noted> {
        let tenant_id = id(params, "tenant_id");
        let org_id = id(params, "org_id");
        let app_id = id(params, "app_id");
        let target_version = text(params, "target_version");
        let device_os = text(params, "device_os");
        let tenant_id = match tenant_id {
            Ok(Some(tenant_id)) => Ok(tenant_id),
            Ok(None) if params.is_faulty("tenant_id") => Err(Noted),
            Ok(None) => Err(params.fault("tenant_id", "required", "is required")),
            Err(noted) => Err(noted),
        };
        Ok(Self {
            tenant_id: tenant_id?,
            org_id: org_id?,
            app_id: app_id?,
            target_version: target_version?,
            device_os: device_os?,
        })
    }

    /// Binds the selection and the window to a query. What isn't asked for is bound as empty, which no value ever is.
    pub fn bind(&self, query: Query, window: Window) -> Query {
        query
            .param("tenant_id", &self.tenant_id)
            .param("org_id", self.org_id.as_deref().unwrap_or_default())
            .param("app_id", self.app_id.as_deref().unwrap_or_default())
            .param("target_version", self.target_version.as_deref().unwrap_or_default())
            .param("device_os", self.device_os.as_deref().unwrap_or_default())
            .param("from", window.start_ms())
            .param("to", window.end_ms())
    }
}

/// Digits alone.
fn number(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn id(params: &mut Params, name: &str) -> Result<Option<String>, Noted> {
    params.parse(name, &format!("at most {MAX_ID} bytes without control characters"), |text| {
        (text.len() <= MAX_ID && !text.chars().any(char::is_control)).then(|| text.to_owned())
    })
}

fn text(params: &mut Params, name: &str) -> Result<Option<String>, Noted> {
    params.parse(name, &format!("at most {MAX_TEXT} bytes"), |text| (text.len() <= MAX_TEXT).then(|| text.to_owned()))
}

/// The zone's or the window's arithmetic left what can be represented, which checked parameters can't bring about.
impl From<jiff::Error> for Error {
    fn from(error: jiff::Error) -> Self {
        Self::Time(error)
    }
}

#[cfg(test)]
mod tests;
