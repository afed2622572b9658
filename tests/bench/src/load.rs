//! The load generator: requests made beforehand, kept connections, one thread.
//!
//! Latency under an open loop counts from when a request was due, so that waiting for a connection counts too. A due time
//! is met to the millisecond, the resolution of the runtime's timer.

mod connection;
mod drive;
mod events;
mod template;

pub use connection::Connection;
pub use drive::{Load, Outcome, Pace};
pub use events::Events;
pub use template::{Fresh, Template};
