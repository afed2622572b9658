//! Reading from ClickHouse: bounded in time, and once more where a connection was dead.

use crate::error::Error;
use clickhouse::{Client, RowOwned, RowRead, error::Error as ClickHouseError, query::Query};
use std::{future::Future, time::Duration};

/// An answer's time, below the gateway's 30 s.
const DEADLINE: Duration = Duration::from_secs(25);
const MAX_EXECUTION_TIME: &str = "max_execution_time";

#[derive(Clone)]
pub struct Store {
    client: Client,
}

impl Store {
    pub fn new(client: Client) -> Self {
        let client = if client.get_setting(MAX_EXECUTION_TIME).is_some() {
            client
        } else {
            client.with_setting(MAX_EXECUTION_TIME, DEADLINE.as_secs().to_string())
        };
        Self { client }
    }

    pub fn query(&self, sql: &str) -> Query {
        self.client.query(sql)
    }
}

/// All rows. A pooled connection may have died while the process was frozen: one more try on a new one.
pub async fn rows<T: RowOwned + RowRead>(query: Query) -> Result<Vec<T>, Error> {
    match query.clone().fetch_all().await {
        Err(ClickHouseError::Network(error)) => {
            tracing::debug!(%error, "asking again");
            Ok(query.fetch_all().await?)
        }
        result => Ok(result?),
    }
}

/// The only row.
pub async fn row<T: RowOwned + RowRead>(query: Query) -> Result<T, Error> {
    rows(query).await?.pop().ok_or(Error::Row("none"))
}

/// The answer, unless it takes too long.
pub async fn in_time<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout(DEADLINE, answer).await.unwrap_or(Err(Error::TooSlow))
}
