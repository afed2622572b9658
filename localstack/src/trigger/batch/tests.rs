use super::*;

const WINDOW: Duration = Duration::from_millis(500);

fn pending() -> Pending<i64> {
    Pending::new(Limits { records: 4, bytes: 100, window: WINDOW, ahead: 1 })
}

fn partition(number: i32) -> Partition {
    ("ota-events".to_owned(), number)
}

fn add(pending: &mut Pending<i64>, number: i32, offsets: impl IntoIterator<Item = i64>, now: Instant) {
    for offset in offsets {
        pending.add(&partition(number), offset, 10, offset, now);
    }
}

fn failures(of: &[(i32, i64)]) -> Outcome {
    Outcome::Answered(of.iter().map(|(number, offset)| (format!("ota-events-{number}"), *offset)).collect())
}

fn offsets(pending: &Pending<i64>, batch: &Batch) -> Vec<i64> {
    pending.records(batch).copied().collect()
}

#[test]
fn a_few_records_wait_for_the_window_and_a_full_batch_goes_at_once() {
    let (mut pending, now) = (pending(), Instant::now());
    assert_eq!(pending.due(now), None);
    add(&mut pending, 0, [5], now);
    add(&mut pending, 0, [6], now + WINDOW / 2);
    assert_eq!(pending.due(now), Some(now + WINDOW));
    add(&mut pending, 1, [1, 2], now);
    assert_eq!(pending.due(now), Some(now));
    assert!(!pending.has_room());
}

#[test]
fn bytes_fill_a_batch_and_a_record_beyond_them_goes_alone() {
    let (mut pending, now) = (pending(), Instant::now());
    for (offset, bytes) in [(0, 60), (1, 60), (2, 500), (3, 10)] {
        pending.add(&partition(0), offset, bytes, offset, now);
    }
    for expected in [[0], [1], [2], [3]] {
        let batch = pending.take(now);
        assert_eq!(offsets(&pending, &batch), expected);
        pending.settle(&batch, &failures(&[]), now);
    }
    assert!(pending.take(now).is_empty());
}

#[test]
fn success_commits_the_next_offset_of_each_partition() {
    let (mut pending, now) = (pending(), Instant::now());
    add(&mut pending, 0, [5, 9], now);
    add(&mut pending, 1, [1], now);
    let batch = pending.take(now);
    let mut settled = pending.settle(&batch, &failures(&[]), now);
    settled.commit.sort();
    assert_eq!(settled.commit, [(partition(0), 10), (partition(1), 2)]);
    assert_eq!((settled.pause.len(), settled.resume.len(), settled.again), (0, 0, 0));
    assert_eq!(pending.due(now), None);
}

#[test]
fn nothing_is_committed_past_a_failure_and_the_others_go_on() {
    let (mut pending, now) = (pending(), Instant::now());
    add(&mut pending, 0, [5, 6, 7], now);
    add(&mut pending, 1, [1], now);
    let batch = pending.take(now);
    let mut settled = pending.settle(&batch, &failures(&[(0, 7), (0, 6)]), now);
    settled.commit.sort();
    assert_eq!(settled.commit, [(partition(0), 6), (partition(1), 2)]);
    assert_eq!((settled.pause, settled.again), (vec![partition(0)], 2));

    add(&mut pending, 0, [8], now);
    add(&mut pending, 1, [2], now);
    let batch = pending.take(now);
    assert_eq!(offsets(&pending, &batch), [2], "the failed partition waits");
    pending.settle(&batch, &failures(&[]), now);

    assert_eq!(pending.due(now), Some(now + FIRST_PAUSE));
    let later = now + FIRST_PAUSE;
    let batch = pending.take(later);
    assert_eq!(offsets(&pending, &batch), [6, 7, 8]);
    let settled = pending.settle(&batch, &failures(&[]), later);
    assert_eq!((settled.commit, settled.resume), (vec![(partition(0), 9)], vec![partition(0)]));
}

