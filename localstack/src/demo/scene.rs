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

const TOPICS_GONE_IN: Duration = Duration::from_secs(30);

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
        let options = Options::from_env(Env::from_pairs(self.place.variables.clone()), Some(directory))?;
        self.stack = Some(Stack::start(options, told).await?);
        Ok(())
    }

    /// Where the API is, once it was started.
    pub(super) fn base_url(&self) -> Option<String> {
        Some(self.stack.as_ref()?.system().base_url())
    }

    /// Stops the system and deletes what it made, also on servers that are others'.
    pub(super) async fn strike(&mut self) -> anyhow::Result<()> {
        let Some(stack) = self.stack.take() else { return self.remove().await };
        let (kafka, clickhouse) = (stack.system().kafka().clone(), stack.system().clickhouse().clone());
        let elsewhere = (stack.engines().brokers().is_none(), stack.engines().clickhouse_url().is_none());
        stack.stop().await;
        if elsewhere.0 {
            let topics = [kafka.topic.as_str(), kafka.dlq_topic.as_str()];
            kafka::delete_topics(&kafka, &topics, TOPICS_GONE_IN).await?;
        }
        if elsewhere.1 {
            drop_database(&clickhouse).await.context("the demo's database can't be dropped")?;
        }
        self.remove().await
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

async fn drop_database(config: &Config) -> Result<(), clickhouse::error::Error> {
    let server = config.server();
    let database = Identifier(&config.database);
    match &config.cluster {
        None => server.query("DROP DATABASE IF EXISTS ? SYNC").bind(database).execute().await,
        Some(cluster) => {
            let query = server.query("DROP DATABASE IF EXISTS ? ON CLUSTER ? SYNC");
            query.bind(database).bind(Identifier(cluster)).execute().await
        }
    }
}
