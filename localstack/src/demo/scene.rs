//! The system that a demo runs on: started for it alone, stopped and deleted with it.

mod place;

use crate::{
    home,
    stack::{Options, Stack},
};
use anyhow::Context as _;
use clickhouse::sql::Identifier;
use place::Place;
use shared::{clickhouse::Config, config::Env, kafka};
use std::time::Duration;

/// How long a server that is others' may take to delete what the demo made there.
const CLEANED_IN: Duration = Duration::from_secs(15);

/// A place, first empty, then with a system in it.
pub(super) struct Scene {
    place: Place,
    stack: Option<Stack>,
}

impl Scene {
    /// A place in the clone, or where there is no clone, among the temporary files.
    pub(super) fn empty() -> anyhow::Result<Self> {
        let process = Env::process();
        let home = home::local().unwrap_or_else(|_| std::env::temp_dir().join("ota")).join("demo");
        let place = Place::make(&home, |variable| process.text(variable))
            .with_context(|| format!("{} can't be used", home.display()))?;
        Ok(Self { place, stack: None })
    }

    /// Starts the system. `told` hears of each part, with the time that it took.
    pub(super) async fn set(&mut self, told: impl Fn(&str, Duration)) -> anyhow::Result<()> {
        let directory = self.place.directory.clone();
        let options = Options::from_env(self.place.env(), Some(directory))?;
        self.stack = Some(Stack::start(options, told).await?);
        Ok(())
    }

    /// Where the API is, once it was started.
    pub(super) fn base_url(&self) -> Option<String> {
        Some(self.stack.as_ref()?.system().base_url())
    }

    /// Stops the system and deletes what it made, also on servers that are others'.
    pub(super) async fn strike(&mut self) -> anyhow::Result<()> {
        if let Some(stack) = self.stack.take() {
            stack.stop().await;
        }
        let cleaned = self.clean_others().await;
        self.remove().await?;
        cleaned
    }

    /// Deletes topics and database on servers that are others'. A start that was interrupted may have made them too.
    async fn clean_others(&self) -> anyhow::Result<()> {
        let env = self.place.env();
        if env.text("KAFKA_BROKERS").or(env.text("MSK_CLUSTER_ARN")).is_some() {
            let kafka = kafka::Config::from_env(&env)?;
            let topics = [kafka.topic.as_str(), kafka.dlq_topic.as_str()];
            kafka::delete_topics(&kafka, &topics, CLEANED_IN).await?;
        }
        if env.text("CLICKHOUSE_URL").is_some() {
            let clickhouse = Config::from_env(&env)?;
            let dropped = tokio::time::timeout(CLEANED_IN, drop_database(&clickhouse)).await;
            dropped.map_err(anyhow::Error::from).flatten().context("the demo's database can't be dropped")?;
        }
        Ok(())
    }

    /// Removes the directory, whatever still runs in it.
    pub(super) async fn remove(&self) -> anyhow::Result<()> {
        let directory = &self.place.directory;
        self.place.remove().await.with_context(|| format!("{} can't be removed", directory.display()))
    }

    /// How many distinct events ClickHouse holds: the database is the demo's own.
    pub(super) async fn stored_events(&self) -> anyhow::Result<u64> {
        let stack = self.stack.as_ref().context("nothing was started")?;
        let query = "SELECT uniqExact(tenant_id, org_id, app_id, event_id) FROM ota_events_raw";
        Ok(stack.system().clickhouse().client().query(query).fetch_one().await?)
    }
}

async fn drop_database(config: &Config) -> anyhow::Result<()> {
    let server = config.server();
    let database = Identifier(&config.database);
    let query = match &config.cluster {
        None => server.query("DROP DATABASE IF EXISTS ? SYNC").bind(database),
        Some(cluster) => {
            server.query("DROP DATABASE IF EXISTS ? ON CLUSTER ? SYNC").bind(database).bind(Identifier(cluster))
        }
    };
    Ok(query.execute().await?)
}
