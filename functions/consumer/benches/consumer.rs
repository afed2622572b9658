//! Time per event of each stage: `cargo bench -p consumer --bench consumer`. One stage: add its name.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement that can't be made ends here")]

mod stages;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stages::{STAGES, Work};

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
