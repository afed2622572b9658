//! The parts of a run, one a file. Each starts what it needs, adds its figures and leaves nothing behind.

mod cold_start;
pub mod consume;
mod cost;
mod end_to_end;
mod gateway_event;
mod ingest;
mod queries;
mod storage;

use crate::{
    cli::Options,
    figure::Baseline,
    machine::Machine,
    place::Place,
    report::{Report, progress},
};
use anyhow::bail;
use std::{io::Write, time::Duration};

/// A part of the run, in the order of running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Section {
    /// HTTP to Kafka, acknowledged
    Ingest,
    /// MSK events to rows on the wire, and into the engine
    Consume,
    /// HTTP batch to counted by a query
    EndToEnd,
    /// What each answer takes
    Queries,
    /// JSON sent by bytes on disk
    Storage,
    /// Exec to first answer, resident memory, zips
    ColdStart,
    /// Dollars for a million events
    Cost,
}

const ALL: [Section; 7] = [
    Section::Ingest,
    Section::Consume,
    Section::EndToEnd,
    Section::Queries,
    Section::Storage,
    Section::ColdStart,
    Section::Cost,
];

/// What every section is given.
pub struct Bench {
    pub options: Options,
    pub place: Place,
    pub report: Report,
}

impl Bench {
    /// One measurement under load.
    pub fn length(&self) -> Duration {
        Duration::from_secs_f64(self.options.seconds)
    }

    /// What runs before it and doesn't count.
    pub fn warm_up(&self) -> Duration {
        self.length() / 4
    }
}

impl Section {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Consume => "consume",
            Self::EndToEnd => "end-to-end",
            Self::Queries => "queries",
            Self::Storage => "storage",
            Self::ColdStart => "cold-start",
            Self::Cost => "cost",
        }
    }

    async fn run(self, bench: &mut Bench) -> anyhow::Result<()> {
        match self {
            Self::Ingest => ingest::run(bench).await,
            Self::Consume => consume::run(bench).await,
            Self::EndToEnd => end_to_end::run(bench).await,
            Self::Queries => queries::run(bench).await,
            Self::Storage => storage::run(bench).await,
            Self::ColdStart => cold_start::run(bench).await,
            Self::Cost => cost::run(bench).await,
        }
    }
}

/// The sections asked for. `false`: one of them could not be run to its end; the others were.
pub async fn run(options: Options) -> anyhow::Result<bool> {
    if !(options.seconds > 0.0 && options.seconds <= 600.0) || options.asks == 0 || options.devices < 1000 {
        bail!("BENCH_SECONDS must be from 0 to 600, BENCH_ASKS at least 1, BENCH_DEVICES at least 1000");
    }
    let place = Place::find()?;
    let baseline = options.baseline.as_deref().map(Baseline::read).transpose()?;
    let report = Report::new(Machine::look(Some(&place.local())), options.settings());
    let mut bench = Bench { options, place, report };
    let mut all_ran = true;
    for section in ALL {
        if !bench.options.sections.is_empty() && !bench.options.sections.contains(&section) {
            continue;
        }
        progress(format_args!("\n{}", section.name()));
        if let Err(error) = section.run(&mut bench).await {
            all_ran = false;
            bench.report.note(section.name(), format!("FAILED, not all was measured: {error:#}"));
        }
    }
    let file = bench.report.save(&bench.place.results())?;
    let mut screen = std::io::stdout();
    writeln!(screen, "{}{}", bench.report.table(baseline.as_ref()), file.display())?;
    Ok(all_ran)
}
