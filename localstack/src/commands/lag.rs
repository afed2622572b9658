//! `ota lag`

use super::say;
use crate::stack::with_addresses;
use shared::{
    config::Env,
    kafka::{Config, LagReader},
};
use std::time::Duration;

pub(super) async fn run() -> anyhow::Result<()> {
    let config = Config::from_env(&with_addresses(Env::process())?)?;
    let lag = LagReader::connect(&config).await?.lag(&config.topic, Duration::from_secs(10)).await?;
    say(format_args!("group {}, topic {}", config.consumer_group, config.topic));
    for partition in &lag.partitions {
        let committed = partition.committed.map_or_else(|| "-".to_owned(), |offset| offset.to_string());
        let (number, end) = (partition.partition, partition.end);
        say(format_args!("  partition {number}: committed {committed}, end {end}, lag {}", partition.records()));
    }
    say(format_args!("lag {}", lag.total()));
    Ok(())
}
