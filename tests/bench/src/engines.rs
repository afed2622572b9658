//! The engines of the local system, as this program's children.

use crate::{
    place::{Place, Scratch},
    process::Process,
};
use anyhow::Context;
use localstack::engines::{Engines as Running, Port, Setup};
use shared::{
    clickhouse,
    config::{Env, Retention},
    kafka::{self, NewTopic, ensure_topics},
    schema,
};
use std::{path::PathBuf, time::Duration};

/// As many as the local system has.
const PARTITIONS: i32 = 4;
const PATIENCE: Duration = Duration::from_secs(30);

/// Kafka, ClickHouse, or both.
pub struct Engines {
    running: Running,
    _scratch: Option<Scratch>,
}

impl Engines {
    /// Both, with nothing in them; what they store goes with them.
    pub async fn fresh(place: &Place, section: &str) -> anyhow::Result<Self> {
        let scratch = place.scratch(section)?;
        let running = start(scratch.path().to_owned(), true).await?;
        Ok(Self { running, _scratch: Some(scratch) })
    }

    /// ClickHouse alone, over data that is kept.
    pub async fn over(folder: PathBuf) -> anyhow::Result<Self> {
        Ok(Self { running: start(folder, false).await?, _scratch: None })
    }

    pub fn kafka(&self) -> anyhow::Result<Process> {
        Process::this().descendant("kafka.Kafka")
    }

    pub fn clickhouse(&self) -> anyhow::Result<Process> {
        Process::this().descendant("clickhouse-server")
    }

    pub fn clickhouse_url(&self) -> anyhow::Result<String> {
        self.running.clickhouse_url().context("no ClickHouse was started")
    }

    /// The variables that lead to these engines: a topic and a database of that name.
    pub fn variables(&self, name: &str) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("KAFKA_TOPIC", name.to_owned()),
            ("KAFKA_DLQ_TOPIC", format!("{name}-dlq")),
            ("KAFKA_CONSUMER_GROUP", name.to_owned()),
            ("CLICKHOUSE_DATABASE", name.to_owned()),
        ];
        variables.extend(self.running.brokers().map(|brokers| ("KAFKA_BROKERS", brokers)));
        variables.extend(self.running.clickhouse_url().map(|url| ("CLICKHOUSE_URL", url)));
        variables
    }

    pub fn kafka_config(&self, name: &str) -> anyhow::Result<kafka::Config> {
        Ok(kafka::Config::from_env(&Env::from_pairs(self.variables(name)))?)
    }

    pub fn clickhouse_config(&self, name: &str) -> anyhow::Result<clickhouse::Config> {
        Ok(clickhouse::Config::from_env(&Env::from_pairs(self.variables(name)))?)
    }

    /// Topics of that name, for events and for dead letters.
    pub async fn make_topics(&self, name: &str) -> anyhow::Result<kafka::Config> {
        let config = self.kafka_config(name)?;
        let topic = |name, forever| NewTopic { name, partitions: PARTITIONS, replication: -1, forever };
        let topics = [topic(config.topic.as_str(), false), topic(config.dlq_topic.as_str(), true)];
        ensure_topics(&config, &topics, PATIENCE).await?;
        Ok(config)
    }

    /// A database of that name with the schema.
    pub async fn make_database(&self, name: &str) -> anyhow::Result<clickhouse::Config> {
        let config = self.clickhouse_config(name)?;
        schema::apply(&config, &Retention::from_env(&Env::from_pairs::<&str, &str>([]))?).await?;
        Ok(config)
    }

    pub async fn stop(self) {
        self.running.stop().await;
    }
}

async fn start(state_dir: PathBuf, with_kafka: bool) -> anyhow::Result<Running> {
    let setup = Setup {
        state_dir,
        kafka: with_kafka.then_some(Port::Free),
        clickhouse: Some(Port::Free),
        server: clickhouse::Config::from_env(&Env::from_pairs([("CLICKHOUSE_DATABASE", "default")]))?,
    };
    Running::start(&setup, |_, _| {}).await
}
