//! Which part of a window comes from the half-day rollup, and which from the events.

use crate::question::Window;
use clickhouse::query::Query;

pub const HALF_DAY_MS: i64 = 43_200_000;

/// A window as whole half-days (12 h from the epoch) between the two parts that are less. What is absent is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edges {
    first_halfday: i64,
    end_halfday: i64,
    /// The part before the half-days ends here; it begins with the window.
    head_end_ms: i64,
    /// The part after them begins here; it ends with the window.
    tail_start_ms: i64,
}

impl Edges {
    pub fn of(window: Window) -> Self {
        let first_halfday = (window.start_ms() + HALF_DAY_MS - 1).div_euclid(HALF_DAY_MS);
        let end_halfday = window.end_ms().div_euclid(HALF_DAY_MS);
        if first_halfday > end_halfday {
            // Within one half-day.
            let to = window.end_ms();
            return Self { first_halfday, end_halfday: first_halfday, head_end_ms: to, tail_start_ms: to };
        }
        Self {
            first_halfday,
            end_halfday,
            head_end_ms: first_halfday * HALF_DAY_MS,
            tail_start_ms: end_halfday * HALF_DAY_MS,
        }
    }

    pub fn bind(&self, query: Query) -> Query {
        query
            .param("first_halfday", self.first_halfday)
            .param("end_halfday", self.end_halfday)
            .param("head_end", self.head_end_ms)
            .param("tail_start", self.tail_start_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const H: i64 = HALF_DAY_MS;
    const Q: i64 = 900_000;

    #[rstest]
    #[case::on_borders(2 * H, 4 * H, 2, 4, 2 * H, 4 * H)]
    #[case::cut_at_both(2 * H + Q, 4 * H + Q, 3, 4, 3 * H, 4 * H)]
    #[case::across_one_border(2 * H - Q, 2 * H + Q, 2, 2, 2 * H, 2 * H)]
    #[case::within_one(2 * H + Q, 2 * H + 3 * Q, 3, 3, 2 * H + 3 * Q, 2 * H + 3 * Q)]
    #[case::within_one_to_its_end(2 * H + Q, 3 * H, 3, 3, 3 * H, 3 * H)]
    #[case::within_one_from_its_start(2 * H, 2 * H + Q, 2, 2, 2 * H, 2 * H)]
    fn every_instant_is_in_one_part(
        #[case] from: i64,
        #[case] to: i64,
        #[case] first_halfday: i64,
        #[case] end_halfday: i64,
        #[case] head_end_ms: i64,
        #[case] tail_start_ms: i64,
    ) {
        let edges = Edges::of(Window::widened(from, to));
        assert_eq!(edges, Edges { first_halfday, end_halfday, head_end_ms, tail_start_ms });
        let lengths = (head_end_ms - from) + (end_halfday - first_halfday) * H + (to - tail_start_ms);
        assert_eq!(lengths, to - from);
    }
}
