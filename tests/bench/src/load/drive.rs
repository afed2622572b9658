//! Sending for a while, as fast as answers come or at a fixed rate.

use super::{Connection, Fresh, Template};
use anyhow::{Context, bail};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// What is sent, where, over how many connections.
#[derive(Clone)]
pub struct Load {
    pub address: SocketAddr,
    pub templates: Arc<[Template]>,
    pub connections: usize,
    /// Counts events over several drives, so that no id comes twice.
    pub serial: Arc<AtomicU64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// The next request of a connection follows the answer.
    Closed,
    /// So many requests a second are due, whatever the answers do.
    Open(f64),
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Acknowledged.
    pub events: u64,
    pub requests: u64,
    /// Answers other than 202.
    pub refused: u64,
    pub seconds: f64,
    /// Milliseconds, one a request.
    pub latencies: Vec<f64>,
}

impl Outcome {
    pub fn events_per_second(&self) -> f64 {
        self.events as f64 / self.seconds
    }

    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.requests += other.requests;
        self.refused += other.refused;
        self.latencies.extend(other.latencies);
    }
}

impl Load {
    pub fn new(address: SocketAddr, templates: Vec<Template>, connections: usize) -> Self {
        Self { address, templates: templates.into(), connections, serial: Arc::default() }
    }

    /// The same over another number of connections.
    pub fn over(&self, connections: usize) -> Self {
        Self { connections, ..self.clone() }
    }

    /// Sends for so long, on a thread of its own.
    pub async fn drive(&self, pace: Pace, length: Duration) -> anyhow::Result<Outcome> {
        let load = self.clone();
        let driven = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(load.run(pace, length))
        });
        let outcome = driven.await.context("the generator's thread")??;
        if outcome.events == 0 {
            bail!("nothing was acknowledged: {} answers other than 202", outcome.refused);
        }
        Ok(outcome)
    }

    async fn run(self, pace: Pace, length: Duration) -> anyhow::Result<Outcome> {
        let mut connections = Vec::with_capacity(self.connections);
        for _ in 0..self.connections {
            connections.push(Connection::open(self.address).await?);
        }
        let turn = Arc::new(AtomicU64::new(0));
        let began = Instant::now();
        let mut senders = JoinSet::new();
        for connection in connections {
            senders.spawn(self.clone().send(connection, pace, Arc::clone(&turn), began, length));
        }
        let mut outcome = Outcome::default();
        while let Some(sent) = senders.join_next().await {
            outcome.add(sent.context("a sender")??);
        }
        outcome.seconds = began.elapsed().as_secs_f64();
        Ok(outcome)
    }

    async fn send(
        self,
        mut connection: Connection,
        pace: Pace,
        turn: Arc<AtomicU64>,
        began: Instant,
        length: Duration,
    ) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut request = Vec::new();
        let rounds = self.templates.len().max(1) as u64;
        loop {
            let place = turn.fetch_add(1, Ordering::Relaxed);
            let due = match pace {
                Pace::Closed => began.elapsed(),
                Pace::Open(per_second) => Duration::from_secs_f64(place as f64 / per_second),
            };
            if due >= length {
                return Ok(outcome);
            }
            if pace != Pace::Closed {
                tokio::time::sleep_until((began + due).into()).await;
            }
            let template = self.templates.get((place % rounds) as usize).context("no requests were made")?;
            let serial = self.serial.fetch_add(template.events as u64, Ordering::Relaxed);
            // A drive begins anew with the templates, but not with the devices.
            template.write(&mut request, Fresh { serial, round: serial / (rounds * template.events as u64) });
            let status = connection.exchange(&request).await?;
            outcome.requests += 1;
            outcome.latencies.push((began.elapsed() - due).as_secs_f64() * 1000.0);
            if status == 202 {
                outcome.events += template.events as u64;
            } else {
                outcome.refused += 1;
            }
        }
    }
}
