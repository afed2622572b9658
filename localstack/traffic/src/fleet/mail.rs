//! From what happened to what is sent: queues, jitter, repeats, batches.

use super::{
    Fleet,
    device::Device,
    draw::{Draw, later},
};
use crate::{
    catalogue::Weighted,
    delivery::{Delivery, Encoding, Framing},
    event::Event,
};
use jiff::Timestamp;
use std::sync::Arc;

const FRAMINGS: &[Weighted<Framing>] = &[(Framing::Object, 4), (Framing::Array, 3), (Framing::Ndjson, 3)];

/// The events of a cohort, each with the time it is sent.
pub(super) struct Mail<'a> {
    fleet: &'a Fleet,
    letters: Vec<(Timestamp, Arc<Event>)>,
}

impl<'a> Mail<'a> {
    pub(super) fn new(fleet: &'a Fleet) -> Self {
        Self { fleet, letters: Vec::new() }
    }

    pub(super) fn post(&mut self, device: &Device, history: Vec<Event>, draw: &mut Draw) {
        for event in history {
            let event = Arc::new(event);
            let wait = if draw.chance(0.1) { 180.0 } else { 6.0 };
            let mut sent = later(event.at, draw.seconds(0.1, wait));
            if let Some((_, until)) = device.offline.filter(|(from, until)| (*from..*until).contains(&sent)) {
                sent = later(until, draw.seconds(0.0, 2.0));
            }
            if draw.chance(self.fleet.duplicate_rate) {
                self.letters.push((later(sent, draw.seconds(0.0, 7200.0)), event.clone()));
            }
            self.letters.push((sent, event));
        }
    }

    /// Everything in the order of sending, cut into requests, some of which come twice.
    pub(super) fn deliveries(mut self, draw: &mut Draw) -> Vec<Delivery> {
        self.letters.sort_by_key(|(sent, _)| *sent);
        let largest = self.fleet.batch.max(1) as u64;
        let mut deliveries = Vec::new();
        let mut batch = Vec::new();
        let mut size = draw.whole(largest.div_ceil(2), largest) as usize;
        for (_, event) in self.letters {
            if draw.chance(self.fleet.single_rate) {
                deliveries.push(Delivery {
                    framing: Framing::Single,
                    encoding: Encoding::Identity,
                    events: vec![event],
                });
                continue;
            }
            batch.push(event);
            if batch.len() >= size {
                deliveries.push(batched(std::mem::take(&mut batch), draw));
                size = draw.whole(largest.div_ceil(2), largest) as usize;
            }
        }
        if !batch.is_empty() {
            deliveries.push(batched(batch, draw));
        }
        repeat_some(deliveries, self.fleet.duplicate_rate, draw)
    }
}

fn batched(events: Vec<Arc<Event>>, draw: &mut Draw) -> Delivery {
    let encoding = if draw.chance(0.35) { Encoding::Gzip } else { Encoding::Identity };
    Delivery { framing: *draw.weighted(FRAMINGS), encoding, events }
}

/// A client that didn't see the answer sends its request again, a few requests later.
fn repeat_some(deliveries: Vec<Delivery>, rate: f64, draw: &mut Draw) -> Vec<Delivery> {
    let mut placed = Vec::with_capacity(deliveries.len());
    for (place, delivery) in deliveries.into_iter().enumerate() {
        if draw.chance(rate) {
            placed.push((place as u64 + draw.whole(1, 4), delivery.clone()));
        }
        placed.push((place as u64, delivery));
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, delivery)| delivery).collect()
}
