//! Time per event of each stage: `cargo bench -p consumer --bench consumer`. One stage: add its name.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "what can't be measured ends here")]

mod stages;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stages::Work;

type Stage = (&'static str, fn(&Work));

const STAGES: [Stage; 10] = [
    ("event_parse", stages::event_parse),
    ("event_read", stages::event_read),
    ("event_read_without_id", stages::event_read_without_id),
    ("event_encode", stages::event_encode),
    ("kafka_event_parse", stages::kafka_event_parse),
    ("base64_decode", stages::base64_decode),
    ("insert", stages::insert),
    ("ingest", stages::ingest),
    ("ingest_without_id", stages::ingest_without_id),
    ("consume", stages::consume),
];

fn all(criterion: &mut Criterion) {
    let work = Work::new();
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Elements(u64::try_from(work.events()).unwrap()));
    for (name, stage) in STAGES {
        group.bench_function(name, |bencher| bencher.iter(|| stage(&work)));
    }
    group.finish();
}

criterion_group!(benches, all);
criterion_main!(benches);
