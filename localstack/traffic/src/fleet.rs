//! The fleet's traffic: which devices there are, what they live through, and in which deliveries they send it.
//!
//! Devices are made in cohorts, so that millions of events need little memory. Within a cohort deliveries go by the
//! time of sending; a fleet smaller than a cohort is sent as if in order of time altogether.

mod device;
mod draw;
mod lifecycle;
mod mail;

use crate::{catalogue::TENANTS, delivery::Delivery};
use device::Device;
use draw::Draw;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// What traffic to make. The same values give the same deliveries.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    pub seed: u64,
    pub size: Size,
    /// The end of the history; no event lies after it.
    pub now: Timestamp,
    /// The length of the history.
    pub days: u32,
    /// How many releases of each app are rolled out in that time, at most.
    pub releases: usize,
    /// Devices whose deliveries are put in order together.
    pub cohort: usize,
    /// The largest batch; sizes vary between half of it and this.
    pub batch: usize,
    /// Share of the events that are sent alone, by `POST /events`.
    pub single_rate: f64,
    /// Share of the events that are sent again, and of the deliveries that are sent again whole.
    pub duplicate_rate: f64,
    /// Share of the devices that are offline for days and send their queue late.
    pub late_rate: f64,
    /// Share of the devices with a wrong clock.
    pub skew_rate: f64,
    /// Share of the events that say nothing about the device, and of those that say nothing about the release.
    pub sparse_rate: f64,
}

/// How much traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Devices(u64),
    /// Distinct events; the device that reaches the number is the last one, so it is passed by a few at most.
    Events(u64),
}

impl Fleet {
    /// A fleet with the usual troubles, over the three weeks until `now`, which is truncated to the millisecond.
    #[must_use]
    pub fn new(seed: u64, size: Size, now: Timestamp) -> Self {
        Self {
            seed,
            size,
            // To the millisecond, as events are.
            now: Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now),
            days: 21,
            releases: 4,
            cohort: 4096,
            batch: 500,
            single_rate: 0.015,
            duplicate_rate: 0.03,
            late_rate: 0.06,
            skew_rate: 0.02,
            sparse_rate: 0.01,
        }
    }

    /// The tenants that the fleet's devices belong to, the biggest first.
    #[must_use]
    pub fn tenants() -> &'static [&'static str] {
        TENANTS
    }

    /// The traffic in the order of sending, made as it is asked for.
    #[must_use]
    pub fn deliveries(&self) -> Deliveries {
        Deliveries { fleet: self.clone(), devices: 0, events: 0, ready: VecDeque::new() }
    }

    fn is_complete(&self, devices: u64, events: u64) -> bool {
        match self.size {
            Size::Devices(wanted) => devices >= wanted,
            Size::Events(wanted) => events >= wanted,
        }
    }

    /// When the history begins.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.now.saturating_sub(SignedDuration::from_hours(24 * i64::from(self.days))).unwrap_or(self.now)
    }
}

/// An iterator over a fleet's deliveries.
#[derive(Debug)]
pub struct Deliveries {
    fleet: Fleet,
    /// Made so far.
    devices: u64,
    events: u64,
    ready: VecDeque<Delivery>,
}

impl Deliveries {
    /// Devices whose traffic was made so far.
    #[must_use]
    pub fn devices(&self) -> u64 {
        self.devices
    }

    fn next_cohort(&mut self) {
        let mut draw = Draw::new(self.fleet.seed, [u64::MAX, self.devices]);
        let mut mail = mail::Mail::new(&self.fleet);
        for _ in 0..self.fleet.cohort {
            if self.fleet.is_complete(self.devices, self.events) {
                break;
            }
            let mut own = Draw::new(self.fleet.seed, [0, self.devices]);
            let device = Device::new(&self.fleet, self.devices, &mut own);
            let history = lifecycle::history(&self.fleet, &device, &mut own);
            self.devices += 1;
            self.events += history.len() as u64;
            mail.post(&device, history, &mut draw);
        }
        self.ready.extend(mail.deliveries(&mut draw));
    }
}

impl Iterator for Deliveries {
    type Item = Delivery;

    fn next(&mut self) -> Option<Delivery> {
        while self.ready.is_empty() && !self.fleet.is_complete(self.devices, self.events) {
            self.next_cohort();
        }
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests;
