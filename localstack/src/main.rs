//! The `ota` command.

use clap::Parser;
use localstack::commands::Ota;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    Ota::parse().run().await
}
