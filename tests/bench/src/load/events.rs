//! Events of the simulated fleet, as devices send them.

use jiff::Timestamp;
use std::sync::Arc;
use traffic::{Delivery, Encoding, Event, Fleet, Framing, Size};

/// Events in the order of sending. They are of the last two days, as live traffic is, with a few that come days late.
pub struct Events(Vec<Arc<Event>>);

impl Events {
    /// So many, each with an id of its own.
    pub fn of_fleet(number: usize) -> Self {
        let fleet = Fleet {
            days: 2,
            single_rate: 0.0,
            duplicate_rate: 0.0,
            ..Fleet::new(7, Size::Events(number as u64 * 11 / 10 + 1000), Timestamp::now())
        };
        let events = fleet.deliveries().flat_map(|delivery| delivery.events);
        Self(events.filter(|event| event.event_id.is_some()).take(number).collect())
    }

    /// Requests of that many events each: path, headers and body. What is left over makes none.
    pub fn deliveries(&self, batch: usize, encoding: Encoding) -> impl Iterator<Item = Delivery> {
        let framing = if batch == 1 { Framing::Single } else { Framing::Object };
        let chunks = self.0.chunks_exact(batch.max(1));
        chunks.map(move |events| Delivery { framing, encoding, events: events.to_vec() })
    }

    /// Each event's own JSON.
    pub fn values(&self) -> anyhow::Result<Vec<(Arc<Event>, Vec<u8>)>> {
        let now = Timestamp::now();
        let single = |event: &Arc<Event>| {
            let events = vec![Arc::clone(event)];
            let delivery = Delivery { framing: Framing::Single, encoding: Encoding::Identity, events };
            anyhow::Ok((Arc::clone(event), delivery.body(now)?))
        };
        self.0.iter().map(single).collect()
    }
}
