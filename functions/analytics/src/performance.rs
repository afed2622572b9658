//! `GET /analytics/performance`: how long downloads and installations take.

mod metrics;

use crate::{
    App, Reply,
    answer::{Answer, Meta, OTHER, csv, csv::Table},
    definitions,
    error::Error,
    params::Params,
    question::{COMMON, Column, Question, Selection, Starts, Window},
    store,
    updates::Updates,
};
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
};
use clickhouse::Row;
use metrics::{Metrics, Stats};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use std::collections::HashMap;

const TREND: &str = concat!(
    include_str!("updates.sql"),
    include_str!("performance/measurements.sql"),
    include_str!("performance/trend.sql")
);
const GROUPS: &str = concat!(
    include_str!("updates.sql"),
    include_str!("performance/measurements.sql"),
    include_str!("performance/groups.sql")
);

#[derive(Debug, Serialize)]
struct Performance {
    metrics: Metrics,
    trend: Vec<Point>,
    #[serde(skip)]
    column: Option<Column>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<Group>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Totals>,
}

#[derive(Debug, Serialize)]
struct Totals {
    metrics: Metrics,
}

#[derive(Debug, Serialize)]
struct Point {
    start: String,
    #[serde(flatten)]
    metrics: Metrics,
}

#[derive(Debug)]
struct Group {
    column: Column,
    value: String,
    metrics: Metrics,
    updates: u64,
}

/// One metric over the window, or in one interval.
#[derive(Debug, Row, Deserialize)]
struct TrendRow {
    overall: u8,
    start: i64,
    metric: u8,
    count: u64,
    avg: f64,
    quantiles: Vec<f64>,
}

/// One metric of one group. `updates` are those that it is the first metric of: each update once over all metrics.
#[derive(Debug, Row, Deserialize)]
struct GroupRow {
    cut: u8,
    key: String,
    metric: u8,
    updates: u64,
    count: u64,
    avg: f64,
    quantiles: Vec<f64>,
}

pub async fn get(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let known = [COMMON.as_slice(), &["target_version", "group_by"]].concat();
    let mut params = Params::read(query.as_deref(), &known);
    let question =
        Question::take(&mut params, app.now()).and_then(|question| Ok((question.starts(&mut params)?, question)));
    let allowed = format!("one of {}", Column::names(&Column::GROUPS));
    let column = params.parse("group_by", &allowed, |name| Column::parse(name, &Column::GROUPS));
    let parsed = question.and_then(|(starts, question)| Ok((question, starts, column?)));
    let (question, starts, column) = params.finish(parsed)?;
    let answer = store::in_time(answer(&app, &question, &starts, column)).await?;
    Ok(answer.respond(&headers))
}

async fn answer(
    app: &App,
    question: &Question,
    starts: &Starts,
    column: Option<Column>,
) -> Result<Answer<Performance>, Error> {
    let selection = &question.selection;
    let mut defined = vec![definitions::PERFORMANCE];
    defined.extend(column.map(|_| definitions::PERFORMANCE_GROUPS));
    defined.extend(question.compare.then_some(definitions::PREVIOUS));
    let previous = async {
        if !question.compare {
            return Ok(None);
        }
        let window = question.window.previous();
        let rows = trend_rows(app, selection, window, vec![window.start_ms()]).await?;
        Ok(Some(Totals { metrics: overall(&rows)? }))
    };
    let groups = async {
        match column {
            None => Ok(None),
            Some(column) => {
                let query = Updates::All.bind(selection.bind(app.store.query(GROUPS), question.window));
                let rows = store::rows(query.param("group", column.name()).param("limit", question.limit)).await?;
                groups(rows, column).map(Some)
            }
        }
    };
    let (rows, groups, previous, meta) = tokio::try_join!(
        trend_rows(app, selection, question.window, starts.to_ms()),
        groups,
        previous,
        Meta::read(&app.store, question, defined),
    )?;
    let data =
        Performance { metrics: overall(&rows)?, trend: trend(&rows, starts, question)?, column, groups, previous };
    Ok(Answer { data, meta })
}

async fn trend_rows(
    app: &App,
    selection: &Selection,
    window: Window,
    starts: Vec<i64>,
) -> Result<Vec<TrendRow>, Error> {
    let query = Updates::All.bind(selection.bind(app.store.query(TREND), window));
    store::rows(query.param("starts", starts)).await
}

fn overall(rows: &[TrendRow]) -> Result<Metrics, Error> {
    let mut metrics = Metrics::default();
    for row in rows.iter().filter(|row| row.overall == 1) {
        metrics.set(row.metric, Stats::new(row.count, row.avg, &row.quantiles)?)?;
    }
    Ok(metrics)
}

fn trend(rows: &[TrendRow], starts: &Starts, question: &Question) -> Result<Vec<Point>, Error> {
    let mut by_start: HashMap<i64, Metrics> = HashMap::new();
    for row in rows.iter().filter(|row| row.overall == 0) {
        let stats = Stats::new(row.count, row.avg, &row.quantiles)?;
        by_start.entry(row.start).or_default().set(row.metric, stats)?;
    }
    let labels = starts.labels(&question.zone).into_iter().zip(starts.to_ms());
    Ok(labels.map(|(start, ms)| Point { start, metrics: by_start.remove(&ms).unwrap_or_default() }).collect())
}

/// Most updates first, ties by value; what was cut comes last.
fn groups(rows: Vec<GroupRow>, column: Column) -> Result<Vec<Group>, Error> {
    let mut by_key: HashMap<(u8, String), (u64, Metrics)> = HashMap::new();
    for row in rows {
        let stats = Stats::new(row.count, row.avg, &row.quantiles)?;
        let (updates, metrics) = by_key.entry((row.cut, row.key)).or_default();
        *updates += row.updates;
        metrics.set(row.metric, stats)?;
    }
    let mut groups: Vec<_> = by_key.into_iter().collect();
    groups.sort_by(|((a_cut, a), (a_updates, _)), ((b_cut, b), (b_updates, _))| {
        a_cut.cmp(b_cut).then_with(|| b_updates.cmp(a_updates)).then_with(|| a.cmp(b))
    });
    let group = |((cut, key), (updates, metrics))| {
        let value = if cut == 1 { OTHER.to_owned() } else { key };
        Group { column, value, metrics, updates }
    };
    Ok(groups.into_iter().map(group).collect())
}

impl Serialize for Group {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry(self.column.name(), &self.value)?;
        map.serialize_entry("metrics", &self.metrics)?;
        map.serialize_entry("updates", &self.updates)?;
        map.end()
    }
}

impl Table for Performance {
    fn header(&self) -> Vec<String> {
        let first = match self.column {
            None => vec!["start".to_owned()],
            Some(column) => vec![column.name().to_owned(), "updates".to_owned()],
        };
        [first, Metrics::header()].concat()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let point = |point: &Point| [vec![point.start.clone()], point.metrics.cells()].concat();
        let group =
            |group: &Group| [vec![group.value.clone(), csv::cell(Some(group.updates))], group.metrics.cells()].concat();
        match &self.groups {
            None => self.trend.iter().map(point).collect(),
            Some(groups) => groups.iter().map(group).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
