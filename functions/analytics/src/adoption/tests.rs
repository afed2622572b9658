use super::*;
use crate::testing;

const HOUR: i64 = 3_600_000;

fn cell(quarter: i64, installs: u64, failures: u64) -> Cell {
    Cell { quarter, installs, failures }
}

#[test]
fn all_sums_come_from_the_same_rows() {
    let question = testing::question("from=2025-06-01T00:00:00Z&to=2025-06-01T03:00:00Z&timezone=Asia/Kathmandu");
    let starts = testing::starts(&question);
    // Kathmandu's hours begin at a quarter past: one of UTC is in two of them.
    let [at, ..] = starts.to_ms()[..] else { panic!("an interval") };
    let first = question.window.start_ms();
    let cells = [cell(first, 2, 1), cell(at + HOUR, 3, 0), cell(first + 2 * HOUR, 0, 1)];
    let data = Adoption {
        totals: Totals::of(&cells, Some(Adopters { active_devices: 3, adopted_devices: 1 })),
        hourly_installs: hours(&cells).unwrap(),
        trend: trend(&cells, &starts, &question),
        previous: Some(Totals::of(&[], None)),
    };
    insta::assert_json_snapshot!(data);
    insta::assert_snapshot!(testing::csv(&data));
    testing::assert_defined(&data, &[definitions::ADOPTION, definitions::PREVIOUS]);
}
