//! Kafka: configuration from the environment, one client per execution environment, a producer that sends all and awaits all.
//!
//! librdkafka's blocking calls run on tokio's blocking threads, its callbacks on threads of its own.

mod aws;
mod config;
mod connect;
mod context;
mod group;
mod lag;
mod producer;
mod record;
mod security;
mod topics;

pub use config::{Brokers, Compression, Config, ProducerTuning};
pub use connect::ConnectError;
pub use group::{GroupConsumer, Ownership};
pub use lag::{Lag, LagError, LagReader, PartitionLag, RECENT};
pub use producer::Producer;
pub use record::{OutgoingRecord, SendError};
pub use security::{PasswordMechanism, Sasl, Security, Tls};
pub use topics::{NewTopic, TopicError, delete_topics, ensure_topics};

/// The largest record that producers send and that our topics take, in bytes.
pub const MAX_RECORD_BYTES: u32 = 2 * 1024 * 1024;
