//! Three tenants of a thousandfold of devices, made inside the engine and kept for the next run.

mod tenant;

pub use tenant::Tenant;

use crate::{engines::Engines, place::Place, report::progress, sql::Sql};
use anyhow::Context;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const DATABASE: &str = "bench";
const EVENTS: &str = include_str!("sql/events.sql");
const HISTORY_MS: i64 = 31 * 86_400_000;
/// Of each release's attempts, one in so many inserts.
const ATTEMPTS_EACH: u64 = 100_000;
/// What an attempt makes, on average.
const EVENTS_AN_ATTEMPT: u64 = 10;
const RELEASES: u64 = 10;
/// The newest batches, which nothing has merged yet; each has a thousandth of the last release's attempts.
pub const TAIL: u64 = 40;
const TAIL_SHARE: u64 = 1000;
const SETTLED_IN: Duration = Duration::from_secs(180);

/// The data with the engine that has it.
pub struct Dataset {
    pub engines: Engines,
    pub sql: Sql,
    pub config: shared::clickhouse::Config,
    /// The largest first.
    pub tenants: [Tenant; 3],
    pub end: Timestamp,
    releases: u64,
}

/// Written once all is there.
#[derive(Serialize, Deserialize)]
struct Made {
    end_ms: i64,
}

impl Dataset {
    /// The data of an earlier run if it is the same, else made anew, which takes minutes.
    pub async fn open(place: &Place, devices: u64, events: u64) -> anyhow::Result<Self> {
        let releases = (events / devices.max(1) / EVENTS_AN_ATTEMPT).clamp(1, RELEASES);
        let kept = place.results().join("data");
        let folder = kept.join(format!("{}-{devices}-{releases}", checksum(place.root())?));
        let made = folder.join("made.json");
        if !made.exists() {
            // One at a time: they are large.
            let _ = fs::remove_dir_all(&kept);
        }
        fs::create_dir_all(&folder).with_context(|| format!("{} can't be made", folder.display()))?;
        let engines = Engines::over(folder).await?;
        // What a deployment runs daily.
        let config = engines.make_database(DATABASE).await?;
        let sql = Sql::new(&config.url, DATABASE)?;
        let end_ms = match fs::read(&made) {
            Ok(text) => serde_json::from_slice::<Made>(&text)?.end_ms,
            Err(_) => Timestamp::now().as_millisecond(),
        };
        let tenants = [devices, devices / 10, devices / 100].map(Tenant::of);
        let data = Self { engines, sql, config, tenants, end: Timestamp::from_millisecond(end_ms)?, releases };
        if !made.exists() {
            data.make().await?;
            fs::write(&made, serde_json::to_vec(&Made { end_ms })?)?;
        }
        Ok(data)
    }

    async fn make(&self) -> anyhow::Result<()> {
        let largest = self.tenants[0].devices;
        let chunks = (largest / ATTEMPTS_EACH).max(1);
        let (began, total) = (Instant::now(), self.releases * chunks);
        progress(format_args!("  making {} events, kept for later runs", largest * self.releases * EVENTS_AN_ATTEMPT));
        for release in 0..self.releases {
            for chunk in 0..chunks {
                self.insert(&self.sql, release, (chunk, chunks), false).await?;
                // Queues of devices that were offline come two days behind.
                if let Some(earlier) = chunk.checked_sub(3) {
                    self.insert(&self.sql, release, (earlier, chunks), true).await?;
                }
                let (done, seconds) = (release * chunks + chunk + 1, began.elapsed().as_secs_f64());
                progress(format_args!(
                    "  {:>3} % after {seconds:.0} s, {:.0} s to go",
                    done * 100 / total,
                    seconds / done as f64 * (total - done) as f64
                ));
            }
            for earlier in chunks.saturating_sub(3)..chunks {
                self.insert(&self.sql, release, (earlier, chunks), true).await?;
            }
        }
        self.settle().await
    }

    /// A part of a release's attempts, of all tenants as they come together. The tail's stay away.
    async fn insert(&self, sql: &Sql, release: u64, (chunk, chunks): (u64, u64), late: bool) -> anyhow::Result<()> {
        let places = |tenant: &Tenant| {
            let last = release + 1 == self.releases;
            let end = if last { tenant.devices - tenant.devices / TAIL_SHARE * TAIL } else { tenant.devices };
            let (from, to) = (tenant.devices * chunk / chunks, tenant.devices * (chunk + 1) / chunks);
            (from.min(end), to.min(end))
        };
        self.insert_places(sql, release, places, late).await
    }

    /// One of the newest batches, into any database of this engine.
    pub async fn insert_tail(&self, sql: &Sql, batch: u64) -> anyhow::Result<()> {
        let places = |tenant: &Tenant| {
            let each = tenant.devices / TAIL_SHARE;
            let from = tenant.devices - each * (TAIL - batch);
            (from, from + each)
        };
        self.insert_places(sql, self.releases - 1, places, false).await
    }

    async fn insert_places(
        &self,
        sql: &Sql,
        release: u64,
        places: impl Fn(&Tenant) -> (u64, u64),
        late: bool,
    ) -> anyhow::Result<()> {
        let slices = self.tenants.iter().map(|tenant| {
            let (from, to) = places(tenant);
            format!("('{}',{},{release},{from},{})", tenant.name, tenant.devices, to - from)
        });
        let parameters = [
            ("param_slices", format!("[{}]", slices.collect::<Vec<_>>().join(","))),
            ("param_releases", self.releases.to_string()),
            ("param_end_ms", self.end.as_millisecond().to_string()),
            ("param_history_ms", HISTORY_MS.to_string()),
            ("param_late", u8::from(late).to_string()),
        ];
        sql.ask_with(EVENTS, &parameters).await?;
        Ok(())
    }

    /// Waits until the engine merges nothing more by itself.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        let mut quiet = 0;
        while quiet < 4 && began.elapsed() < SETTLED_IN {
            let merging = self.sql.number("SELECT count() FROM system.merges").await?;
            quiet = if merging == 0.0 { quiet + 1 } else { 0 };
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok(())
    }

    /// A database with the schema and nothing in it, in the same engine.
    pub async fn empty(&self, name: &str) -> anyhow::Result<Sql> {
        self.sql.ask(&format!("DROP DATABASE IF EXISTS {name}")).await?;
        self.engines.make_database(name).await?;
        Sql::new(&self.config.url, name)
    }
}

/// Of what decides how the data looks and how it is stored.
fn checksum(root: &Path) -> anyhow::Result<String> {
    let folder = root.join("shared/schema");
    let entries = fs::read_dir(&folder).with_context(|| format!("{} can't be read", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut hash = Sha256::new();
    hash.update(EVENTS);
    for file in files {
        hash.update(fs::read(&file).with_context(|| format!("{} can't be read", file.display()))?);
    }
    Ok(hex::encode(hash.finalize().get(..8).unwrap_or_default()))
}
