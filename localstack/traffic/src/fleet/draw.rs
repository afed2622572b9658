//! Random draws that a seed determines.

use crate::catalogue::Weighted;
use jiff::{SignedDuration, Timestamp};
use rand::{Rng, RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use uuid::Uuid;

pub(super) struct Draw(Xoshiro256PlusPlus);

impl Draw {
    /// Draws for one purpose under a seed, independent of those for another.
    pub(super) fn new(seed: u64, purpose: [u64; 2]) -> Self {
        let mut bytes = [0; 32];
        for (place, word) in bytes.chunks_exact_mut(8).zip([seed, purpose[0], purpose[1], 0x07a_1996]) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        let mut rng = Xoshiro256PlusPlus::from_seed(bytes);
        // Near seeds begin with near states: let them part.
        for _ in 0..16 {
            rng.next_u64();
        }
        Self(rng)
    }

    pub(super) fn chance(&mut self, rate: f64) -> bool {
        self.0.random_bool(rate.clamp(0.0, 1.0))
    }

    /// In `[low, high)`, to three decimals.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        round(low + (high - low) * self.unit())
    }

    /// Around `middle`, skewed as durations and speeds are, to three decimals.
    pub(super) fn around(&mut self, middle: f64) -> f64 {
        // The sum of four uniform draws is close to a normal one.
        let normal = (0..4).map(|_| self.unit()).sum::<f64>() - 2.0;
        round(middle * (0.9 * normal).exp())
    }

    pub(super) fn whole(&mut self, low: u64, high: u64) -> u64 {
        self.0.random_range(low..=high)
    }

    pub(super) fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// From `low` up to `high` seconds, in whole milliseconds.
    pub(super) fn seconds(&mut self, low: f64, high: f64) -> SignedDuration {
        millis(self.between(low, high))
    }

    /// One of the values, by weight.
    #[expect(clippy::indexing_slicing, reason = "the lists are the catalogue's own, and none is empty")]
    pub(super) fn weighted<'a, T>(&mut self, values: &'a [Weighted<T>]) -> &'a T {
        let total: u32 = values.iter().map(|(_, weight)| weight).sum();
        let mut left = self.0.random_range(0..total);
        for (value, weight) in values {
            if left < *weight {
                return value;
            }
            left -= weight;
        }
        &values[0].0
    }

    pub(super) fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.0.random()).into_uuid()
    }
}

/// Seconds as a duration of whole milliseconds.
pub(super) fn millis(seconds: f64) -> SignedDuration {
    SignedDuration::from_millis((seconds * 1000.0) as i64)
}

/// A time that much later, to the millisecond.
pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
