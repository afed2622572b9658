//! The whole system on one machine: engines, the event source mapping, the gateway, and the `ota` command over them.

pub mod commands;
pub mod demo;
pub mod engines;
pub mod gateway;
mod home;
mod signals;
pub mod stack;
mod supervisor;
pub mod trigger;
