use super::*;
use crate::testing;

#[test]
fn every_date_is_there() {
    let question = testing::question("from=2025-03-08T12:00:00Z&to=2025-03-11T04:00:00Z&timezone=America/New_York");
    let dates = Starts::of(Interval::Day, question.window, &question.zone, usize::MAX).unwrap();
    let cells = [(ANY_DATE, 5), (0, 3), (2, 4)].map(|(date, active_devices)| Cell { date, active_devices });
    let (totals, daily_breakdown) = fold(&cells, &dates);
    let data = ActiveDevices { totals, daily_breakdown, previous: Some(fold(&[], &dates).0) };
    insta::assert_json_snapshot!(data);
    insta::assert_snapshot!(testing::csv(&data));
    testing::assert_defined(&data, &[definitions::ACTIVE_DEVICES, definitions::PREVIOUS]);
}
