//! The server as a process, spoken to over HTTP: one file per concern. It is started once for all of them, and each test has
//! tables of its own.

#[cfg(test)]
mod auth;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod compression;
#[cfg(test)]
mod disconnect;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod insert;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod query;
#[cfg(test)]
mod session;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod support;
#[cfg(test)]
mod typed;
