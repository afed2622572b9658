//! What is asked for: by `make`'s variables or by options.

use crate::sections::Section;
use std::{collections::BTreeMap, path::PathBuf};

/// The benchmark of the whole system on this machine.
#[derive(clap::Parser)]
#[command(name = "bench")]
pub struct Cli {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub role: Option<Role>,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Sections to run, separated by commas; all of them where none is named
    #[arg(long = "section", env = "SECTION", value_delimiter = ',')]
    pub sections: Vec<Section>,
    /// An earlier run's JSON, to compare with
    #[arg(long, env = "BASELINE")]
    pub baseline: Option<PathBuf>,
    /// How long one measurement under load takes
    #[arg(long, env = "BENCH_SECONDS", default_value_t = 3.0)]
    pub seconds: f64,
    /// Devices of the largest tenant that is asked about; the others have a tenth and a hundredth
    #[arg(long, env = "BENCH_DEVICES", default_value_t = 1_000_000)]
    pub devices: u64,
    /// Events of the largest tenant
    #[arg(long, env = "BENCH_EVENTS", default_value_t = 50_000_000)]
    pub events: u64,
    /// How often each question is asked, after one ask that doesn't count
    #[arg(long, env = "BENCH_ASKS", default_value_t = 10)]
    pub asks: usize,
    /// Dollars an hour for the brokers, for `cost`
    #[arg(long, env = "BENCH_KAFKA_PER_HOUR", default_value_t = 0.0)]
    pub kafka_per_hour: f64,
    /// Dollars an hour for ClickHouse, for `cost`
    #[arg(long, env = "BENCH_CLICKHOUSE_PER_HOUR", default_value_t = 0.0)]
    pub clickhouse_per_hour: f64,
}

impl Options {
    pub fn settings(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("BENCH_SECONDS", self.seconds.to_string()),
            ("BENCH_DEVICES", self.devices.to_string()),
            ("BENCH_EVENTS", self.events.to_string()),
            ("BENCH_ASKS", self.asks.to_string()),
        ])
    }
}

/// What else this program does; most of it when it starts itself, so that CPU time has an owner.
#[derive(clap::Subcommand)]
pub enum Role {
    /// Flamegraphs of ingest, consumer and engine, under target/profile/
    Profile,
    /// The ingest function behind the local gateway
    #[command(hide = true)]
    ServeIngest,
    /// ClickHouse as far as a consumer sees it: takes inserts and keeps nothing
    #[command(hide = true)]
    ServeSink {
        /// The engine that answers everything but inserts
        #[arg(long)]
        upstream: String,
    },
}
