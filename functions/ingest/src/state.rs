//! What the endpoints need, made once.

use crate::{DeviceIdKey, Publisher};
use jiff::Timestamp;
use shared::config::{ConfigError, Env, Retention};
use shared::event::truncate_to_ms;
use std::sync::Arc;

/// Cheap to clone; one a process.
#[derive(Clone)]
pub struct State {
    pub(crate) publisher: Arc<dyn Publisher>,
    pub(crate) max_age_days: u32,
    pub(crate) device_id_key: Option<DeviceIdKey>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl State {
    /// Sends to `publisher`, by the machine's clock.
    ///
    /// # Errors
    /// Names the variable that can't be used.
    pub fn from_env(env: &Env, publisher: impl Publisher + 'static) -> Result<Self, ConfigError> {
        Ok(Self {
            publisher: Arc::new(publisher),
            max_age_days: Retention::from_env(env)?.event_max_age_days,
            device_id_key: DeviceIdKey::from_env(env)?,
            clock: Arc::new(Timestamp::now),
        })
    }

    /// Receives as if it were the time that `clock` says.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// To the millisecond.
    pub(crate) fn now(&self) -> Timestamp {
        truncate_to_ms((self.clock)())
    }
}
