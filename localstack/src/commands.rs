//! The subcommands of `ota`, one a file.

mod lag;
mod migrate;
mod serve;

use crate::demo;
use clap::{Parser, Subcommand};
use std::{io::Write, process::ExitCode};

/// OTA update analytics on one machine.
///
/// Configured by environment variables, as the README lists them.
#[derive(Parser)]
#[command(name = "ota", version)]
pub struct Ota {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the whole system until Ctrl-C
    Serve(serve::Options),
    /// Send a simulated fleet's traffic through the whole system, print the answers, stop
    Demo(demo::Options),
    /// Bring ClickHouse's database to the current schema and retention
    Migrate,
    /// Print how far the consumer group is behind
    Lag,
}

impl Ota {
    pub async fn run(self) -> ExitCode {
        let result = match self.command {
            Command::Serve(options) => serve::run(options).await,
            Command::Demo(options) => return demo::run(options).await,
            Command::Migrate => migrate::run().await,
            Command::Lag => lag::run().await,
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say_error(&error);
                ExitCode::FAILURE
            }
        }
    }
}

/// A reader that has gone away is no reason to stop in disorder.
fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn say_error(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "ota: {error:#}");
}
