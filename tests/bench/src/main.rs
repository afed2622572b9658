//! `make bench`: what the whole system and each of its parts can do on this machine, in one finite run.

mod cli;
mod dataset;
mod emulator;
mod engines;
mod figure;
mod load;
mod machine;
mod place;
mod process;
mod profile;
mod report;
mod roles;
mod sections;
mod sql;

use clap::Parser;
use cli::{Cli, Role};
use std::{io::Write, process::ExitCode};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // Dropped, a run ends its children and takes away what they stored.
    let done = tokio::select! {
        done = run(cli) => done,
        stopped = told_to_stop() => stopped,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<bool> {
    match cli.role {
        Some(Role::ServeIngest) => roles::serve_ingest().await.map(|()| true),
        Some(Role::ServeSink { upstream }) => roles::serve_sink(upstream).await.map(|()| true),
        Some(Role::Profile) => profile::run(&cli.options).await,
        None => sections::run(cli.options).await,
    }
}

async fn told_to_stop() -> anyhow::Result<bool> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminated.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    anyhow::bail!("stopped before its end; nothing was saved")
}
