//! `ingest`: HTTP to Kafka acknowledged on all in-sync replicas, with nobody consuming.

mod lambda;

use super::Bench;
use crate::{
    engines::Engines,
    figure::{Figure, Target},
    load::{Events, Load, Outcome, Pace, Template},
    process::{Cast, Process, Usage},
    roles::Child,
};
use jiff::Timestamp;
use traffic::Encoding;

const NAME: &str = "ingest";
const EVENTS: usize = 40_000;
/// Of what was reached in a closed loop, for latency.
const HALF: f64 = 0.5;
/// Events of one request, connections, encoding. The rest of the cross product lies between these.
const CASES: [(usize, &[usize], Encoding); 5] = [
    (1, &[1, 16, 256], Encoding::Identity),
    (100, &[1, 16, 256], Encoding::Identity),
    (100, &[16], Encoding::Gzip),
    (1000, &[1, 16], Encoding::Identity),
    (1000, &[16], Encoding::Gzip),
];

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let engines = Engines::fresh(&bench.place, NAME).await?;
    engines.make_topics(NAME).await?;
    let scratch = bench.place.scratch("ingest-log")?;
    let served = Child::start(&["serve-ingest"], &engines.variables(NAME), &scratch.path().join("log")).await?;
    let cast = Cast::of([("ingest", served.process), ("kafka", engines.kafka()?), ("gen", Process::this())]);
    let events = Events::of_fleet(EVENTS);
    let (mut singles, mut hundreds) = (0.0f64, 0.0f64);
    for (batch, connections, encoding) in CASES {
        let now = Timestamp::now();
        let templates: Result<Vec<_>, _> =
            events.deliveries(batch, encoding).take(8000).map(|delivery| Template::new(&delivery, now)).collect();
        let load = Load::new(served.address, templates?, 1);
        let mut best = (0.0, 0);
        for connections in connections {
            let load = load.over(*connections);
            load.drive(Pace::Closed, bench.warm_up()).await?;
            let watch = cast.watch();
            let outcome = load.drive(Pace::Closed, bench.length()).await?;
            let usage = watch.stop();
            let rate = outcome.events_per_second();
            if rate > best.0 {
                best = (rate, *connections);
            }
            match (batch, encoding) {
                (1, _) => singles = singles.max(rate),
                (100, Encoding::Identity) => hundreds = hundreds.max(rate),
                _ => {}
            }
            add(bench, &named(batch, *connections, encoding), &outcome, &usage);
        }
        if batch < 1000 && encoding == Encoding::Identity {
            let pace = Pace::Open(best.0 * HALF / batch as f64);
            let mut outcome = load.over(best.1.max(64)).drive(pace, bench.length()).await?;
            let name = format!("{}, open loop at half the best: latency", what(batch));
            bench
                .report
                .add(Figure::of(NAME, name, "ms", &mut outcome.latencies).with("events_per_second", best.0 * HALF));
        }
    }
    let target = |name, rate, bound| Figure::new(NAME, name, "events/s", rate).target(Target::AtLeast(bound));
    bench.report.add(target("batch 100, the best of its cases", hundreds, 200e3));
    bench.report.add(target("single events, the best of their cases", singles, 20e3));
    served.stop().await;
    lambda::run(bench, &engines, &events).await?;
    engines.stop().await;
    Ok(())
}

fn add(bench: &mut Bench, name: &str, outcome: &Outcome, usage: &Usage) {
    let mut latencies = outcome.latencies.clone();
    let latency = Figure::of(NAME, name, "ms", &mut latencies);
    let figure = Figure::new(NAME, name, "events/s", outcome.events_per_second()).used(usage, outcome.events);
    let figure = figure.with("requests", outcome.requests as f64).with("refused", outcome.refused as f64);
    let figure = figure.with("cpu_us_per_event_ingest", microseconds(usage, "ingest", outcome.events));
    bench.report.add(if outcome.refused > 0 {
        figure.note(format!("{} of {} requests were not acknowledged", outcome.refused, outcome.requests))
    } else {
        figure
    });
    bench.report.add(Figure { name: format!("{name}: latency"), ..latency });
}

fn microseconds(usage: &Usage, process: &str, events: u64) -> f64 {
    usage.cpu_seconds.get(process).copied().unwrap_or(0.0) * 1e6 / events.max(1) as f64
}

fn what(batch: usize) -> String {
    if batch == 1 { "single".to_owned() } else { format!("batch {batch}") }
}

fn named(batch: usize, connections: usize, encoding: Encoding) -> String {
    let encoding = match encoding {
        Encoding::Identity => "plain",
        Encoding::Gzip => "gzip",
    };
    format!("{}, {connections} conn., {encoding}", what(batch))
}
