use super::*;
use crate::fake::{FakeStore, row};
use std::collections::BTreeSet;

const BUSY: Failure = Failure::Busy { code: 252 };
const BAD_DATA: Failure = Failure::Refused { code: 27 };

fn rows(count: u128) -> Vec<Row<'static>> {
    (0..count).map(row).collect()
}

fn in_a_minute() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn indices(outcomes: &[RowOutcome], wanted: impl Fn(&RowOutcome) -> bool) -> Vec<usize> {
    outcomes.iter().enumerate().filter(|(_, outcome)| wanted(outcome)).map(|(index, _)| index).collect()
}

#[tokio::test(start_paused = true)]
async fn one_insert_for_a_good_batch_and_none_for_an_empty_one() {
    let store = FakeStore::default();
    assert_eq!(store_all(&store, &rows(1_000), in_a_minute()).await, vec![RowOutcome::Stored; 1_000]);
    assert_eq!(store.attempts(), 1);
    assert_eq!(store_all(&store, &[], in_a_minute()).await, []);
    assert_eq!(store.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_waited_for_ever_more_slowly() {
    for failure in [BUSY, Failure::Unreachable, Failure::NotMigrated { code: 60 }] {
        let store = FakeStore::default().failing_first(5, failure);
        let begun = Instant::now();
        assert_eq!(store_all(&store, &rows(3), in_a_minute()).await, vec![RowOutcome::Stored; 3]);
        assert_eq!(begun.elapsed(), Duration::from_millis(100 + 200 + 400 + 800 + 1_600), "{failure:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_in_time_is_to_come_again() {
    let store = FakeStore::default().failing_first(usize::MAX, Failure::Unreachable);
    let begun = Instant::now();
    let outcomes = store_all(&store, &rows(3), begun + Duration::from_secs(20)).await;
    assert_eq!(outcomes, vec![RowOutcome::Unavailable; 3]);
    assert!(begun.elapsed() <= Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(store.attempts() > 5);
}

#[tokio::test(start_paused = true)]
async fn silence_is_given_up_at_the_deadline_and_tried_again_before() {
    let store = FakeStore::default().silent();
    let begun = Instant::now();
    assert_eq!(store_all(&store, &rows(1), begun + Duration::from_secs(70)).await, [RowOutcome::Unavailable]);
    assert!(begun.elapsed() <= Duration::from_secs(70), "{:?}", begun.elapsed());
    assert_eq!(store.attempts(), 3);
}

#[tokio::test(start_paused = true)]
async fn only_the_guilty_rows_are_refused() {
    for guilty in [vec![0], vec![99], vec![41], vec![7, 8], vec![0, 50, 99], (0..100).collect::<Vec<_>>()] {
        let store = FakeStore::default().refusing(guilty.iter().map(|index| *index as u128), BAD_DATA);
        let outcomes = store_all(&store, &rows(100), in_a_minute()).await;
        assert_eq!(indices(&outcomes, |outcome| matches!(outcome, RowOutcome::Refused { .. })), guilty);
        let stored: BTreeSet<u128> = (0..100).filter(|id| !guilty.contains(&(*id as usize))).collect();
        assert_eq!(store.stored(), stored);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_blames_the_deployment_blames_no_row() {
    for code in DEPLOYMENT {
        let store = FakeStore::default().refusing([2], Failure::Refused { code });
        assert_eq!(store_all(&store, &rows(4), in_a_minute()).await, vec![RowOutcome::Unavailable; 4], "{code}");
        assert_eq!(store.attempts(), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_stored_before_the_failure_stays_stored() {
    // The batch is refused, its first half taken, then ClickHouse is gone.
    let store = FakeStore::default().refusing([3], BAD_DATA).failing_from(3, Failure::Unreachable);
    let outcomes = store_all(&store, &rows(4), in_a_minute()).await;
    assert_eq!(indices(&outcomes, |outcome| *outcome == RowOutcome::Stored), [0, 1]);
    assert_eq!(indices(&outcomes, |outcome| *outcome == RowOutcome::Unavailable), [2, 3]);
}
