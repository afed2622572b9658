//! Sessions: a connection that is kept between requests, with its settings and temporary tables.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::Connection;
use crate::exception::{Exception, Kind};

/// How a request asks for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRequest {
    pub id: String,
    /// From the end of the last request
    pub timeout: Duration,
    /// The session must exist
    pub check: bool,
    /// The session ends with this request
    pub close: bool,
}

/// A session's connection and what is known of its state.
pub struct SessionState {
    pub connection: Connection,
    /// The database that `USE` chose last.
    pub database: String,
}

enum Slot {
    Busy,
    Idle { state: SessionState, expires: Instant },
}

#[derive(Default)]
pub struct Sessions(Mutex<HashMap<String, Slot>>);

impl Sessions {
    /// Locks the session for one request.
    pub fn lease(self: &Arc<Self>, request: SessionRequest) -> Result<Lease, Exception> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = match slots.remove(&request.id) {
            Some(Slot::Busy) => {
                slots.insert(request.id.clone(), Slot::Busy);
                let text = format!("Session {} is locked by a concurrent client", request.id);
                return Err(Exception::new(Kind::SessionIsLocked, text));
            }
            Some(Slot::Idle { state, expires }) => Some(state).filter(|_| expires > Instant::now()),
            None => None,
        };
        if state.is_none() && request.check {
            return Err(Exception::new(Kind::SessionNotFound, format!("Session {} not found", request.id)));
        }
        slots.insert(request.id.clone(), Slot::Busy);
        Ok(Lease { sessions: Arc::clone(self), request, state })
    }

    /// Closes what has expired. Blocks while connections close.
    pub fn expire(&self) {
        let now = Instant::now();
        let expired: Vec<Slot> = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            slots
                .extract_if(|_, slot| matches!(slot, Slot::Idle { expires, .. } if *expires <= now))
                .map(|(_, slot)| slot)
                .collect()
        };
        drop(expired);
    }

    /// Closes every session that is not in use.
    pub fn close(&self) {
        let slots = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        drop(slots);
    }
}

/// A locked session. Dropped without [`Lease::give_back`], the session is gone.
pub struct Lease {
    sessions: Arc<Sessions>,
    request: SessionRequest,
    state: Option<SessionState>,
}

impl Lease {
    /// The session's state; `None` for a new one, which then is for the caller to make.
    pub fn take(&mut self) -> Option<SessionState> {
        self.state.take()
    }

    pub fn give_back(mut self, state: SessionState) {
        if !self.request.close {
            self.state = Some(state);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut slots = self.sessions.0.lock().unwrap_or_else(PoisonError::into_inner);
        match self.state.take() {
            Some(state) => {
                let expires = Instant::now() + self.request.timeout;
                slots.insert(self.request.id.clone(), Slot::Idle { state, expires });
            }
            None => {
                slots.remove(&self.request.id);
            }
        }
    }
}
