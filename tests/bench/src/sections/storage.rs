//! `storage`: JSON as devices send it ÷ bytes on disk, by table, over the same events that the queries are asked about.

mod json;

use super::Bench;
use crate::{
    dataset::Dataset,
    figure::{Figure, Target},
};
use anyhow::Context;

const NAME: &str = "storage";
const TABLES: &str = "SELECT table, sum(bytes_on_disk), sum(rows) FROM system.parts
    WHERE active AND database = currentDatabase() GROUP BY table ORDER BY sum(bytes_on_disk) DESC";
const SAMPLE: &str =
    "SELECT * FROM ota_events_raw WHERE sipHash64(event_id) % {every} = 0 LIMIT 20000 FORMAT JSONEachRow";
const SAMPLES: u64 = 10_000;

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let data = Dataset::open(&bench.place, bench.options.devices, bench.options.events).await?;
    bench.report.machine.clickhouse = Some(data.sql.ask("SELECT version()").await?.trim().to_owned());
    data.settle().await?;
    let events = data.sql.number("SELECT uniqCombined64(event_id) FROM ota_events_raw").await?;
    let every = (events as u64 / SAMPLES).max(1);
    let rows = data.sql.ask(&SAMPLE.replace("{every}", &every.to_string())).await?;
    let sizes: Result<Vec<usize>, _> = rows.lines().map(json::size).collect();
    let sizes = sizes?;
    let each = sizes.iter().sum::<usize>() as f64 / sizes.len().max(1) as f64;
    let sent = each * events;
    bench.report.add(Figure::new(NAME, "JSON of an event, as a device sends it", "B", each).with("events", events));

    let mut total = 0.0;
    for line in data.sql.ask(TABLES).await?.lines() {
        let mut cells = line.split('\t');
        let (table, mut number) =
            (cells.next().context("system.parts")?.to_owned(), || cells.next()?.parse::<f64>().ok());
        let (bytes, rows) = number().zip(number()).context("system.parts")?;
        total += bytes;
        let figure = Figure::new(NAME, format!("{table}: on disk"), "B per event", bytes / events);
        bench.report.add(figure.with("bytes", bytes).with("rows", rows));
        bench.report.add(Figure::new(NAME, format!("{table}: JSON ÷ disk"), ": 1", sent / bytes));
    }
    let figure = Figure::new(NAME, "all of them: JSON ÷ disk", ": 1", sent / total).with("bytes", total);
    bench.report.add(figure.target(Target::AtLeast(15.0)));
    data.engines.stop().await;
    Ok(())
}
