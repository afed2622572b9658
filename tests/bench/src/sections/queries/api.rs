//! The analytics function over the data, served twice: once as it is, once with what it reads counted on the way.

use crate::{
    dataset::Dataset,
    roles::{Counter, counting},
    sql::Read,
};
use analytics::App;
use anyhow::{Context, bail};
use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};

pub struct Api {
    client: reqwest::Client,
    direct: Served,
    counted: Served,
    _proxy: Served,
    counter: Counter,
}

/// Ends with its owner.
struct Served {
    url: String,
    task: JoinHandle<()>,
}

impl Served {
    async fn start(router: Router) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no port to listen on")?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = async move {
            if let Err(error) = axum::serve(listener, router).await {
                crate::report::progress(format_args!("  a server of ours ended: {error}"));
            }
        };
        Ok(Self { url, task: tokio::spawn(serving) })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Api {
    pub async fn serve(data: &Dataset) -> anyhow::Result<Self> {
        let counter = Counter::default();
        let proxy = Served::start(counting(data.config.url.clone(), counter.clone())).await?;
        let behind = shared::clickhouse::Config { url: proxy.url.clone(), ..data.config.clone() };
        Ok(Self {
            client: reqwest::Client::new(),
            direct: Served::start(analytics::router(App::new(data.config.client()))).await?,
            counted: Served::start(analytics::router(App::new(behind.client()))).await?,
            _proxy: proxy,
            counter,
        })
    }

    /// Asks; anything but a 200 is an error.
    pub async fn ask(&self, target: &str) -> anyhow::Result<()> {
        let response = self.client.get(format!("{}{target}", self.direct.url)).send().await?;
        let status = response.status();
        let body = response.bytes().await?;
        if !status.is_success() {
            bail!("{target} answered {status}: {:.200}", String::from_utf8_lossy(&body));
        }
        Ok(())
    }

    /// Asks once through the counter: status, what ClickHouse read for it, body.
    pub async fn counted(&self, target: &str) -> anyhow::Result<(u16, Read, String)> {
        self.counter.take();
        let response = self.client.get(format!("{}{target}", self.counted.url)).send().await?;
        let status = response.status().as_u16();
        let body = response.text().await?;
        Ok((status, self.counter.take(), body))
    }
}
