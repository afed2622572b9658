//! Logs and trace ids. JSON on Lambda and in containers, readable on a terminal; `trace_id` in each line.

mod layer;
mod trace_id;

pub use layer::trace_layer;
pub use trace_id::{TraceId, current_trace_id, with_trace_id};

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Sets up logging for this process, once. Level from `RUST_LOG`, default `info`.
pub fn init() {
    init_from("info");
}

/// Sets up logging for this process, once. Level from `RUST_LOG`, else `level`.
pub fn init_from(level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_writer(std::io::stderr);
    // A second call, as tests make, keeps the first subscriber.
    let _ = if std::io::stderr().is_terminal() {
        builder.compact().try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
}
