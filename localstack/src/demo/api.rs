//! The client's side of the API: what the demo asks, and the answers as the contract shapes them.

mod answers;

pub(super) use answers::{ActiveDevices, Adoption, Failures, Measured, Meta, Performance, Versions};

use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;

/// Asks one system about one tenant.
pub(super) struct Api {
    client: reqwest::Client,
    base_url: String,
}

/// A question that has no usable answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    #[error("GET {path} can't be asked")]
    Unreachable { path: String, source: reqwest::Error },
    #[error("GET {path} answered {status}: {body}")]
    Refused { path: String, status: reqwest::StatusCode, body: String },
    #[error("GET {path} answered something else than it should")]
    Unreadable { path: String, source: serde_json::Error },
}

/// `{"data":…,"meta":…}`
#[derive(Debug, Deserialize)]
pub(super) struct Answer<T> {
    pub(super) data: T,
    pub(super) meta: Meta,
}

/// The five answers about a tenant, each with the path that was asked.
#[derive(Debug)]
pub(super) struct Five {
    pub(super) adoption: Asked<Adoption>,
    pub(super) versions: Asked<Versions>,
    pub(super) active_devices: Asked<ActiveDevices>,
    pub(super) failures: Asked<Failures>,
    pub(super) performance: Asked<Performance>,
}

#[derive(Debug)]
pub(super) struct Asked<T> {
    pub(super) path: String,
    pub(super) answer: Answer<T>,
}

impl Api {
    pub(super) fn new(base_url: &str) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { client, base_url: base_url.trim_end_matches('/').to_owned() })
    }

    /// Asks all five endpoints about the last 30 days.
    pub(super) async fn five(&self, tenant_id: &str) -> Result<Five, AskError> {
        let path = |endpoint: &str| format!("/analytics/{endpoint}?tenant_id={tenant_id}&days=30");
        Ok(Five {
            adoption: self.ask(path("adoption")).await?,
            versions: self.ask(path("versions")).await?,
            active_devices: self.ask(path("active-devices")).await?,
            failures: self.ask(path("failures")).await?,
            performance: self.ask(path("performance")).await?,
        })
    }

    /// Records in Kafka that the consumer has yet to commit, by `GET /health`; `None` while that isn't known.
    pub(super) async fn consumer_lag(&self) -> Result<Option<u64>, AskError> {
        #[derive(Deserialize)]
        struct Health {
            services: Services,
        }
        #[derive(Deserialize)]
        struct Services {
            kafka: Kafka,
        }
        #[derive(Deserialize)]
        struct Kafka {
            consumer_lag: Option<u64>,
        }
        let path = "/health".to_owned();
        // Its 503 has the same body.
        let (_, body) = self.get(&path).await?;
        let health: Health = serde_json::from_str(&body).map_err(|source| AskError::Unreadable { path, source })?;
        Ok(health.services.kafka.consumer_lag)
    }

    async fn ask<T: DeserializeOwned>(&self, path: String) -> Result<Asked<T>, AskError> {
        let (status, body) = self.get(&path).await?;
        if !status.is_success() {
            return Err(AskError::Refused { path, status, body });
        }
        match serde_json::from_str(&body) {
            Ok(answer) => Ok(Asked { path, answer }),
            Err(source) => Err(AskError::Unreadable { path, source }),
        }
    }

    async fn get(&self, path: &str) -> Result<(reqwest::StatusCode, String), AskError> {
        let unreachable = |source| AskError::Unreachable { path: path.to_owned(), source };
        let response = self.client.get(format!("{}{path}", self.base_url)).send().await.map_err(unreachable)?;
        let status = response.status();
        Ok((status, response.text().await.map_err(unreachable)?))
    }
}
