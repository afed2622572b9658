//! `cost`: dollars for a million events, from measured invocations of the real zips.

mod formula;

use super::{Bench, consume::Payload, gateway_event};
use crate::{
    emulator::{Emulated, Zip},
    engines::Engines,
    figure::{Figure, median},
    load::Events,
};
use anyhow::Context;
use formula::{FORMULA, Invocation, PRICES, by_the_hour};
use std::time::Instant;

const NAME: &str = "cost";
const UNIT: &str = "$ per million";
const BATCHES: [usize; 3] = [1, 20, 100];
/// What Lambda hands to the consumer at most.
const LAMBDA: usize = 6 * 1024 * 1024;
/// For what is paid by the hour.
const EVENTS_PER_SECOND: f64 = 1000.0;

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let found = (Zip::find(&bench.place, "ingest"), Zip::find(&bench.place, "consumer"));
    let (Ok(ingest), Ok(consumer)) = found else {
        let missing = found.0.err().or(found.1.err()).unwrap_or_default();
        bench.report.note(NAME, format!("not measured: {missing}"));
        return Ok(());
    };
    bench.report.note(NAME, PRICES);
    bench.report.note(NAME, FORMULA);
    let memory = Memory::of(&std::fs::read_to_string(bench.place.root().join("template.yaml"))?)?;
    let engines = Engines::fresh(&bench.place, NAME).await?;
    engines.make_topics(NAME).await?;
    engines.make_database(NAME).await?;
    let events = Events::of_fleet(20_000);

    let lambda = consumer.start(&bench.place, &engines.variables(NAME)).await?;
    let payloads = Payload::within(&events.values()?, NAME, LAMBDA)?;
    let number = payloads.first().context("no payload was made")?.events;
    let payloads: Vec<Vec<u8>> = payloads.into_iter().map(|payload| payload.bytes).collect();
    let consumed = measure(bench, &lambda, &payloads, number, memory.consumer).await?;
    drop(lambda);
    add(bench, &format!("consumer, {number} events a payload"), consumed.lambda(), consumed);

    let lambda = ingest.start(&bench.place, &engines.variables(NAME)).await?;
    for batch in BATCHES {
        let posts = gateway_event::posts(&bench.place, &events, batch)?;
        let posted = measure(bench, &lambda, &posts, batch, memory.ingest).await?;
        add(bench, &format!("HTTP API, batch {batch}"), posted.gateway(), posted);
        add(bench, &format!("ingest, batch {batch}"), posted.lambda(), posted);
        let sum = posted.gateway() + posted.lambda() + consumed.lambda();
        bench.report.add(Figure::new(NAME, format!("HTTP API + ingest + consumer, batch {batch}"), UNIT, sum));
    }
    let hourly = [
        ("Kafka", "BENCH_KAFKA_PER_HOUR", bench.options.kafka_per_hour),
        ("ClickHouse", "BENCH_CLICKHOUSE_PER_HOUR", bench.options.clickhouse_per_hour),
    ];
    for (what, variable, dollars) in hourly {
        if dollars > 0.0 {
            let name = format!("{what} at $ {dollars} an hour and {EVENTS_PER_SECOND} events/s");
            bench.report.add(Figure::new(NAME, name, UNIT, by_the_hour(dollars, EVENTS_PER_SECOND)));
        } else {
            bench.report.note(NAME, format!("{what} is not in the sums: set {variable} to its dollars an hour"));
        }
    }
    engines.stop().await;
    Ok(())
}

fn add(bench: &mut Bench, name: &str, dollars: f64, invocation: Invocation) {
    let figure = Figure::new(NAME, name, UNIT, dollars).with("wall_ms", invocation.wall_ms);
    let figure = figure.with("cpu_ms", invocation.cpu_ms).with("billed_ms", invocation.billed_ms());
    bench.report.add(figure.with("memory_mb", invocation.memory_mb));
}

/// The usual invocation, after a few that don't count.
async fn measure(
    bench: &Bench,
    lambda: &Emulated,
    events: &[Vec<u8>],
    number: usize,
    memory_mb: f64,
) -> anyhow::Result<Invocation> {
    for event in events.iter().cycle().take(5) {
        lambda.invoke(event).await?;
    }
    let function = lambda.function()?;
    let (before, began) = (function.cpu_seconds(), Instant::now());
    let mut took = Vec::new();
    for event in events.iter().cycle().take_while(|_| began.elapsed() < bench.length()) {
        took.push(lambda.invoke(event).await?.as_secs_f64() * 1000.0);
    }
    let cpu_ms = (function.cpu_seconds() - before) * 1000.0 / took.len() as f64;
    let request_bytes = events.first().map_or(0, Vec::len) as f64;
    Ok(Invocation { wall_ms: median(took), cpu_ms, memory_mb, events: number as f64, request_bytes })
}

/// What `template.yaml` gives the functions.
struct Memory {
    ingest: f64,
    consumer: f64,
}

impl Memory {
    fn of(template: &str) -> anyhow::Result<Self> {
        let of = |from: &str, to: &str| -> Option<f64> {
            let (_, behind) = template.split_once(from)?;
            let within = behind.split_once(to).map_or(behind, |(within, _)| within);
            within.lines().find_map(|line| line.trim().strip_prefix("MemorySize:")?.trim().parse().ok())
        };
        let all = of("\nGlobals:", "\nResources:").context("template.yaml: no MemorySize in Globals")?;
        let function = |name: &str, next: &str| of(&format!("\n  {name}:\n"), &format!("\n  {next}:\n")).unwrap_or(all);
        Ok(Self { ingest: function("Ingest", "Consumer"), consumer: function("Consumer", "Analytics") })
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn memory_is_the_templates() {
        let memory = Memory::of(include_str!("../../../../template.yaml")).unwrap();
        assert_eq!((memory.ingest, memory.consumer), (512.0, 1024.0));
    }
}
