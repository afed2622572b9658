//! End-to-end tests' own tools: the running system, clients for it, streams of events, and a model of what must be answered.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's tool fails the test")]

pub mod model;
pub mod stream;
