//! The ClickHouse engine: the `clickhouse-server` program beside this one.

use super::console;
use crate::supervisor::Child;
use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use shared::clickhouse::Config;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

pub(super) fn start(local: &Path, directory: &Path, port: u16, config: &Config) -> anyhow::Result<Child> {
    let library = library(local)?;
    let server = server()?;
    fs::create_dir_all(directory).with_context(|| format!("{} can't be made", directory.display()))?;
    let (directory, config) = (directory.to_owned(), config.clone());
    Child::start("ClickHouse", move || {
        let mut command = Command::new(&server);
        command
            .arg("--library")
            .arg(&library)
            .arg("--data-dir")
            .arg(directory.join("data"))
            .args(["--listen", &format!("127.0.0.1:{port}"), "--database", &config.database, "--stop-with-stdin"])
            // Ours may be another server's.
            .env_remove("CLICKHOUSE_PASSWORD")
            // The engine takes the machine's zone otherwise.
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(console(&directory)?)
            .stderr(console(&directory)?);
        if let Some(username) = &config.username {
            command.args(["--user", username]);
        }
        if let Some(password) = &config.password {
            // Other users can read arguments.
            command.env("CLICKHOUSE_PASSWORD", password.expose_secret());
        }
        Ok(command)
    })
}

pub(super) async fn answers(port: u16, config: &Config) -> bool {
    let client = Config { url: format!("http://127.0.0.1:{port}"), ..config.clone() }.server();
    let asked = client.query("SELECT 1").fetch_one::<u8>();
    matches!(tokio::time::timeout(Duration::from_secs(2), asked).await, Ok(Ok(_)))
}

/// The engine's library, of the npm package for this platform.
fn library(local: &Path) -> anyhow::Result<PathBuf> {
    if let Some(path) = env::var_os("CHDB_LIBRARY") {
        return Ok(path.into());
    }
    let packages = local.join("npm/node_modules/@chdb");
    let found = fs::read_dir(&packages).into_iter().flatten().flatten().map(|entry| entry.path().join("libchdb.so"));
    found
        .into_iter()
        .find(|library| library.is_file())
        .with_context(|| format!("no ClickHouse engine under {}: run `make setup`", packages.display()))
}

fn server() -> anyhow::Result<PathBuf> {
    if let Some(path) = env::var_os("OTA_CLICKHOUSE_SERVER") {
        return Ok(path.into());
    }
    let program = env::current_exe().context("this program's own path")?;
    // A test's program lies one folder deeper.
    let beside = program.ancestors().skip(1).take(2).map(|folder| folder.join("clickhouse-server"));
    match beside.into_iter().find(|server| server.is_file()) {
        Some(server) => Ok(server),
        None => bail!("no `clickhouse-server` beside {}: run `cargo build -p clickhouse-server`", program.display()),
    }
}
