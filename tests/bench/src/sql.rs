//! Statements to ClickHouse by hand, with what they cost.

use anyhow::{Context, bail};
use serde::Deserialize;
use std::time::Duration;

/// A client of one database.
#[derive(Clone)]
pub struct Sql {
    client: reqwest::Client,
    url: String,
    database: String,
}

/// `X-ClickHouse-Summary`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Read {
    pub rows: u64,
    pub bytes: u64,
}

#[derive(Deserialize)]
struct Summary {
    read_rows: String,
    read_bytes: String,
}

impl Read {
    /// Nothing where the header isn't as expected.
    pub fn of(header: Option<&str>) -> Self {
        let summary = header.and_then(|text| serde_json::from_str::<Summary>(text).ok());
        let number = |text: &str| text.parse().unwrap_or(0);
        summary.map_or_else(Self::default, |it| Self { rows: number(&it.read_rows), bytes: number(&it.read_bytes) })
    }
}

impl Sql {
    pub fn new(url: impl Into<String>, database: impl Into<String>) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(600)).build()?;
        Ok(Self { client, url: url.into(), database: database.into() })
    }

    /// What it answers, as text.
    pub async fn ask(&self, statement: &str) -> anyhow::Result<String> {
        self.ask_with(statement, &[]).await
    }

    /// With settings or parameters.
    pub async fn ask_with(&self, statement: &str, settings: &[(&str, String)]) -> anyhow::Result<String> {
        let request = self.client.post(&self.url).query(&[("database", &self.database)]).query(settings);
        let response = request.body(statement.to_owned()).send().await.context("ClickHouse can't be asked")?;
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            bail!("ClickHouse refuses {:.80?}: {text}", statement.trim());
        }
        Ok(text)
    }

    pub async fn number(&self, statement: &str) -> anyhow::Result<f64> {
        let text = self.ask(statement).await?;
        text.trim().parse().with_context(|| format!("not a number: {text:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_read() {
        let header = r#"{"read_rows":"12","read_bytes":"345","elapsed_ns":"1"}"#;
        assert_eq!(Read::of(Some(header)), Read { rows: 12, bytes: 345 });
        assert_eq!(Read::of(None), Read::default());
    }
}
