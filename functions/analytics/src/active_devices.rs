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
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

const SQL: &str = concat!(include_str!("activity.sql"), include_str!("active_devices.sql"));
/// As the query names the row of any date.
const ANY_DATE: u8 = 255;

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
    date: u8,
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
    let calendars = Calendar::divide(window, &dates.to_ms());
    let counts = try_join_all(calendars.iter().map(|calendar| counts(app, question, calendar))).await?;
    let any_date = match counts.as_slice() {
        [all] => all.get(&ANY_DATE).copied(),
        // No single query saw all dates: the whole window as one.
        _ => counts_of_whole(app, question, window).await?.get(&ANY_DATE).copied(),
    };
    let by_date = calendars
        .iter()
        .zip(&counts)
        .flat_map(|(calendar, counts)| calendar.numbers().map(|date| counts.get(&date).copied().unwrap_or_default()));
    let days: Vec<Day> = dates
        .iter()
        .zip(by_date)
        .map(|(start, active_devices)| Day { date: start.date().to_string(), active_devices })
        .collect();
    Ok((Totals::of(any_date.unwrap_or_default(), &days), days))
}

async fn counts_of_whole(app: &App, question: &Question, window: Window) -> Result<HashMap<u8, u64>, Error> {
    counts(app, question, &Calendar::one_date(window)).await
}

async fn counts(app: &App, question: &Question, calendar: &Calendar) -> Result<HashMap<u8, u64>, Error> {
    let window = calendar.window();
    let query = Edges::of(window).bind(question.selection.bind(app.store.query(SQL), window));
    let cells: Vec<Cell> = store::rows(calendar.bind(query)).await?;
    Ok(cells.into_iter().map(|cell| (cell.date, cell.active_devices)).collect())
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
