//! `GET /analytics/active-devices`: how many devices were there, over the window and on each of its dates.

mod calendar;

use crate::{
    App, Reply,
    answer::{Answer, Meta, csv, csv::Table, rounded},
    definitions,
    edges::Edges,
    error::Error,
    params::Params,
    question::{COMMON, Interval, Question, Starts, Window},
    store,
};
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
};
use calendar::Calendar;
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

const SQL: &str = concat!(include_str!("activity.sql"), include_str!("active_devices.sql"));
/// As the query names the row of any date.
const ANY_DATE: u16 = u16::MAX;

#[derive(Debug, Serialize)]
struct ActiveDevices {
    #[serde(flatten)]
    totals: Totals,
    daily_breakdown: Vec<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Totals>,
}

#[derive(Debug, Serialize)]
struct Totals {
    total_active_devices: u64,
    average_daily_active_devices: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
struct Day {
    date: String,
    active_devices: u64,
}

#[derive(Debug, Row, Deserialize)]
struct Cell {
    date: u16,
    active_devices: u64,
}

pub async fn get(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let mut params = Params::read(query.as_deref(), &COMMON);
    let question = Question::take(&mut params, app.now());
    let question = params.finish(question)?;
    let answer = store::in_time(answer(&app, &question)).await?;
    Ok(answer.respond(&headers))
}

async fn answer(app: &App, question: &Question) -> Result<Answer<ActiveDevices>, Error> {
    let mut defined = vec![definitions::ACTIVE_DEVICES];
    defined.extend(question.compare.then_some(definitions::PREVIOUS));
    let previous = async {
        if !question.compare {
            return Ok(None);
        }
        days(app, question, question.window.previous()).await.map(|(totals, _)| Some(totals))
    };
    let ((totals, daily_breakdown), previous, meta) =
        tokio::try_join!(days(app, question, question.window), previous, Meta::read(&app.store, question, defined))?;
    Ok(Answer { data: ActiveDevices { totals, daily_breakdown, previous }, meta })
}

async fn days(app: &App, question: &Question, window: Window) -> Result<(Totals, Vec<Day>), Error> {
    let dates = Starts::of(Interval::Day, window, &question.zone, usize::MAX)?;
    let query = Edges::of(window).bind(question.selection.bind(app.store.query(SQL), window));
    let cells: Vec<Cell> = store::rows(Calendar::new(window, &dates.to_ms()).bind(query)).await?;
    Ok(fold(&cells, &dates))
}

/// The devices of any date, and of each.
fn fold(cells: &[Cell], dates: &Starts) -> (Totals, Vec<Day>) {
    let counts: HashMap<u16, u64> = cells.iter().map(|cell| (cell.date, cell.active_devices)).collect();
    let count = |date: u16| counts.get(&date).copied().unwrap_or_default();
    let days: Vec<Day> = (0..)
        .zip(dates.iter())
        .map(|(number, start)| Day { date: start.date().to_string(), active_devices: count(number) })
        .collect();
    (Totals::of(count(ANY_DATE), &days), days)
}

impl Totals {
    fn of(total_active_devices: u64, days: &[Day]) -> Self {
        let sum: u64 = days.iter().map(|day| day.active_devices).sum();
        let average = (!days.is_empty()).then(|| rounded(sum as f64 / days.len() as f64, 3));
        Self { total_active_devices, average_daily_active_devices: average }
    }
}

impl Table for ActiveDevices {
    fn header(&self) -> Vec<String> {
        ["date", "active_devices"].map(str::to_owned).to_vec()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        self.daily_breakdown.iter().map(|day| vec![day.date.clone(), csv::cell(Some(day.active_devices))]).collect()
    }
}

#[cfg(test)]
mod tests;
