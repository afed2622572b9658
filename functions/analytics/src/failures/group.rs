//! Failures by their groups.

use crate::{
    answer::{OTHER, instant, rate},
    error::Error,
    question::Column,
};
use clickhouse::Row;
use serde::{Deserialize, Serialize, Serializer};

/// Failed updates of one interval, or of one group.
#[derive(Debug, Row, Deserialize)]
pub struct FailureRow {
    by_group: u8,
    pub start: i64,
    /// Whether this is the sum of the groups beyond the limit.
    cut: u8,
    key_1: String,
    key_2: String,
    key_3: String,
    pub updates: u64,
    last_ms: i64,
    example_message: String,
}

impl FailureRow {
    pub fn is_group(&self) -> bool {
        self.by_group == 1
    }
}

#[derive(Debug, Serialize)]
pub struct Group {
    #[serde(flatten)]
    key: Key,
    pub failures: u64,
    pub percentage: Option<f64>,
    pub example_message: Option<String>,
    pub last_seen: String,
}

/// The group's columns and its values there.
#[derive(Debug)]
struct Key(Vec<(Column, String)>);

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(column, value)| (column.name(), value)))
    }
}

impl Group {
    /// Largest first, ties by their values; what was cut comes last.
    pub fn list(rows: Vec<FailureRow>, columns: &[Column], total: u64) -> Result<Vec<Self>, Error> {
        let mut rows: Vec<FailureRow> = rows.into_iter().filter(FailureRow::is_group).collect();
        rows.sort_by(|a, b| {
            let key = |row: &FailureRow| (row.key_1.clone(), row.key_2.clone(), row.key_3.clone());
            a.cut.cmp(&b.cut).then_with(|| b.updates.cmp(&a.updates)).then_with(|| key(a).cmp(&key(b)))
        });
        rows.into_iter().map(|row| Self::of(row, columns, total)).collect()
    }

    fn of(row: FailureRow, columns: &[Column], total: u64) -> Result<Self, Error> {
        let values = [row.key_1, row.key_2, row.key_3];
        let value = |value: String| if row.cut == 1 { OTHER.to_owned() } else { value };
        Ok(Self {
            key: Key(columns.iter().copied().zip(values.map(value)).collect()),
            failures: row.updates,
            percentage: rate(row.updates, total, 1),
            example_message: Some(row.example_message).filter(|message| !message.is_empty()),
            last_seen: instant(row.last_ms)?,
        })
    }

    /// In the order of the columns.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.key.0.iter().map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
impl FailureRow {
    pub fn interval(start: i64, updates: u64) -> Self {
        Self { by_group: 0, start, ..Self::group(false, ["", ""], updates, 0, "") }
    }

    pub fn group(cut: bool, keys: [&str; 2], updates: u64, last_ms: i64, example_message: &str) -> Self {
        let [key_1, key_2] = keys.map(str::to_owned);
        let example_message = example_message.to_owned();
        Self {
            by_group: 1,
            start: 0,
            cut: cut.into(),
            key_1,
            key_2,
            key_3: String::new(),
            updates,
            last_ms,
            example_message,
        }
    }
}
