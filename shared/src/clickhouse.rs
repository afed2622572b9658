//! ClickHouse: configuration from the environment and the client made from it.
