//! The whole system on one machine.

pub mod gateway;
pub mod trigger;
