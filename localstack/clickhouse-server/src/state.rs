use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::auth::Account;
use crate::engine::Engine;
use crate::execute::Gathering;
use crate::info::ServerInfo;
use crate::running::Running;
use crate::session::Sessions;

/// What all requests share.
pub struct State {
    pub engine: Arc<Engine>,
    pub info: ServerInfo,
    pub account: Option<Account>,
    pub default_database: String,
    pub sessions: Arc<Sessions>,
    pub running: Arc<Running>,
    pub gathering: Gathering,
    /// One for each statement that may run at a time; the others wait in order.
    pub permits: Arc<Semaphore>,
}
