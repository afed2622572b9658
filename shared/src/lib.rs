//! What every function shares: the event, configuration, Kafka, ClickHouse, the schema, problems and telemetry.
//! Nothing here knows a function; functions don't know each other.

pub mod clickhouse;
pub mod config;
pub mod event;
pub mod json;
pub mod kafka;
pub mod problem;
pub mod schema;
pub mod telemetry;
