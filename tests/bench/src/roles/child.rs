//! Starting this program, or another, as a child that ends with us.

use crate::process::Process;
use anyhow::{Context, bail};
use std::{fs::File, net::SocketAddr, path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child as Running, ChildStdin, Command},
    time::timeout,
};

const READY: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(30);

/// A child with an address. Dropped, it is killed.
pub struct Child {
    running: Running,
    stdin: Option<ChildStdin>,
    pub process: Process,
    pub address: SocketAddr,
}

impl Child {
    /// This program in another role; the child says its address when it serves.
    pub async fn start(arguments: &[&str], env: &[(&str, String)], log: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments).envs(env.iter().map(|(name, value)| (*name, value.as_str())));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(File::create(log)?).kill_on_drop(true);
        let mut running = command.spawn().context("this program can't start itself")?;
        let (stdin, stdout) = (running.stdin.take(), running.stdout.take().context("no output")?);
        let mut lines = BufReader::new(stdout).lines();
        let Ok(Ok(Some(line))) = timeout(READY, lines.next_line()).await else {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            bail!("`bench {}` does not come up: {said}", arguments.join(" "));
        };
        let address = line.trim().parse().with_context(|| format!("not an address: {line:?}"))?;
        let process = Process::new(running.id().context("it ended at once")?);
        Ok(Self { running, stdin, process, address })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets it end in order.
    pub async fn stop(mut self) {
        drop(self.stdin.take());
        if timeout(GRACE, self.running.wait()).await.is_err() {
            let _ = self.running.kill().await;
        }
    }
}