#[test]
fn a_failed_batch_comes_again_whole_after_longer_and_longer_pauses() {
    let (mut pending, mut now) = (pending(), Instant::now());
    add(&mut pending, 0, [5, 6], now);
    let mut pauses = Vec::new();
    for attempt in 0..12 {
        let batch = pending.take(now);
        assert_eq!(offsets(&pending, &batch), [5, 6]);
        let settled = pending.settle(&batch, &Outcome::Failed, now);
        assert_eq!((settled.commit.len(), settled.pause.len()), (0, usize::from(attempt == 0)));
        let due = pending.due(now).unwrap();
        assert!(pending.take(due - Duration::from_millis(1)).is_empty());
        pauses.push((due - now).as_millis());
        now = due;
    }
    assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000]);
}

#[test]
fn an_answer_about_other_records_is_a_failure_of_all() {
    for wrong in [("ota-events-0", 7), ("ota-events-0", 4), ("ota-events-1", 5), ("elsewhere", 5)] {
        let (mut pending, now) = (pending(), Instant::now());
        add(&mut pending, 0, [5, 6], now);
        let batch = pending.take(now);
        let settled = pending.settle(&batch, &Outcome::Answered(vec![(wrong.0.to_owned(), wrong.1)]), now);
        assert_eq!((settled.commit.len(), settled.again), (0, 2), "{wrong:?}");
    }
}

#[test]
fn a_partition_taken_away_is_neither_committed_nor_tried_again() {
    let (mut pending, now) = (pending(), Instant::now());
    add(&mut pending, 0, [5], now);
    add(&mut pending, 1, [1], now);
    let batch = pending.take(now);
    pending.revoke(&partition(0));
    // It comes back before the handler answers.
    add(&mut pending, 0, [5], now);
    let settled = pending.settle(&batch, &failures(&[(0, 5)]), now);
    assert_eq!((settled.commit, settled.again), (vec![(partition(1), 2)], 0));
    let batch = pending.take(now);
    assert_eq!(offsets(&pending, &batch), [5]);
}

#[test]
fn records_read_twice_are_handled_once() {
    let (mut pending, now) = (pending(), Instant::now());
    add(&mut pending, 0, [5, 6, 5, 6, 7], now);
    let batch = pending.take(now);
    assert_eq!(offsets(&pending, &batch), [5, 6, 7]);
}

#[test]
fn what_is_out_or_failed_does_not_keep_others_from_coming() {
    let (mut pending, now) = (pending(), Instant::now());
    add(&mut pending, 0, 0..4, now);
    assert!(!pending.has_room());
    let batch = pending.take(now);
    assert!(pending.has_room(), "the next batch gathers while this one is out");
    add(&mut pending, 0, 4..8, now);
    assert!(!pending.has_room());
    pending.settle(&batch, &Outcome::Failed, now);
    assert!(pending.has_room());
}

#[test]
fn every_partition_has_its_turn() {
    let (mut pending, now) = (pending(), Instant::now());
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..3 {
        for number in 0..3 {
            add(&mut pending, number, (round * 4)..(round * 4 + 4), now);
        }
        let batch = pending.take(now);
        seen.extend(batch.0.iter().map(|part| part.partition.1));
        pending.settle(&batch, &failures(&[]), now);
    }
    assert_eq!(seen.len(), 3);
}

#[test]
fn batches_are_out_together_and_a_partition_is_in_one_of_them() {
    let now = Instant::now();
    let mut pending = Pending::new(Limits { records: 4, bytes: 100, window: WINDOW, ahead: 2 });
    add(&mut pending, 0, 0..6, now);
    assert!(pending.has_room(), "two batches may be held");
    add(&mut pending, 1, 0..2, now);
    assert!(!pending.has_room());
    let first = pending.take(now);
    assert_eq!(offsets(&pending, &first), [0, 1, 2, 3]);
    let second = pending.take(now);
    assert_eq!(offsets(&pending, &second), [0, 1], "the other partition's");
    assert!(pending.take(now).is_empty());
    assert_eq!(pending.due(now + WINDOW), None, "what is left waits for what is out");

    let settled = pending.settle(&second, &failures(&[]), now);
    assert_eq!(settled.commit, [(partition(1), 2)]);
    let settled = pending.settle(&first, &failures(&[]), now);
    assert_eq!(settled.commit, [(partition(0), 4)]);
    assert_eq!(pending.due(now), Some(now + WINDOW));
    let batch = pending.take(now);
    assert_eq!(offsets(&pending, &batch), [4, 5]);
}
