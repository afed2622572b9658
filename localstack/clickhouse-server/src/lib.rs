//! ClickHouse's HTTP interface in front of the engine itself, which is loaded as a C library (`libchdb`).
//!
//! The engine serves one data directory per process and can't be unloaded, so [`serve`] belongs in a process of its own.

mod auth;
mod compression;
mod engine;
mod error;
mod exception;
mod execute;
mod handler;
mod info;
mod options;
mod request;
mod response;
mod running;
mod server;
mod session;
mod sql;
mod state;

pub use error::Error;
pub use options::Options;
pub use server::{Server, serve};
