//! `GET /analytics/failures`: what fails, how often, and what is rolled back.

mod group;

use crate::{
    App, Reply,
    answer::{Answer, Meta, csv, csv::Table, rate},
    definitions,
    error::Error,
    params::{Noted, Params},
    question::{COMMON, Column, NO_COLUMN, Question, Selection, Starts, Window},
    store,
    updates::Updates,
};
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
};
use clickhouse::Row;
use group::{FailureRow, Group};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

const SQL: &str = concat!(include_str!("updates.sql"), include_str!("failures.sql"));
const SUCCESSES: &str = concat!(include_str!("updates.sql"), include_str!("failures/successes.sql"));
const ROLLBACKS: &str = concat!(include_str!("updates.sql"), include_str!("failures/rollbacks.sql"));
const EVENTS: &str = concat!(include_str!("updates.sql"), include_str!("failures/events.sql"));
const MAX_GROUPS: usize = 3;

#[derive(Debug, Serialize)]
struct Failures {
    #[serde(flatten)]
    totals: Totals,
    failures: Vec<Group>,
    trend: Vec<Point>,
    #[serde(skip)]
    columns: Vec<Column>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Totals>,
}

#[derive(Debug, Serialize)]
struct Totals {
    total_failures: u64,
    failure_rate: Option<f64>,
    failure_events: u64,
    total_rollbacks: u64,
}

#[derive(Debug, Serialize)]
struct Point {
    start: String,
    failures: u64,
    rollbacks: u64,
}

/// Rollbacks that count in one interval.
#[derive(Debug, Row, Deserialize)]
struct RollbackRow {
    start: i64,
    rollbacks: u64,
}

/// All that one window's answer is made of.
struct Rows {
    failures: Vec<FailureRow>,
    successful_updates: u64,
    rollbacks: Vec<RollbackRow>,
    events: u64,
}

pub async fn get(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let known = [COMMON.as_slice(), &["target_version", "group_by"]].concat();
    let mut params = Params::read(query.as_deref(), &known);
    let question =
        Question::take(&mut params, app.now()).and_then(|question| Ok((question.starts(&mut params)?, question)));
    let columns = columns(&mut params);
    let parsed = question.and_then(|(starts, question)| Ok((question, starts, columns?)));
    let (question, starts, columns) = params.finish(parsed)?;
    let answer = store::in_time(answer(&app, &question, &starts, columns)).await?;
    Ok(answer.respond(&headers))
}

fn columns(params: &mut Params) -> Result<Vec<Column>, Noted> {
    let names = Column::names(&Column::GROUPS);
    let allowed = format!("up to {MAX_GROUPS} different ones of {names}, comma-separated");
    let columns = params.parse("group_by", &allowed, |text| {
        let mut columns: Vec<Column> = Vec::new();
        for name in text.split(',') {
            let column = Column::parse(name, &Column::GROUPS).filter(|column| !columns.contains(column))?;
            columns.push(column);
        }
        (columns.len() <= MAX_GROUPS).then_some(columns)
    });
    Ok(columns?.unwrap_or_else(|| vec![Column::ErrorCode]))
}

async fn answer(
    app: &App,
    question: &Question,
    starts: &Starts,
    columns: Vec<Column>,
) -> Result<Answer<Failures>, Error> {
    let selection = &question.selection;
    let mut defined = vec![definitions::FAILURES];
    defined.extend(question.compare.then_some(definitions::PREVIOUS));
    let previous = async {
        if !question.compare {
            return Ok(None);
        }
        let window = question.window.previous();
        let rows = rows(app, selection, window, &[window.start_ms()], &[], question.limit).await?;
        Ok(Some(Totals::of(&rows)))
    };
    let starts_ms = starts.to_ms();
    let (rows, previous, meta) = tokio::try_join!(
        rows(app, selection, question.window, &starts_ms, &columns, question.limit),
        previous,
        Meta::read(&app.store, question, defined),
    )?;
    let totals = Totals::of(&rows);
    let trend = trend(&rows, starts, question);
    let failures = Group::list(rows.failures, &columns, totals.total_failures)?;
    Ok(Answer { data: Failures { totals, failures, trend, columns, previous }, meta })
}

async fn rows(
    app: &App,
    selection: &Selection,
    window: Window,
    starts: &[i64],
    columns: &[Column],
    limit: usize,
) -> Result<Rows, Error> {
    let bound =
        |sql, updates: Updates| updates.bind(selection.bind(app.store.query(sql), window)).param("starts", starts);
    let (failed, rolled_back) = (Updates::FailedSince(window.start_ms()), Updates::RolledBackSince(window.start_ms()));
    let column = |index: usize| columns.get(index).map_or(NO_COLUMN, |column| column.name());
    let failures = bound(SQL, failed)
        .param("limit", limit)
        .param("group_1", column(0))
        .param("group_2", column(1))
        .param("group_3", column(2));
    let (failures, successful_updates, rollbacks, events) = tokio::try_join!(
        store::rows(failures),
        store::row(bound(SUCCESSES, Updates::All)),
        store::rows(bound(ROLLBACKS, rolled_back)),
        store::row(bound(EVENTS, Updates::All)),
    )?;
    Ok(Rows { failures, successful_updates, rollbacks, events })
}

impl Totals {
    fn of(rows: &Rows) -> Self {
        let intervals = rows.failures.iter().filter(|row| !row.is_group());
        let total_failures = intervals.map(|row| row.updates).sum();
        Self {
            total_failures,
            failure_rate: rate(total_failures, total_failures + rows.successful_updates, 2),
            failure_events: rows.events,
            total_rollbacks: rows.rollbacks.iter().map(|row| row.rollbacks).sum(),
        }
    }
}

fn trend(rows: &Rows, starts: &Starts, question: &Question) -> Vec<Point> {
    let intervals = rows.failures.iter().filter(|row| !row.is_group());
    let failures: HashMap<i64, u64> = intervals.map(|row| (row.start, row.updates)).collect();
    let rollbacks: HashMap<i64, u64> = rows.rollbacks.iter().map(|row| (row.start, row.rollbacks)).collect();
    let labels = starts.labels(&question.zone).into_iter().zip(starts.to_ms());
    let count = |counts: &HashMap<i64, u64>, start: i64| counts.get(&start).copied().unwrap_or_default();
    labels
        .map(|(label, start)| Point {
            start: label,
            failures: count(&failures, start),
            rollbacks: count(&rollbacks, start),
        })
        .collect()
}

impl Table for Failures {
    fn header(&self) -> Vec<String> {
        let columns = self.columns.iter().map(|column| column.name());
        columns.chain(["failures", "percentage", "example_message", "last_seen"]).map(str::to_owned).collect()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |group: &Group| {
            let mut cells: Vec<String> = group.values().map(str::to_owned).collect();
            cells.push(csv::cell(Some(group.failures)));
            cells.push(csv::cell(group.percentage));
            cells.push(csv::cell(group.example_message.as_ref()));
            cells.push(group.last_seen.clone());
            cells
        };
        self.failures.iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests;
