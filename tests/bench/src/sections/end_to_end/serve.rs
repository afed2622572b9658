//! `ota serve` as a child, on ports and with a state of its own.

use crate::{
    place::{Place, Scratch},
    process::{Cast, Process},
    sql::Sql,
};
use anyhow::{Context, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use shared::{
    config::Env,
    kafka::{self, LagReader},
};
use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

const READY: Duration = Duration::from_secs(120);
const GRACE: Duration = Duration::from_secs(60);
const DRAINED: Duration = Duration::from_secs(120);
/// What would lead the child elsewhere than to its own engines.
const NOT_INHERITED: [&str; 9] = [
    "KAFKA_BROKERS",
    "MSK_CLUSTER_ARN",
    "CLICKHOUSE_URL",
    "CLICKHOUSE_DATABASE",
    "KAFKA_TOPIC",
    "KAFKA_DLQ_TOPIC",
    "KAFKA_CONSUMER_GROUP",
    "SERVER_HOST",
    "API_KEYS",
];

/// The running system.
pub struct Served {
    child: Child,
    pub address: SocketAddr,
    pub sql: Sql,
    pub cast: Cast,
    lag: LagReader,
    topic: String,
    _scratch: Scratch,
}

impl Served {
    pub async fn start(place: &Place) -> anyhow::Result<Self> {
        let scratch = place.scratch("system")?;
        let [api, kafka, clickhouse] = free_ports()?;
        let log = scratch.path().join("ota.log");
        let mut command = Command::new(place.program("ota")?);
        command.args(["serve", "--state-dir"]).arg(scratch.path().join("state"));
        for variable in NOT_INHERITED {
            command.env_remove(variable);
        }
        for (variable, port) in [("SERVER_PORT", api), ("KAFKA_PORT", kafka), ("CLICKHOUSE_PORT", clickhouse)] {
            command.env(variable, port.to_string());
        }
        let output = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).kill_on_drop(true);
        let mut child = command.spawn().context("`ota serve` can't be started")?;
        let address = SocketAddr::from(([127, 0, 0, 1], api));
        if let Err(error) = healthy(&mut child, address).await {
            bail!("{error}: {}", std::fs::read_to_string(&log).unwrap_or_default());
        }
        let ota = Process::new(child.id().context("`ota serve` ended")?);
        let cast = Cast::of([
            ("ota", ota),
            ("kafka", ota.descendant("kafka.Kafka")?),
            ("ch", ota.descendant("clickhouse-server")?),
            ("gen", Process::this()),
        ]);
        let env = Env::from_pairs([("KAFKA_BROKERS", format!("127.0.0.1:{kafka}"))]);
        let config = kafka::Config::from_env(&env)?;
        let lag = LagReader::connect(&config).await?;
        let sql = Sql::new(format!("http://127.0.0.1:{clickhouse}"), "analytics")?;
        Ok(Self { child, address, sql, cast, lag, topic: config.topic, _scratch: scratch })
    }

    /// Records that the consumer has yet to store.
    pub async fn lag(&self) -> anyhow::Result<u64> {
        Ok(self.lag.lag(&self.topic, Duration::from_secs(10)).await?.total())
    }

    /// Waits until everything is stored; how long that took.
    pub async fn drain(&self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        while self.lag().await? > 0 {
            if began.elapsed() > DRAINED {
                bail!("the consumer is still behind after {} s", DRAINED.as_secs());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(began.elapsed())
    }

    /// Ends it in order.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(pid) = self.child.id().and_then(|pid| i32::try_from(pid).ok()) {
            kill(Pid::from_raw(pid), Signal::SIGTERM)?;
        }
        if timeout(GRACE, self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}

async fn healthy(child: &mut Child, address: SocketAddr) -> anyhow::Result<()> {
    let began = Instant::now();
    let health = format!("http://{address}/health");
    loop {
        if let Some(status) = child.try_wait()? {
            bail!("`ota serve` ended ({status})");
        }
        if reqwest::get(&health).await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        if began.elapsed() > READY {
            bail!("`ota serve` is not healthy after {} s", READY.as_secs());
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// All held until all are found, so that they differ.
fn free_ports() -> anyhow::Result<[u16; 3]> {
    let bound = || TcpListener::bind(("127.0.0.1", 0));
    let listeners = [bound()?, bound()?, bound()?];
    let [api, kafka, clickhouse] = listeners.each_ref().map(TcpListener::local_addr);
    Ok([api?.port(), kafka?.port(), clickhouse?.port()])
}
