//! The running system of one demo: on ports and names of its own, deleted when it is over.

mod place;

use crate::{
    home,
    stack::{Options, Stack},
};
use place::Place;
use shared::{clickhouse, config::Env, kafka::delete_topics};
use std::time::Duration;

const DELETED_IN: Duration = Duration::from_secs(30);

pub(super) struct Scene {
    place: Place,
    stack: Stack,
}

impl Scene {
    pub(super) async fn set() -> anyhow::Result<Self> {
        let home = home::local()?.join("demo");
        let process = Env::process();
        let place = Place::make(&home, |variable| process.text(variable))?;
        // Free ports unless one is given: a running `make dev` keeps its own.
        let free = ["SERVER_PORT", "KAFKA_PORT", "CLICKHOUSE_PORT"].map(|port| (port, "0".to_owned()));
        let env = Env::from_pairs(free).with(place.variables.clone());
        match Stack::start(Options::from_env(env, Some(place.directory.clone()))?, |_, _| {}).await {
            Ok(stack) => Ok(Self { place, stack }),
            Err(error) => {
                place.remove()?;
                Err(error)
            }
        }
    }

    pub(super) fn base_url(&self) -> String {
        self.stack.system().base_url()
    }

    /// Stops everything and deletes what the demo made, also on servers that aren't its own.
    pub(super) async fn strike(self) -> anyhow::Result<()> {
        let (kafka, clickhouse) = (self.stack.system().kafka().clone(), self.stack.system().clickhouse().clone());
        let (own_kafka, own_clickhouse) =
            (self.stack.engines().brokers().is_some(), self.stack.engines().clickhouse_url().is_some());
        self.stack.stop().await;
        if !own_kafka {
            delete_topics(&kafka, &[&kafka.topic, &kafka.dlq_topic], DELETED_IN).await?;
        }
        if !own_clickhouse {
            drop_database(&clickhouse).await?;
        }
        self.place.remove()?;
        Ok(())
    }
}

async fn drop_database(config: &clickhouse::Config) -> Result<(), ::clickhouse::error::Error> {
    let on_cluster = config.cluster.as_ref().map(|cluster| format!("ON CLUSTER `{cluster}`")).unwrap_or_default();
    let statement = format!("DROP DATABASE IF EXISTS `{}` {on_cluster}", config.database);
    config.server().query_raw(&statement).execute().await
}
