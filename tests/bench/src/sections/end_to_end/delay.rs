//! From a single event's 202 until a query counts it, beside the load.

use super::serve::Served;
use crate::{figure::median, load::Connection};
use anyhow::{Context, bail};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{interval, sleep},
};

/// A marker each.
const EVERY: Duration = Duration::from_millis(100);
const BETWEEN_POLLS: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Measured {
    pub seconds: Vec<f64>,
    /// What a poll takes: the resolution.
    pub poll_ms: f64,
}

pub async fn measure(served: &Served, share: f64, length: Duration) -> anyhow::Result<Measured> {
    // An organisation of their own, so that a poll reads few rows.
    let org = format!("at-{:.0}", share * 100.0);
    let (told, acknowledged) = unbounded_channel();
    let (sent, seen) = tokio::join!(send(served, &org, length, told), poll(served, &org, acknowledged));
    sent?;
    seen
}

/// Markers at a steady pace; those acknowledged are told with the time of it.
async fn send(
    served: &Served,
    org: &str,
    length: Duration,
    told: UnboundedSender<(String, Instant)>,
) -> anyhow::Result<()> {
    let mut connection = Connection::open(served.address).await?;
    let (began, mut tick) = (Instant::now(), interval(EVERY));
    let mut number = 0;
    while began.elapsed() < length {
        tick.tick().await;
        let device = format!("marker-{number}");
        let body = serde_json::json!({
            "tenant_id": "bench-marker", "org_id": org, "app_id": "marker", "device_id": device,
            "event_type": "update_started", "timestamp": jiff::Timestamp::now().to_string(),
        })
        .to_string();
        let head = format!(
            "POST /events HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let status = connection.exchange((head + &body).as_bytes()).await?;
        if status != 202 {
            bail!("a marker was answered {status}");
        }
        if told.send((device, Instant::now())).is_err() {
            return Ok(());
        }
        number += 1;
    }
    Ok(())
}

async fn poll(
    served: &Served,
    org: &str,
    mut acknowledged: UnboundedReceiver<(String, Instant)>,
) -> anyhow::Result<Measured> {
    let statement =
        format!("SELECT device_id FROM ota_events_raw WHERE tenant_id = 'bench-marker' AND org_id = '{org}'");
    let mut waiting = BTreeMap::new();
    let mut all_sent = false;
    let (mut seconds, mut polls) = (Vec::new(), Vec::new());
    while !all_sent || !waiting.is_empty() {
        all_sent = acknowledged.is_closed();
        while let Ok((device, at)) = acknowledged.try_recv() {
            waiting.insert(device, at);
        }
        let began = Instant::now();
        let seen = served.sql.ask(&statement).await?;
        let now = Instant::now();
        polls.push((now - began).as_secs_f64() * 1000.0);
        for device in seen.lines() {
            if let Some(at) = waiting.remove(device) {
                seconds.push((now - at).as_secs_f64());
            }
        }
        if waiting.values().any(|at| now - *at > PATIENCE) {
            bail!("an event was not visible {} s after its 202", PATIENCE.as_secs());
        }
        sleep(BETWEEN_POLLS).await;
    }
    seconds.first().context("no marker was sent")?;
    Ok(Measured { seconds, poll_ms: median(polls) })
}
