//! The event source mapping's target: a batch of Kafka records becomes one insert into ClickHouse.
//!
//! Each record ends in one of three ways: stored, set aside in the dead-letter topic, or reported as failed so that it
//! comes again.

mod dead_letter;
#[cfg(test)]
mod fake;
mod handler;
pub mod kafka_event;
mod row;
mod store;
mod unpack;

pub use dead_letter::{DeadLetters, KafkaDeadLetters, Reason};
pub use handler::{BatchItemFailure, BatchResponse, Consumer, Error, ItemIdentifier};
pub use kafka_event::KafkaEvent;
pub use row::Row;
pub use store::{ClickHouse, InsertError, Store};
