//! The server as a program of its own.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use clickhouse_server::{Options, serve};
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};

/// ClickHouse's HTTP interface in front of the embedded engine.
#[derive(Parser)]
struct Arguments {
    /// The engine, libchdb.so
    #[arg(long, env = "CHDB_LIBRARY")]
    library: PathBuf,
    #[arg(long)]
    data_dir: PathBuf,
    #[arg(long, default_value = "127.0.0.1:8123")]
    listen: SocketAddr,
    #[arg(long, default_value = "default")]
    database: String,
    #[arg(long)]
    user: Option<String>,
    #[arg(long, env = "CLICKHOUSE_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// Stop when standard input ends, that is, with the parent process
    #[arg(long)]
    stop_with_stdin: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let mut terminate = signal(SignalKind::terminate()).context("no handler for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("no handler for SIGINT")?;
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = stdin_ends(), if arguments.stop_with_stdin => {}
        }
    };
    let options = Options {
        library: arguments.library,
        data_dir: arguments.data_dir,
        listen: arguments.listen,
        default_database: arguments.database,
        user: arguments.user,
        password: arguments.password,
    };
    serve(options, shutdown).await?;
    // A statement that would not end still has its thread, for which the runtime would wait.
    std::process::exit(0)
}

async fn stdin_ends() {
    let mut stdin = tokio::io::stdin();
    let mut byte = [0];
    while stdin.read(&mut byte).await.is_ok_and(|read| read > 0) {}
}
