//! Runs each stage, for `scripts/guard.sh` to count its instructions. Prints how many events are counted.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "what can't be measured ends here")]
#![expect(clippy::print_stdout, reason = "read by the script")]

mod stages;

use stages::Work;

fn main() {
    let work = Work::new();
    stages::event_parse(&work);
    stages::event_read(&work);
    stages::event_read_without_id(&work);
    stages::event_encode(&work);
    stages::kafka_event_parse(&work);
    stages::base64_decode(&work);
    stages::insert(&work);
    stages::ingest(&work);
    stages::ingest_without_id(&work);
    stages::consume(&work);
    println!("{}", work.events());
}
