//! `queries`: what an answer takes by the size of the tenant and the length of the window, with the newest batches unmerged.

mod api;
mod question;

use super::Bench;
use crate::{
    dataset::{Dataset, TAIL, Tenant},
    figure::{Figure, Target, median},
    process::{Cast, Process},
    sql::{Read, Sql},
};
use anyhow::bail;
use api::Api;
use jiff::SignedDuration;
use question::{QUESTIONS, Question};
use std::{collections::BTreeMap, time::Instant};

const NAME: &str = "queries";
const WINDOWS: [i64; 2] = [30, 7];
/// The answers of a tenant of this size and the ones below it are as quick as those of a small one.
const SMALL: u64 = 10_000;

/// What one question took for one tenant.
struct Asked {
    median_ms: f64,
    read: Read,
}

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let data = Dataset::open(&bench.place, bench.options.devices, bench.options.events).await?;
    bench.report.machine.clickhouse = Some(data.sql.ask("SELECT version()").await?.trim().to_owned());
    // What an earlier run left unmerged.
    data.settle().await?;
    data.sql.ask("SYSTEM STOP MERGES").await?;
    insert_newest(bench, &data).await?;
    let rows = data.sql.ask("SELECT concat(tenant_id, ': ', toString(count())) FROM ota_events_raw GROUP BY tenant_id ORDER BY count() DESC").await?;
    bench.report.note(NAME, format!("events by tenant: {}", rows.trim().replace('\n', ", ")));
    bench.report.note(NAME, parts(&data).await?);

    let api = Api::serve(&data).await?;
    let largest = data.tenants[0].devices;
    for days in WINDOWS {
        for question in QUESTIONS {
            let mut all = Vec::new();
            for tenant in &data.tenants {
                all.extend(ask(bench, &data, &api, question, tenant, days, largest).await?);
            }
            if let [large, middle, _] = all.as_slice()
                && days == WINDOWS[0]
            {
                growth(bench, question, large, middle);
            }
        }
    }
    if let Some(peak) = data.engines.clickhouse()?.memory_mb("VmHWM") {
        bench.report.add(Figure::new(NAME, "peak memory of ClickHouse over the last question", "MB", peak));
    }
    data.sql.ask("SYSTEM START MERGES").await?;
    data.engines.stop().await;
    Ok(())
}

/// The newest batches, and the same into empty tables beside: does an insert take longer where there is much already?
async fn insert_newest(bench: &mut Bench, data: &Dataset) -> anyhow::Result<()> {
    let empty = data.empty("bench_empty").await?;
    let (mut large, mut small) = (Vec::new(), Vec::new());
    for batch in 0..TAIL {
        small.push(timed(data, &empty, batch).await?);
        large.push(timed(data, &data.sql, batch).await?);
    }
    let rows = empty.number("SELECT count() FROM ota_events_raw").await? / TAIL as f64;
    let ratio = median(large.iter().copied()) / median(small.iter().copied());
    data.sql.ask("DROP DATABASE bench_empty").await?;
    let name = format!("growth: insert of {rows:.0} rows, into all events ÷ into none");
    let figure = Figure::new(NAME, name, "× time", ratio).target(Target::Below(1.15));
    bench.report.add(figure.with("ms_into_all", median(large)).with("ms_into_none", median(small)));
    Ok(())
}

async fn timed(data: &Dataset, sql: &Sql, batch: u64) -> anyhow::Result<f64> {
    let began = Instant::now();
    data.insert_tail(sql, batch).await?;
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}

async fn parts(data: &Dataset) -> anyhow::Result<String> {
    let statement = "SELECT concat(table, ' ', toString(count())) FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY table";
    Ok(format!(
        "active parts, the newest {TAIL} inserts unmerged: {}",
        data.sql.ask(statement).await?.trim().replace('\n', ", ")
    ))
}

/// `None`: this version has no such endpoint, or doesn't answer in time.
async fn ask(
    bench: &mut Bench,
    data: &Dataset,
    api: &Api,
    question: &Question,
    tenant: &Tenant,
    days: i64,
    largest: u64,
) -> anyhow::Result<Option<Asked>> {
    let from = data.end.checked_sub(SignedDuration::from_hours(24 * days))?;
    let target = question.path_of(tenant, from, data.end);
    let (status, read, body) = api.counted(&target).await?;
    match status {
        200 => {}
        404 if question.is_new => {
            if days == WINDOWS[0] && tenant.devices == largest {
                bench.report.note(NAME, format!("{}: this version doesn't have it", question.name));
            }
            return Ok(None);
        }
        503 => {
            bench
                .report
                .note(NAME, format!("NOT answered in time: {}, {} devices, {days} days", question.name, tenant.size()));
            return Ok(None);
        }
        _ => bail!("{target} answered {status}: {body:.200}"),
    }
    let cast = Cast::of([("api", Process::this()), ("ch", data.engines.clickhouse()?)]);
    let watch = cast.watch();
    let mut took = Vec::new();
    for _ in 0..bench.options.asks {
        let began = Instant::now();
        api.ask(&target).await?;
        took.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let usage = watch.stop();
    let name = format!("{}, {} devices, {days} days", question.name, tenant.size());
    let figure = Figure::of(NAME, name, "ms", &mut took).used_each(&usage, bench.options.asks);
    let figure = Figure { peak_memory_mb: BTreeMap::new(), ..figure };
    let figure = figure.with("rows_read", read.rows as f64).with("bytes_read", read.bytes as f64);
    let median_ms = figure.median;
    bench.report.add(match tenant.devices {
        devices if devices == largest && days == WINDOWS[0] => figure.target(Target::P95Below(250.0)),
        devices if devices <= SMALL && devices < largest => figure.target(Target::P95Below(50.0)),
        _ => figure,
    });
    Ok(Some(Asked { median_ms, read }))
}

/// Ten times the devices: how much longer, by how many more rows were read.
fn growth(bench: &mut Bench, question: &Question, large: &Asked, middle: &Asked) {
    let time = large.median_ms / middle.median_ms;
    let rows = large.read.rows as f64 / middle.read.rows as f64;
    let name = format!("growth: {}, ten times the devices", question.name);
    let figure = Figure::new(NAME, name, "× time ÷ × rows", if rows.is_finite() { time / rows } else { f64::NAN });
    bench.report.add(figure.with("times_time", time).with("times_rows", rows).target(Target::Below(1.1)));
}
