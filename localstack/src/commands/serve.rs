//! `ota serve`

use super::say;
use crate::signals::Signals;
use crate::stack::{Options as StackOptions, Stack};
use anyhow::bail;
use shared::{config::Env, schema, telemetry};
use std::{path::PathBuf, time::Duration};

/// Once a day the schema's retention is applied, as the migrate function does on its schedule.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(clap::Args)]
pub(super) struct Options {
    /// Where the embedded engines keep their data; default .local/state in the clone
    #[arg(long)]
    state_dir: Option<PathBuf>,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    telemetry::init();
    let mut signals = Signals::new()?;
    let env = Env::process();
    let retention = shared::config::Retention::from_env(&env)?;
    let starting = Stack::start(StackOptions::from_env(env, options.state_dir)?, |part, took| {
        say(format_args!("  {part:<20} {:>6.1} s", took.as_secs_f64()));
    });
    say(format_args!("starting:"));
    let stack = tokio::select! {
        stack = starting => stack?,
        () = signals.any() => return Ok(()),
    };
    let healthy = tokio::select! {
        healthy = wait_for_health(&stack) => healthy,
        () = signals.any() => return stop(stack, signals).await,
    };
    if let Err(error) = healthy {
        stop(stack, signals).await?;
        return Err(error);
    }
    let system = stack.system();
    say(format_args!("\n  API         {}", system.base_url()));
    if let Some(brokers) = stack.engines().brokers() {
        say(format_args!("  Kafka       {brokers}"));
    }
    say(format_args!("  ClickHouse  {}", system.clickhouse().url));
    say(format_args!("\nready; no keys are checked, so everyone who reaches the API may use it. Ctrl-C stops.\n"));

    let clickhouse = system.clickhouse().clone();
    let daily = tokio::spawn(async move {
        loop {
            tokio::time::sleep(DAY).await;
            if let Err(error) = schema::apply(&clickhouse, &retention).await {
                tracing::warn!("the daily retention was not applied: {error}");
            }
        }
    });
    signals.any().await;
    daily.abort();
    stop(stack, signals).await
}

async fn stop(stack: Stack, mut signals: Signals) -> anyhow::Result<()> {
    say(format_args!("stopping (again: at once)"));
    tokio::select! {
        () = stack.stop() => Ok(()),
        () = signals.any() => bail!("stopped at once"),
    }
}

/// Everything answers when health says so.
async fn wait_for_health(stack: &Stack) -> anyhow::Result<()> {
    let address = format!("{}/health", stack.system().base_url());
    for _ in 0..60 {
        if reqwest::get(&address).await?.status().is_success() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    bail!("the system started but is not healthy; GET /health says what is wrong")
}
