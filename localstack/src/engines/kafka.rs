//! Apache Kafka: one node in KRaft mode, broker and controller in one JVM.

use super::{console, ports::Port};
use crate::supervisor::Child;
use anyhow::{Context, bail, ensure};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use tokio::net::TcpStream;

/// 16 bytes in base64; any will do, as long as it stays the same.
const CLUSTER_ID: &str = "b3RhLWFuYWx5dGljcy0xMQ";
const NO_JAVA: &str = "java can't be started: run `make setup`";

pub(super) async fn start(local: &Path, directory: &Path, port: u16) -> anyhow::Result<Child> {
    let jars = local.join("kafka/libs");
    ensure!(jars.is_dir(), "no Kafka under {}: run `make setup`", jars.display());
    for folder in ["data", "log", "tmp"] {
        let path = directory.join(folder);
        fs::create_dir_all(&path).with_context(|| format!("{} can't be made", path.display()))?;
    }
    let controller = Port::Free.claim("KAFKA_PORT")?;
    let jvm = Jvm { jars, directory: directory.to_owned() };
    let properties = jvm.write("server.properties", &server_properties(directory, port, controller))?;
    jvm.write("log4j2.properties", &log_properties(directory))?;
    if !directory.join("data/meta.properties").exists() {
        jvm.format(&properties).await?;
    }
    let started = Child::start("Kafka", move || {
        let mut command = jvm.command("kafka.Kafka");
        command.arg(&properties).stdin(Stdio::null());
        command.stdout(console(&jvm.directory)?).stderr(console(&jvm.directory)?);
        Ok(command)
    });
    started.context(NO_JAVA)
}

struct Jvm {
    jars: PathBuf,
    directory: PathBuf,
}

impl Jvm {
    fn command(&self, class: &str) -> Command {
        let java = env::var_os("JAVA_HOME").map_or_else(|| "java".into(), |home| PathBuf::from(home).join("bin/java"));
        let mut command = Command::new(java);
        command
            .args(["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"])
            .arg(format!("-Djava.io.tmpdir={}", self.directory.join("tmp").display()))
            .arg(format!("-Dlog4j2.configurationFile={}", self.directory.join("log4j2.properties").display()))
            .arg("-cp")
            .arg(self.jars.join("*"))
            .arg(class);
        command
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.directory.join(name);
        fs::write(&path, text).with_context(|| format!("{} can't be written", path.display()))?;
        Ok(path)
    }

    /// Once: gives the empty data directory its identity.
    async fn format(&self, properties: &Path) -> anyhow::Result<()> {
        let mut command = self.command("kafka.tools.StorageTool");
        command.args(["format", "--ignore-formatted", "--cluster-id", CLUSTER_ID, "--config"]).arg(properties);
        let mut command = tokio::process::Command::from(command);
        let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.context(NO_JAVA)?;
        if !output.status.success() {
            bail!("Kafka's storage can't be formatted: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }
}

fn server_properties(directory: &Path, port: u16, controller: u16) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
message.max.bytes={largest}
replica.fetch.max.bytes={largest}
num.network.threads=2
num.io.threads=4
log.retention.hours=168
",
        data = directory.join("data").display(),
        largest = shared::kafka::MAX_RECORD_BYTES,
    )
}

fn log_properties(directory: &Path) -> String {
    let log = directory.join("log/server.log");
    let log = log.display();
    format!(
        "status=error
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName={log}
appender.file.filePattern={log}.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=[%d] %p %m (%c)%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size=10MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=2
rootLogger.level=info
rootLogger.appenderRef.file.ref=file
"
    )
}

/// Whether the broker serves metadata with itself in it.
pub(super) async fn answers(port: u16) -> bool {
    // Before anything listens librdkafka would wait between its attempts.
    if TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        return false;
    }
    let asked = tokio::task::spawn_blocking(move || {
        let client: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", format!("127.0.0.1:{port}"))
            .set("log_level", "0")
            .create()
            .ok()?;
        client.fetch_metadata(None, Duration::from_secs(2)).ok().map(|metadata| !metadata.brokers().is_empty())
    });
    matches!(asked.await, Ok(Some(true)))
}
