//! What an answer is about.

use super::instant;
use crate::{
    definitions::{Definition, Definitions},
    edges::Edges,
    error::Error,
    question::{Question, Window},
    store::{self, Store},
};
use clickhouse::Row;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize)]
pub struct Meta {
    window: Bounds,
    interval: &'static str,
    timezone: String,
    /// The newest event time in the scope and window; null without data.
    data_through: Option<String>,
    /// When the newest receipt among those events was.
    ingested_through: Option<String>,
    definitions: Definitions,
}

#[derive(Debug, Serialize)]
struct Bounds {
    from: String,
    to: String,
}

#[derive(Debug, Default, Row, Deserialize)]
pub struct Through {
    data_through_ms: Option<i64>,
    ingested_through_ms: Option<i64>,
}

impl Through {
    pub async fn read(store: &Store, question: &Question) -> Result<Self, Error> {
        let query = question.selection.bind(store.query(include_str!("meta.sql")), question.window);
        store::row(Edges::of(question.window).bind(query)).await
    }
}

impl Meta {
    /// Meta with what the store says about the data.
    pub async fn read(
        store: &Store,
        question: &Question,
        definitions: Vec<&'static [Definition]>,
    ) -> Result<Self, Error> {
        let through = Through::read(store, question).await?;
        Self::new(question, &through, definitions)
    }

    pub fn new(question: &Question, through: &Through, definitions: Vec<&'static [Definition]>) -> Result<Self, Error> {
        Ok(Self {
            window: Bounds::of(question.window)?,
            interval: question.interval.name(),
            timezone: question.zone.name().to_owned(),
            data_through: through.data_through_ms.map(instant).transpose()?,
            ingested_through: through.ingested_through_ms.map(instant).transpose()?,
            definitions: Definitions(definitions),
        })
    }
}

impl Bounds {
    fn of(window: Window) -> Result<Self, jiff::Error> {
        let text = |ms| Timestamp::from_millisecond(ms).map(|at| at.to_string());
        Ok(Self { from: text(window.start_ms())?, to: text(window.end_ms())? })
    }
}
