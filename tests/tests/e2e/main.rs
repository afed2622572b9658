//! End to end, on the real engines: HTTP → Kafka → consumer → ClickHouse → answers. Each test has a database and topics of its own.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what a test can't do fails the test"
)]

mod dead_letters;
mod events;
mod framings;
mod numbers;
mod numbers_page;
mod restart;
mod schema;
mod shapes;
mod sql_by_hand;
mod sums;
