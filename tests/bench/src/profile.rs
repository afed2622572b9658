//! `make profile`: where the time goes, as flamegraphs and as lists, by sampling with perf.

mod perf;

use crate::{
    cli::Options,
    engines::Engines,
    load::{Events, Load, Pace, Template},
    place::Place,
    report::progress,
    roles::Child,
    sections::consume::{Payload, handle_for},
};
use consumer::Consumer;
use jiff::Timestamp;
use shared::kafka::Producer;
use std::{sync::Arc, time::Duration};
use traffic::Encoding;

const NAME: &str = "profile";
const LAMBDA: usize = 6 * 1024 * 1024;

/// Ingest, the consumer alone, and the engine as it takes rows, one after another.
pub async fn run(options: &Options) -> anyhow::Result<bool> {
    let place = Place::find()?;
    perf::permitted().await?;
    let folder = place.profiles();
    std::fs::create_dir_all(&folder)?;
    let length = Duration::from_secs_f64(options.seconds * 3.0);
    let engines = Engines::fresh(&place, NAME).await?;
    let kafka = engines.make_topics(NAME).await?;
    let database = engines.make_database(NAME).await?;
    let scratch = place.scratch("profile-log")?;
    let events = Events::of_fleet(40_000);

    progress(format_args!("ingest: batches of 100 over 16 connections"));
    let served = Child::start(&["serve-ingest"], &engines.variables(NAME), &scratch.path().join("ingest")).await?;
    let now = Timestamp::now();
    let templates: Result<Vec<_>, _> =
        events.deliveries(100, Encoding::Identity).map(|delivery| Template::new(&delivery, now)).collect();
    let load = Load::new(served.address, templates?, 16);
    let (driven, sampled) =
        tokio::join!(load.drive(Pace::Closed, length), perf::sample(served.process, length, &folder, "ingest"));
    driven.and(sampled)?;
    served.stop().await;

    let payloads: Arc<[Payload]> = Payload::within(&events.values()?, NAME, LAMBDA)?.into();
    let producer = Producer::connect(&kafka).await?;
    let upstream = engines.clickhouse_url()?;
    let sink = Child::start(&["serve-sink", "--upstream", &upstream], &[], &scratch.path().join("sink")).await?;
    let behind = shared::clickhouse::Config { url: sink.url(), ..database.clone() };
    for (part, config, parallel) in [("consumer", &behind, 1), ("engine", &database, 2)] {
        progress(format_args!("{part}: payloads of {} events", payloads.first().map_or(0, |payload| payload.events)));
        let consumer = Arc::new(Consumer::new(&config.client(), producer.clone(), &kafka, true));
        let process = if part == "engine" { engines.clickhouse()? } else { crate::process::Process::this() };
        let (handled, sampled) = tokio::join!(
            handle_for(&consumer, &payloads, parallel, length),
            perf::sample(process, length, &folder, part)
        );
        handled.map(|_| ()).and(sampled)?;
    }
    sink.stop().await;
    engines.stop().await;
    Ok(true)
}
