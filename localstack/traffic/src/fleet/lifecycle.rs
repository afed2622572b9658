//! What one device lives through: every release that reaches it, with failures, retries, cancels and rollbacks.

use super::{
    Fleet,
    device::Device,
    draw::{Draw, later, millis},
};
use crate::{
    catalogue::{CANCELLATIONS, FAILURES, ROLLBACKS, Release, Stage},
    event::{Detail, Event, EventType, Failure, Metrics, NetworkInfo},
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;

/// The device's events up to now, in the order they happened.
pub(super) fn history(fleet: &Fleet, device: &Device, draw: &mut Draw) -> Vec<Event> {
    let mut life = Life {
        fleet,
        device,
        draw,
        at: fleet.start(),
        running: device.app.factory_version,
        session: None,
        events: Vec::with_capacity(32),
    };
    // `None` when now is reached: the device is in the middle of something.
    let _ = life.run();
    life.events
}

struct Life<'a> {
    fleet: &'a Fleet,
    device: &'a Device,
    draw: &'a mut Draw,
    at: Timestamp,
    running: &'static str,
    session: Option<Uuid>,
    events: Vec<Event>,
}

enum Outcome {
    Installed,
    Failed,
    Cancelled,
    /// Never heard of again in this matter.
    Stalled,
}

