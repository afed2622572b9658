//! Runs each stage once, for `scripts/guard.sh` to count its instructions. Prints how many events a stage is.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement that can't be made ends here")]
#![expect(clippy::print_stdout, reason = "read by the script")]

mod stages;

use stages::{STAGES, Work};

fn main() {
    let work = Work::new();
    // What is made once a process is not counted.
    STAGES.iter().for_each(|(_, stage)| stage(&work));
    println!("{}", work.events());
}
