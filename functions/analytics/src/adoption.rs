//! `GET /analytics/adoption`: how many updates succeeded and failed, when, and how far a release has got.

use crate::{
    App, Reply,
    answer::{Answer, Meta, csv, csv::Table, rate},
    definitions,
    edges::Edges,
    error::Error,
    params::Params,
    question::{COMMON, Question, Selection, Starts, Window},
    store,
    updates::Updates,
};
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
};
use clickhouse::Row;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SQL: &str = concat!(include_str!("updates.sql"), include_str!("adoption.sql"));
const HOUR_MS: i64 = 3_600_000;
const ADOPTERS: &str = concat!(include_str!("activity.sql"), include_str!("adoption/adopters.sql"));

#[derive(Debug, Serialize)]
struct Adoption {
    #[serde(flatten)]
    totals: Totals,
    hourly_installs: Vec<Hour>,
    trend: Vec<Point>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Totals>,
}

#[derive(Debug, Serialize)]
struct Totals {
    total_updates: u64,
    successful_updates: u64,
    failed_updates: u64,
    success_rate: Option<f64>,
    active_devices: Option<u64>,
    adopted_devices: Option<u64>,
    adoption_rate: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Hour {
    hour: String,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Serialize)]
struct Point {
    start: String,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Counts {
    installs: u64,
    failures: u64,
}

/// Updates that count in the quarter-hour that begins then (ms since 1970). Hours and intervals begin with one, in every time zone.
#[derive(Debug, Row, Deserialize)]
struct Cell {
    quarter: i64,
    installs: u64,
    failures: u64,
}

#[derive(Debug, Clone, Copy, Row, Deserialize)]
struct Adopters {
    active_devices: u64,
    adopted_devices: u64,
}

pub async fn get(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let known = [COMMON.as_slice(), &["target_version"]].concat();
    let mut params = Params::read(query.as_deref(), &known);
    let question =
        Question::take(&mut params, app.now()).and_then(|question| Ok((question.starts(&mut params)?, question)));
    let (starts, question) = params.finish(question)?;
    let answer = store::in_time(answer(&app, &question, &starts)).await?;
    Ok(answer.respond(&headers))
}

async fn answer(app: &App, question: &Question, starts: &Starts) -> Result<Answer<Adoption>, Error> {
    let selection = &question.selection;
    let mut defined = vec![definitions::ADOPTION];
    defined.extend(question.compare.then_some(definitions::PREVIOUS));
    let previous = async {
        if !question.compare {
            return Ok(None);
        }
        let window = question.window.previous();
        let (cells, adopters) = tokio::try_join!(cells(app, selection, window), adopters(app, selection, window))?;
        Ok(Some(Totals::of(&cells, adopters)))
    };
    let (cells, adopters, previous, meta) = tokio::try_join!(
        cells(app, selection, question.window),
        adopters(app, selection, question.window),
        previous,
        Meta::read(&app.store, question, defined),
    )?;
    let data = Adoption {
        totals: Totals::of(&cells, adopters),
        hourly_installs: hours(&cells)?,
        trend: trend(&cells, starts, question),
        previous,
    };
    Ok(Answer { data, meta })
}

async fn cells(app: &App, selection: &Selection, window: Window) -> Result<Vec<Cell>, Error> {
    store::rows(Updates::All.bind(selection.bind(app.store.query(SQL), window))).await
}

/// Only asked for one release.
async fn adopters(app: &App, selection: &Selection, window: Window) -> Result<Option<Adopters>, Error> {
    if selection.target_version.is_none() {
        return Ok(None);
    }
    let query = Edges::of(window).bind(selection.bind(app.store.query(ADOPTERS), window));
    store::row(query).await.map(Some)
}

impl Totals {
    fn of(cells: &[Cell], adopters: Option<Adopters>) -> Self {
        let successful_updates = cells.iter().map(|cell| cell.installs).sum();
        let failed_updates = cells.iter().map(|cell| cell.failures).sum();
        let total_updates = successful_updates + failed_updates;
        Self {
            total_updates,
            successful_updates,
            failed_updates,
            success_rate: rate(successful_updates, total_updates, 2),
            active_devices: adopters.map(|adopters| adopters.active_devices),
            adopted_devices: adopters.map(|adopters| adopters.adopted_devices),
            adoption_rate: adopters.and_then(|adopters| rate(adopters.adopted_devices, adopters.active_devices, 2)),
        }
    }
}

/// The cells summed by what begins at or before them.
fn summed(cells: &[Cell], start_of: impl Fn(i64) -> i64) -> BTreeMap<i64, Counts> {
    let mut sums: BTreeMap<i64, Counts> = BTreeMap::new();
    for cell in cells {
        let sum = sums.entry(start_of(cell.quarter)).or_default();
        sum.installs += cell.installs;
        sum.failures += cell.failures;
    }
    sums
}

fn hours(cells: &[Cell]) -> Result<Vec<Hour>, Error> {
    let hour = |(ms, counts)| Ok(Hour { hour: Timestamp::from_millisecond(ms)?.to_string(), counts });
    summed(cells, |quarter| quarter - quarter.rem_euclid(HOUR_MS)).into_iter().map(hour).collect()
}

fn trend(cells: &[Cell], starts: &Starts, question: &Question) -> Vec<Point> {
    let starts_ms = starts.to_ms();
    let start_of = |quarter| {
        let begun = starts_ms.partition_point(|start| *start <= quarter);
        begun.checked_sub(1).and_then(|last| starts_ms.get(last)).copied().unwrap_or(quarter)
    };
    let sums = summed(cells, start_of);
    let counts = starts_ms.iter().map(|start| sums.get(start).copied().unwrap_or_default());
    starts.labels(&question.zone).into_iter().zip(counts).map(|(start, counts)| Point { start, counts }).collect()
}

impl Table for Adoption {
    fn header(&self) -> Vec<String> {
        ["start", "installs", "failures"].map(str::to_owned).to_vec()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |point: &Point| {
            vec![point.start.clone(), csv::cell(Some(point.counts.installs)), csv::cell(Some(point.counts.failures))]
        };
        self.trend.iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests;
