//! `end-to-end`: HTTP batch to counted by a query, through the system as its users run it.

mod delay;
mod lag;
mod serve;

use super::Bench;
use crate::{
    figure::{Figure, Target},
    load::{Events, Load, Outcome, Pace, Template},
    process::Usage,
    report::progress,
};
use anyhow::bail;
use jiff::Timestamp;
use serve::Served;
use std::time::Duration;
use traffic::Encoding;

const NAME: &str = "end-to-end";
const EVENTS: usize = 60_000;
const BATCH: usize = 100;
const CONNECTIONS: usize = 32;
const STEPS: usize = 4;
/// Of the rate that was asked for: more may not be missing from the answers.
const MISSING: f64 = 0.05;
/// Of that rate: more may not come on top of the lag, in a trial step and at the end. The lag goes up and down with each batch, so
/// that a short trial can't tell less from nothing.
const TOLERANCE: f64 = 0.15;
const CONFIRMED: f64 = 0.05;
/// The way from Kafka to ClickHouse takes about a second: what takes this long to catch up was behind.
const BEHIND: Duration = Duration::from_secs(2);
const SHARES: [f64; 3] = [0.1, 0.5, 0.9];

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let served = Served::start(&bench.place).await?;
    let now = Timestamp::now();
    let events = Events::of_fleet(EVENTS);
    let templates: Result<Vec<_>, _> =
        events.deliveries(BATCH, Encoding::Identity).map(|delivery| Template::new(&delivery, now)).collect();
    let load = Load::new(served.address, templates?, CONNECTIONS);

    load.drive(Pace::Closed, bench.warm_up()).await?;
    served.drain().await?;
    let flood = load.drive(Pace::Closed, bench.length()).await?.events_per_second();
    let behind = served.drain().await?;
    let figure = Figure::new(NAME, "HTTP alone can take, everything running", "events/s", flood);
    bench.report.add(figure.with("seconds_to_catch_up", behind.as_secs_f64()));

    let rate = search(&served, &load, flood, bench.length() * 3).await?;
    let (rate, usage, outcome) = confirm(&served, &load, rate, bench.length() * 6).await?;
    let figure = Figure::new(NAME, "sustained, the lag not growing", "events/s", outcome.events_per_second());
    bench.report.add(figure.used(&usage, outcome.events).with("flood", flood).target(Target::AtLeast(100e3)));
    let mut latencies = outcome.latencies;
    bench.report.add(Figure::of(NAME, "latency of a batch of 100 at that rate, open loop", "ms", &mut latencies));

    for share in SHARES {
        let length = bench.length() * 4;
        let pace = Pace::Open(rate * share / BATCH as f64);
        let (outcome, measured) = tokio::join!(load.drive(pace, length), delay::measure(&served, share, length));
        outcome?;
        let mut measured = measured?;
        let name = format!("202 to visible at {:.0} % of it", share * 100.0);
        let figure = Figure::of(NAME, name, "s", &mut measured.seconds).with("poll_ms", measured.poll_ms);
        bench.report.add(if share == 0.5 { figure.target(Target::P99Below(2.0)) } else { figure });
        served.drain().await?;
    }
    bench.report.note(
        NAME,
        "delays are late by up to one poll of ClickHouse (`poll_ms` in the JSON) and 10 ms between two of them",
    );
    served.stop().await
}

/// The highest rate at which the lag seems not to grow: doubled until it does, then halving the distance.
async fn search(served: &Served, load: &Load, flood: f64, length: Duration) -> anyhow::Result<f64> {
    // A flood takes from the consumer what it needs.
    let mut rate = flood / 4.0;
    let mut good = 0.0;
    while hold(served, load, rate, length, TOLERANCE).await?.2 {
        good = rate;
        rate *= 2.0;
    }
    let mut bad = rate;
    for _ in 0..STEPS {
        let rate = (good + bad) / 2.0;
        if hold(served, load, rate, length, TOLERANCE).await?.2 {
            good = rate;
        } else {
            bad = rate;
        }
    }
    if good == 0.0 { Ok(bad / 2.0) } else { Ok(good) }
}

/// The same for longer, with less tolerance; a little lower until it holds.
async fn confirm(served: &Served, load: &Load, rate: f64, length: Duration) -> anyhow::Result<(f64, Usage, Outcome)> {
    let mut rate = rate;
    for _ in 0..4 {
        let (usage, outcome, holds) = hold(served, load, rate, length, CONFIRMED).await?;
        if holds {
            return Ok((rate, usage, outcome));
        }
        rate *= 0.88;
    }
    bail!("no rate was found at which the lag doesn't grow; the last was {rate:.0} events/s")
}

/// Sends at a rate and looks at the lag meanwhile: does it hold?
async fn hold(
    served: &Served,
    load: &Load,
    rate: f64,
    length: Duration,
    tolerance: f64,
) -> anyhow::Result<(Usage, Outcome, bool)> {
    let watch = served.cast.watch();
    let pace = Pace::Open(rate / BATCH as f64);
    let (outcome, growth) = tokio::join!(load.drive(pace, length), lag::growth(served, length));
    let usage = watch.stop();
    let (outcome, growth) = (outcome?, growth?);
    let behind = served.drain().await?;
    let holds = growth < rate * tolerance && behind < BEHIND && outcome.events_per_second() > rate * (1.0 - MISSING);
    progress(format_args!(
        "  at {rate:.0} events/s: {:.0} acknowledged, lag {growth:+.0} a second, {:.1} s to catch up{}",
        outcome.events_per_second(),
        behind.as_secs_f64(),
        if holds { "" } else { ": too much" },
    ));
    Ok((usage, outcome, holds))
}
