//! What becomes of the records of one request: counted down together, so that a record costs no future of its own.

use super::super::SendError;
use super::super::context::Context;
use rdkafka::producer::{DeliveryResult, ProducerContext};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// The records of one request, on their way.
pub(super) struct Deliveries(Arc<Shared>);

struct Shared {
    records: usize,
    /// Records that nothing is known of yet.
    left: AtomicUsize,
    /// Those that failed, by their place.
    failed: Mutex<Vec<(usize, SendError)>>,
    done: Notify,
}

/// A record's place among those of its request. Travels with it through librdkafka.
pub struct Slot {
    request: Arc<Shared>,
    place: usize,
}

impl Deliveries {
    pub(super) fn of(records: usize) -> Self {
        let (left, failed, done) = (AtomicUsize::new(records), Mutex::default(), Notify::new());
        Self(Arc::new(Shared { records, left, failed, done }))
    }

    /// One for each record, in order; each is to be settled.
    pub(super) fn slots(&self) -> impl Iterator<Item = Box<Slot>> {
        (0..self.0.records).map(|place| Box::new(Slot { request: Arc::clone(&self.0), place }))
    }

    /// Waits for all: one result for each record, in order.
    pub(super) async fn settled(self) -> Vec<Result<(), SendError>> {
        while self.0.left.load(Ordering::Acquire) > 0 {
            self.0.done.notified().await;
        }
        let mut results = vec![Ok(()); self.0.records];
        for (place, error) in self.0.failed.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if let Some(result) = results.get_mut(place) {
                *result = Err(error);
            }
        }
        results
    }
}

impl Slot {
    pub(super) fn settle(self, result: Result<(), SendError>) {
        if let Err(error) = result {
            self.request.failed.lock().unwrap_or_else(PoisonError::into_inner).push((self.place, error));
        }
        if self.request.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.request.done.notify_one();
        }
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = Box<Slot>;

    fn delivery(&self, result: &DeliveryResult<'_>, slot: Box<Slot>) {
        slot.settle(result.as_ref().map(drop).map_err(|(error, _)| SendError::from(error)));
    }
}
