//! Processor time per event of each stage: `cargo bench -p consumer --bench consumer`. One stage: add `-- NAME`.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "what can't be measured ends here")]

mod stages;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use nix::time::{ClockId, clock_gettime};
use stages::Work;
use std::time::Duration;

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

/// What the process took of the processor: what others on the machine take doesn't count.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap().into()
    }

    fn end(&self, start: Duration) -> Duration {
        self.start() - start
    }

    fn add(&self, left: &Duration, right: &Duration) -> Duration {
        *left + *right
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, time: &Duration) -> f64 {
        WallTime.to_f64(time)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn all(criterion: &mut Criterion<CpuTime>) {
    let work = Work::new();
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Elements(u64::try_from(work.events()).unwrap()));
    for (name, stage) in STAGES {
        group.bench_function(name, |bencher| bencher.iter(|| stage(&work)));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
    targets = all
}
criterion_main!(benches);
