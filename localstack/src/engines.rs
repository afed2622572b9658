//! Apache Kafka and the ClickHouse engine as children of this process.

mod clickhouse;
mod kafka;
mod ports;

use crate::{home, supervisor::Child};
use anyhow::{Context, bail};
use futures::future::join_all;
use nix::fcntl::{Flock, FlockArg};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

pub use ports::Port;

/// How long an engine may take until it answers.
const READY: Duration = Duration::from_secs(120);

/// Which engines to start, where.
#[derive(Debug, Clone)]
pub struct Setup {
    /// What they keep; one process at a time.
    pub state_dir: PathBuf,
    /// `None`: Kafka is elsewhere.
    pub kafka: Option<Port>,
    /// `None`: ClickHouse is elsewhere.
    pub clickhouse: Option<Port>,
    /// Of the embedded ClickHouse: the database where none is named, and the user and password to ask for. Its address is `clickhouse`'s.
    pub server: shared::clickhouse::Config,
}

/// Running engines. Dropped without [`Engines::stop`], they are killed.
pub struct Engines {
    kafka: Option<(Child, u16)>,
    clickhouse: Option<(Child, u16)>,
    _lock: Flock<File>,
}

impl Engines {
    /// Starts them side by side and waits until they answer. `told` hears of each, with the time that it took.
    ///
    /// # Errors
    /// A port is taken, something isn't set up, the state is another process's, or an engine doesn't come up.
    pub async fn start(setup: &Setup, told: impl Fn(&str, Duration)) -> anyhow::Result<Self> {
        let lock = lock(&setup.state_dir)?;
        let local = home::local();
        let began = Instant::now();
        let kafka = async {
            let Some(port) = setup.kafka else { return anyhow::Ok(None) };
            let port = port.claim("KAFKA_PORT")?;
            let local = local.as_deref().map_err(|error| anyhow::anyhow!("{error}"))?;
            let directory = setup.state_dir.join("kafka");
            let child = kafka::start(local, &directory, port).await?;
            until("Kafka", &child, &directory, async || kafka::answers(port).await).await?;
            told("Kafka", began.elapsed());
            Ok(Some((child, port)))
        };
        let clickhouse = async {
            let Some(port) = setup.clickhouse else { return anyhow::Ok(None) };
            let port = port.claim("CLICKHOUSE_PORT")?;
            let local = local.as_deref().map_err(|error| anyhow::anyhow!("{error}"))?;
            let directory = setup.state_dir.join("clickhouse");
            let child = clickhouse::start(local, &directory, port, &setup.server)?;
            until("ClickHouse", &child, &directory, async || clickhouse::answers(port, &setup.server).await).await?;
            told("ClickHouse", began.elapsed());
            Ok(Some((child, port)))
        };
        // The first that can't is told at once; the other is killed.
        let (kafka, clickhouse) = tokio::try_join!(kafka, clickhouse)?;
        Ok(Self { kafka, clickhouse, _lock: lock })
    }

    /// `host:port` of the embedded Kafka.
    #[must_use]
    pub fn brokers(&self) -> Option<String> {
        self.kafka.as_ref().map(|(_, port)| format!("127.0.0.1:{port}"))
    }

    /// Address of the embedded ClickHouse.
    #[must_use]
    pub fn clickhouse_url(&self) -> Option<String> {
        self.clickhouse.as_ref().map(|(_, port)| format!("http://127.0.0.1:{port}"))
    }

    /// Ends both, side by side; nothing of them stays.
    pub async fn stop(self) {
        let children = [self.kafka, self.clickhouse].into_iter().flatten();
        join_all(children.map(|(child, _)| child.stop())).await;
    }
}

fn lock(state_dir: &Path) -> anyhow::Result<Flock<File>> {
    fs::create_dir_all(state_dir).with_context(|| format!("{} can't be made", state_dir.display()))?;
    let path = state_dir.join("lock");
    let file = File::create(&path).with_context(|| format!("{} can't be written", path.display()))?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(lock),
        Err(_) => {
            bail!("another `ota` is running on {}: stop it, or give this one its own --state-dir", state_dir.display())
        }
    }
}

/// Waits for an engine that may still be starting; one that keeps dying isn't waited for.
async fn until(
    name: &str,
    child: &Child,
    directory: &Path,
    mut answers: impl AsyncFnMut() -> bool,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + READY;
    while !answers().await {
        if child.deaths() > 2 || Instant::now() > deadline {
            bail!(
                "{name} does not come up; {} and what lies beside it say why",
                directory.join("console.log").display()
            );
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// A log file to append to, for what a child writes to its terminal.
fn console(directory: &Path) -> std::io::Result<File> {
    File::options().create(true).append(true).open(directory.join("console.log"))
}
