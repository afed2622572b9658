//! `ota demo`: the whole system once. A simulated fleet sends its traffic, the five questions are asked, and every number
//! is held against what was sent. Then everything stops, and what was made is deleted.

mod api;
mod checks;
mod figures;
mod run;
mod scene;
mod screen;
mod tables;
#[cfg(test)]
mod testing;

use crate::signals::Signals;
use jiff::Timestamp;
use scene::Scene;
use screen::Screen;
use shared::telemetry;
use std::{process::ExitCode, time::Instant};
use traffic::{Fleet, Size};

/// What `ota demo` takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Distinct events to send, about
    #[arg(long, default_value_t = 25_000, value_parser = clap::value_parser!(u64).range(1..=2_000_000))]
    pub events: u64,
    /// Devices to simulate, in place of a number of events
    #[arg(long, conflicts_with = "events", value_parser = clap::value_parser!(u64).range(1..=200_000))]
    pub devices: Option<u64>,
    /// Another number makes other traffic
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

impl Options {
    fn fleet(&self) -> Fleet {
        let size = self.devices.map_or(Size::Events(self.events), Size::Devices);
        Fleet::new(self.seed, size, Timestamp::now())
    }
}

/// How a demo ended; an error is a third way.
enum End {
    /// Everything was sent and asked; so many numbers disagree.
    Compared(usize),
    Interrupted,
}

/// Runs the demo. 0: every number agrees; 1: one doesn't, or something failed; 130: interrupted.
pub async fn run(options: Options) -> ExitCode {
    telemetry::init_from("warn");
    let screen = Screen::stdout();
    let began = Instant::now();
    screen.title("OTA analytics: a simulated fleet → HTTP → Kafka → consumer → ClickHouse → answers");
    let outcome = play(&options, screen).await;
    let (text, code) = match &outcome {
        Ok(End::Compared(0)) => (None, ExitCode::SUCCESS),
        Ok(End::Compared(_)) => (None, ExitCode::FAILURE),
        Ok(End::Interrupted) => (Some("interrupted".to_owned()), ExitCode::from(130)),
        Err(error) => (Some(format!("{} {error:#}", screen.mark(false))), ExitCode::FAILURE),
    };
    if let Some(text) = text {
        screen.line(text);
    }
    if matches!(outcome, Ok(End::Compared(_))) {
        screen.line(format_args!("\nThe demo took {}. Where to go next:", figures::seconds(began.elapsed())));
        screen.line(NEXT);
    }
    code
}

const NEXT: &str = "  \
  make dev       keeps the same system running: API http://localhost:8081, Kafka localhost:9092,
                 ClickHouse http://localhost:8123; its data survives a restart
  ./example.sh   sends one of each event to it and prints each endpoint's answer
  README.md      the API by example";

async fn play(options: &Options, screen: Screen) -> anyhow::Result<End> {
    let mut signals = Signals::new()?;
    let mut scene = Scene::empty()?;
    let step = screen.step("starting the system");
    let started = tokio::select! {
        started = scene.set(|part, took| step.part(&format!("{part} ready"), took)) => started.map(Some),
        () = signals.any() => Ok(None),
    };
    drop(step);
    let fleet = options.fleet();
    let end = match (started, scene.base_url()) {
        (Err(error), _) => Err(error),
        (Ok(Some(())), Some(base_url)) => tokio::select! {
            compared = run::run(&base_url, &fleet, async || scene.stored_events().await, screen) => {
                compared.map(End::Compared)
            }
            () = signals.any() => Ok(End::Interrupted),
        },
        (Ok(_), _) => Ok(End::Interrupted),
    };
    let step = screen.step("stopping everything");
    let struck = tokio::select! {
        struck = scene.strike() => struck,
        () = signals.any() => scene.remove().await,
    };
    match (end, struck) {
        (Ok(end), Ok(())) => {
            step.done("everything stopped; what the demo made is deleted");
            Ok(end)
        }
        (Err(error), _) | (Ok(_), Err(error)) => Err(error),
    }
}
