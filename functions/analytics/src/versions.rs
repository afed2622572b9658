//! `GET /analytics/versions`: which versions the devices run that were active in the window.

use crate::{
    App, Reply,
    answer::{Answer, Meta, csv, csv::Table, limited, rate},
    definitions,
    edges::Edges,
    error::Error,
    params::Params,
    question::{COMMON, Column, NO_COLUMN, Question, Window},
    store,
};
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
};
use clickhouse::Row;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use std::collections::HashMap;

const SQL: &str = concat!(include_str!("activity.sql"), include_str!("versions.sql"));

#[derive(Debug, Serialize)]
struct Versions {
    #[serde(flatten)]
    totals: Totals,
    versions: Vec<Version>,
    #[serde(skip)]
    segment: Option<Column>,
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<Vec<Segment>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Totals>,
}

#[derive(Debug, Serialize)]
struct Totals {
    total_devices: u64,
}

#[derive(Debug, Serialize)]
struct Version {
    version: String,
    device_count: u64,
    percentage: Option<f64>,
}

#[derive(Debug)]
struct Segment {
    column: Column,
    value: String,
    versions: Vec<Version>,
    total_devices: u64,
}

#[derive(Debug, Row, Deserialize)]
struct Cell {
    segment: String,
    version: String,
    device_count: u64,
}

pub async fn get(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let known = [COMMON.as_slice(), &["segment"]].concat();
    let mut params = Params::read(query.as_deref(), &known);
    let question = Question::take(&mut params, app.now());
    let allowed = format!("one of {}", Column::names(&Column::SEGMENTS));
    let segment = params.parse("segment", &allowed, |name| Column::parse(name, &Column::SEGMENTS));
    let (question, segment) = params.finish(question.and_then(|question| Ok((question, segment?))))?;
    let answer = store::in_time(answer(&app, &question, segment)).await?;
    Ok(answer.respond(&headers))
}

async fn answer(app: &App, question: &Question, segment: Option<Column>) -> Result<Answer<Versions>, Error> {
    let mut defined = vec![definitions::VERSIONS];
    defined.extend(segment.map(|_| definitions::SEGMENTS));
    defined.extend(question.compare.then_some(definitions::PREVIOUS));
    let previous = async {
        if !question.compare {
            return Ok(None);
        }
        let cells = cells(app, question, question.window.previous(), None).await?;
        Ok(Some(Totals::of(&cells)))
    };
    let (cells, previous, meta) = tokio::try_join!(
        cells(app, question, question.window, segment),
        previous,
        Meta::read(&app.store, question, defined),
    )?;
    let data = Versions {
        totals: Totals::of(&cells),
        versions: versions(&cells, question.limit),
        segment,
        segments: segment.map(|column| segments(cells, column, question.limit)),
        previous,
    };
    Ok(Answer { data, meta })
}

async fn cells(app: &App, question: &Question, window: Window, segment: Option<Column>) -> Result<Vec<Cell>, Error> {
    let query = Edges::of(window).bind(question.selection.bind(app.store.query(SQL), window));
    store::rows(query.param("segment", segment.map_or(NO_COLUMN, Column::name))).await
}

impl Totals {
    fn of(cells: &[Cell]) -> Self {
        Self { total_devices: total(cells) }
    }
}

fn total(cells: &[Cell]) -> u64 {
    cells.iter().map(|cell| cell.device_count).sum()
}

fn versions(cells: &[Cell], limit: usize) -> Vec<Version> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for cell in cells {
        *counts.entry(&cell.version).or_default() += cell.device_count;
    }
    let counts = counts.into_iter().map(|(version, count)| (version.to_owned(), count)).collect();
    let total = total(cells);
    limited(counts, limit, |count| *count, |sum, count| *sum += count)
        .into_iter()
        .map(|(version, device_count)| Version { version, device_count, percentage: rate(device_count, total, 1) })
        .collect()
}

fn segments(cells: Vec<Cell>, column: Column, limit: usize) -> Vec<Segment> {
    let mut by_segment: HashMap<String, Vec<Cell>> = HashMap::new();
    for cell in cells {
        by_segment.entry(cell.segment.clone()).or_default().push(cell);
    }
    limited(by_segment.into_iter().collect(), limit, |cells| total(cells), Vec::extend)
        .into_iter()
        .map(|(value, cells)| Segment {
            column,
            value,
            versions: versions(&cells, limit),
            total_devices: total(&cells),
        })
        .collect()
}

impl Serialize for Segment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry(self.column.name(), &self.value)?;
        map.serialize_entry("versions", &self.versions)?;
        map.serialize_entry("total_devices", &self.total_devices)?;
        map.end()
    }
}

impl Table for Versions {
    fn header(&self) -> Vec<String> {
        self.segment
            .map(Column::name)
            .into_iter()
            .chain(["version", "device_count", "percentage"])
            .map(str::to_owned)
            .collect()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |version: &Version| {
            vec![version.version.clone(), csv::cell(Some(version.device_count)), csv::cell(version.percentage)]
        };
        match &self.segments {
            None => self.versions.iter().map(row).collect(),
            Some(segments) => {
                let rows =
                    segments.iter().flat_map(|segment| segment.versions.iter().map(move |version| (segment, version)));
                rows.map(|(segment, version)| [vec![segment.value.clone()], row(version)].concat()).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests;