impl Life<'_> {
    fn run(&mut self) -> Option<()> {
        let releases = self.device.app.releases;
        let skipped = releases.len().saturating_sub(self.fleet.releases);
        let rolled_out = releases.len() - skipped;
        for (index, release) in releases.iter().skip(skipped).enumerate() {
            let reached = later(self.fleet.start(), self.rollout(index, rolled_out));
            self.at = reached.max(later(self.at, self.draw.seconds(20.0 * MINUTE, 8.0 * HOUR)));
            self.update(release)?;
        }
        Some(())
    }

    /// When a staged rollout reaches this device: the first twentieth at once, the next fifth slowly, then everyone.
    fn rollout(&mut self, index: usize, releases: usize) -> SignedDuration {
        let period = f64::from(self.fleet.days) * 24.0 * HOUR / releases.max(1) as f64;
        let share = match self.device.rank {
            rank if rank < 0.05 => rank,
            rank if rank < 0.25 => 0.1 + (rank - 0.05) * 1.5,
            rank => 0.4 + (rank - 0.25) * 0.76,
        };
        let checks_in = self.draw.between(0.0, 12.0 * HOUR);
        millis(period * (index as f64 + 0.02 + share) + checks_in)
    }

    fn update(&mut self, release: &Release) -> Option<()> {
        let mut failure_rate = release.failure_rate;
        for attempt in 1..=4 {
            match self.attempt(release, attempt, failure_rate)? {
                Outcome::Installed => {
                    let before = std::mem::replace(&mut self.running, release.version);
                    if self.draw.chance(release.rollback_rate) {
                        self.pass(0.5 * HOUR, 60.0 * HOUR);
                        self.roll_back(before)?;
                        if self.draw.chance(0.35) {
                            self.pass(6.0 * HOUR, 72.0 * HOUR);
                            continue;
                        }
                    }
                    break;
                }
                Outcome::Failed if self.draw.chance(0.6) => self.pass(0.5 * HOUR, 30.0 * HOUR),
                Outcome::Cancelled if self.draw.chance(0.6) => self.pass(4.0 * HOUR, 40.0 * HOUR),
                Outcome::Failed | Outcome::Cancelled | Outcome::Stalled => break,
            }
            failure_rate *= 0.9;
        }
        Some(())
    }

    fn attempt(&mut self, release: &Release, attempt: u32, failure_rate: f64) -> Option<Outcome> {
        self.session = Some(self.draw.uuid());
        let target = release.version;
        let failure = self.draw.chance(failure_rate).then(|| *self.draw.weighted(FAILURES));
        let fails_at = |stage| failure.filter(|(at, _)| *at == stage).map(|(_, failure)| failure);
        self.happens(EventType::UpdateStarted, target, Metrics::default(), Detail::None)?;
        if self.draw.chance(0.035) {
            self.pass(1.0, 5.0 * MINUTE);
            let reason = self.draw.weighted(CANCELLATIONS);
            self.happens(EventType::UpdateCancelled, target, Metrics::default(), Detail::Cancelled(reason))?;
            return Some(Outcome::Cancelled);
        }

        let bandwidth = self.draw.around(self.device.network.bandwidth_mbps).max(0.1);
        let speed = (bandwidth * 650.0).round() / 1000.0;
        let delta = if self.draw.chance(0.3) { 0.22 } else { 1.0 };
        let megabytes = release.package_megabytes * delta;
        let seconds = (megabytes * 8000.0 / speed).round() / 1000.0;
        let downloading = Metrics { download_speed_mbps: Some(speed), ..Metrics::default() };
        for percent in [12, 48, 87].into_iter().take(self.draw.whole(0, 3) as usize) {
            self.pass(seconds * 0.25, seconds * 0.35);
            self.happens(EventType::UpdateDownloading, target, downloading, Detail::Downloading(percent))?;
            if self.draw.chance(0.006) {
                return Some(Outcome::Stalled);
            }
        }
        if let Some(failure) = fails_at(Stage::Download) {
            self.pass(1.0, 3.0 * MINUTE);
            return self.fails(target, failure);
        }
        self.pass(seconds * 0.2, seconds * 0.4);
        let downloaded = Metrics {
            download_duration_seconds: Some(seconds),
            package_size_bytes: Some((megabytes * 1_000_000.0).round()),
            ..downloading
        };
        self.happens(EventType::UpdateDownloaded, target, downloaded, Detail::None)?;
        if let Some(failure) = fails_at(Stage::Verify) {
            self.pass(0.5, 9.0);
            return self.fails(target, failure);
        }
        self.pass(2.0, 20.0 * MINUTE);
        let seconds = self.draw.around(25.0 + release.package_megabytes * 0.6);
        for percent in [5, 60].into_iter().take(self.draw.whole(1, 2) as usize) {
            self.happens(EventType::UpdateInstalling, target, Metrics::default(), Detail::Installing(percent))?;
            self.pass(seconds * 0.4, seconds * 0.6);
        }
        if let Some(failure) = fails_at(Stage::Install) {
            return self.fails(target, failure);
        }
        let installed = Metrics { install_duration_seconds: Some(seconds), ..Metrics::default() };
        let detail = Detail::Installed { boot_seconds: self.draw.around(14.0), attempts: attempt };
        self.happens(EventType::UpdateInstalled, target, installed, detail)?;
        Some(Outcome::Installed)
    }

    fn fails(&mut self, target: &'static str, failure: Failure) -> Option<Outcome> {
        self.happens(EventType::UpdateFailed, target, Metrics::default(), Detail::None)?;
        if !self.draw.chance(self.fleet.sparse_rate)
            && let Some(event) = self.events.last_mut()
        {
            event.failure = Some(failure);
        }
        Some(Outcome::Failed)
    }

    fn roll_back(&mut self, to: &'static str) -> Option<()> {
        self.session = Some(self.draw.uuid());
        let reason = self.draw.weighted(ROLLBACKS);
        let seconds = self.draw.around(48.0);
        self.happens(EventType::RollbackStarted, to, Metrics::default(), Detail::RollbackStarted(reason))?;
        self.pass(seconds, seconds + 1.0);
        if self.draw.chance(0.95) {
            self.happens(EventType::RollbackCompleted, to, Metrics::default(), Detail::RollbackCompleted(seconds))?;
            self.running = to;
        }
        Some(())
    }

    fn pass(&mut self, low: f64, high: f64) {
        self.at = later(self.at, self.draw.seconds(low, high));
    }

    /// Something happens now, on the way to `target`. `None` if now is in the future.
    fn happens(&mut self, event_type: EventType, target: &'static str, metrics: Metrics, detail: Detail) -> Option<()> {
        self.keep_clear();
        if self.at > self.fleet.now {
            return None;
        }
        let device = self.device;
        let sparse = self.fleet.sparse_rate;
        let names_release = !self.draw.chance(sparse);
        let event = Event {
            event_id: device.gives_ids.then(|| self.draw.uuid()),
            tenant_id: device.app.tenant_id,
            org_id: device.app.org_id,
            app_id: device.app.app_id,
            device_id: device.device_id.clone(),
            session_id: self.session.filter(|_| event_type != EventType::UpdateCancelled),
            event_type,
            at: self.at,
            clock_ahead: device.clock_ahead,
            offset: device.offset,
            dialect: device.dialect,
            device: (!self.draw.chance(sparse)).then_some(device.info),
            network: self.network(event_type),
            current_version: names_release.then_some(self.running),
            target_version: names_release.then_some(target),
            metrics: Metrics {
                battery_level: (event_type == EventType::UpdateInstalling).then(|| self.draw.whole(20, 100) as u8),
                storage_available_mb: (event_type == EventType::UpdateStarted)
                    .then(|| self.draw.whole(96, 48_000) as u32),
                ..metrics
            },
            failure: None,
            detail,
        };
        self.events.push(event);
        self.at = later(self.at, SignedDuration::from_millis(1 + self.draw.whole(0, 900) as i64));
        Some(())
    }

    fn network(&mut self, event_type: EventType) -> Option<NetworkInfo> {
        let speaks = matches!(event_type, EventType::UpdateStarted | EventType::UpdateDownloading);
        speaks.then(|| NetworkInfo {
            connection_type: self.device.network.connection_type,
            bandwidth_mbps: self.draw.around(self.device.network.bandwidth_mbps),
        })
    }

    /// The system knows the event time of a wrong clock only up to the time that sending takes. So that everything
    /// counted is still certain, such a device's events are half a minute apart and not just before an hour's end.
    fn keep_clear(&mut self) {
        if self.device.clock_ahead.is_zero() {
            return;
        }
        if let Some(last) = self.events.last() {
            self.at = self.at.max(later(last.at, SignedDuration::from_secs(30)));
        }
        let left_of_hour = 3600 - self.at.as_second().rem_euclid(3600);
        if left_of_hour <= 300 {
            self.at = later(self.at, SignedDuration::from_secs(left_of_hour));
        }
    }
}
