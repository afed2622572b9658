//! `consume`: MSK events to rows on the wire, alone and into the engine.

mod payload;

pub use payload::Payload;

use super::Bench;
use crate::{
    engines::Engines,
    figure::{Figure, Target, median},
    load::Events,
    process::{Cast, Process},
    roles::Child,
    sql::Sql,
};
use anyhow::{Context, bail};
use clickhouse::Client;
use consumer::Consumer;
use shared::kafka::{Config, Producer};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

const NAME: &str = "consume";
const EVENTS: usize = 120_000;
/// What an invocation gets, as on Lambda.
const INVOCATION: Duration = Duration::from_secs(120);
/// What Lambda hands over at most.
const LAMBDA: usize = 6 * 1024 * 1024;
const BATCHES: [usize; 3] = [1_000, 5_000, 10_000];
const PARALLEL: usize = 4;

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let engines = Engines::fresh(&bench.place, NAME).await?;
    let kafka = engines.make_topics(NAME).await?;
    let database = engines.make_database(NAME).await?;
    let sql = Sql::new(&database.url, NAME)?;
    bench.report.machine.clickhouse = Some(sql.ask("SELECT version()").await?.trim().to_owned());
    let events = Events::of_fleet(EVENTS);
    let values = events.values()?;

    alone(bench, &engines, &kafka, &Payload::within(&values, NAME, LAMBDA)?).await?;

    let producer = Producer::connect(&kafka).await?;
    let client = database.client();
    let cast = Cast::of([("consumer", Process::this()), ("ch", engines.clickhouse()?)]);
    for batch in BATCHES {
        let payloads: Arc<[Payload]> = Payload::of(&values, NAME, batch)?.into();
        let over = payloads.iter().any(|payload| payload.bytes.len() > LAMBDA);
        for parallel in [1, PARALLEL] {
            let consumer = Arc::new(Consumer::new(&client, producer.clone(), &kafka, true));
            sql.ask("TRUNCATE TABLE ota_events_raw").await?;
            handle_for(&consumer, &payloads, parallel, bench.warm_up()).await?;
            let watch = cast.watch();
            let (handled, seconds) = handle_for(&consumer, &payloads, parallel, bench.length()).await?;
            let usage = watch.stop();
            let name = format!("into the engine, batch {batch}, {parallel} in parallel");
            let figure = Figure::new(NAME, name, "events/s", handled as f64 / seconds).used(&usage, handled);
            bench.report.add(if over { figure.note("over Lambda's 6 MB") } else { figure });
        }
    }
    engines.stop().await;
    Ok(())
}

/// Without an engine: the time of this process's own CPU is the figure, the wall's is beside it.
async fn alone(bench: &mut Bench, engines: &Engines, kafka: &Config, payloads: &[Payload]) -> anyhow::Result<()> {
    let scratch = bench.place.scratch("sink-log")?;
    let url = engines.clickhouse_url()?;
    let sink = Child::start(&["serve-sink", "--upstream", &url], &[], &scratch.path().join("log")).await?;
    let config = shared::clickhouse::Config { url: sink.url(), ..engines.clickhouse_config(NAME)? };
    let client: Client = config.client();
    let producer = Producer::connect(kafka).await?;
    let consumer = Arc::new(Consumer::new(&client, producer, kafka, true));
    let payloads: Arc<[Payload]> = payloads.into();
    handle_for(&consumer, &payloads, 1, bench.warm_up()).await?;

    let cast = Cast::of([("consumer", Process::this()), ("sink", sink.process)]);
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..5 {
        let watch = cast.watch();
        let (handled, seconds) = handle_for(&consumer, &payloads, 1, bench.length() / 2).await?;
        let usage = watch.stop();
        let own = usage.cpu_seconds.get("consumer").copied().unwrap_or(f64::NAN);
        cpu.push(own * 1e9 / handled as f64);
        wall.push(seconds * 1e9 / handled as f64);
        last = Some((usage, handled));
    }
    let per_event = median(cpu.iter().copied());
    let bytes: usize = payloads.iter().map(|payload| payload.bytes.len()).sum();
    let number: usize = payloads.iter().map(|payload| payload.events).sum();
    let (usage, handled) = last.context("nothing was measured")?;
    bench.report.add(
        Figure::new(NAME, "alone, events a second and core", "events/s", 1e9 / per_event)
            .used(&usage, handled)
            .target(Target::AtLeast(300e3))
            .note("one over the CPU time of an event"),
    );
    let figure = Figure::of(NAME, "alone, CPU time of an event", "ns", &mut cpu).used(&usage, handled);
    bench.report.add(figure.with("payload_bytes_per_event", bytes as f64 / number as f64));
    bench.report.add(Figure::of(NAME, "alone, time of an event, one invocation at a time", "ns", &mut wall));
    sink.stop().await;
    Ok(())
}

/// Hands payloads over in turn, so many at once, for so long: events and seconds.
pub async fn handle_for(
    consumer: &Arc<Consumer>,
    payloads: &Arc<[Payload]>,
    parallel: usize,
    length: Duration,
) -> anyhow::Result<(u64, f64)> {
    let (began, turn) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut invocations = JoinSet::new();
    for _ in 0..parallel {
        let (consumer, payloads, turn) = (Arc::clone(consumer), Arc::clone(payloads), Arc::clone(&turn));
        invocations.spawn(async move {
            let mut handled = 0;
            while began.elapsed() < length {
                let place = turn.fetch_add(1, Ordering::Relaxed) % payloads.len().max(1);
                let payload = payloads.get(place).context("no payload was made")?;
                let response = consumer.handle(&payload.bytes, INVOCATION).await?;
                if !response.batch_item_failures.is_empty() {
                    bail!("{} of {} records failed", response.batch_item_failures.len(), payload.events);
                }
                handled += payload.events as u64;
            }
            anyhow::Ok(handled)
        });
    }
    let mut handled = 0;
    while let Some(invocation) = invocations.join_next().await {
        handled += invocation.context("an invocation")??;
    }
    Ok((handled, began.elapsed().as_secs_f64()))
}
