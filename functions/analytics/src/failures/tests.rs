use super::*;
use crate::testing;
use rstest::rstest;

#[test]
fn failures_by_group_and_interval() {
    let question = testing::question("from=2025-06-01T00:00:00Z&to=2025-06-03T00:00:00Z&interval=day");
    let starts = testing::starts(&question);
    let [first, second] = starts.to_ms()[..] else { panic!("two days") };
    let rows = Rows {
        failures: vec![
            FailureRow::group(true, ["", ""], 2, first + 5, ""),
            FailureRow::group(false, ["E2", "iOS"], 3, second, "disk full"),
            FailureRow::group(false, ["E1", "unknown"], 3, second + 7, ""),
            FailureRow::interval(first, 2),
            FailureRow::interval(second, 6),
        ],
        successful_updates: 24,
        rollbacks: vec![RollbackRow { start: second, rollbacks: 3 }],
        events: 11,
    };
    let columns = vec![Column::ErrorCode, Column::DeviceOs];
    let totals = Totals::of(&rows);
    let trend = trend(&rows, &starts, &question);
    let failures = Group::list(rows.failures, &columns, totals.total_failures).unwrap();
    let data = Failures { totals, failures, trend, columns, previous: None };
    insta::assert_json_snapshot!(data);
    insta::assert_snapshot!(testing::csv(&data));
    testing::assert_defined(&data, &[definitions::FAILURES]);
}

#[rstest]
#[case("", Some(&[Column::ErrorCode][..]))]
#[case("group_by=device_os", Some(&[Column::DeviceOs][..]))]
#[case("group_by=app_id,target_version,failure_stage", Some(&[Column::AppId, Column::TargetVersion, Column::FailureStage][..]))]
#[case("group_by=app_id,target_version,failure_stage,device_os", None)]
#[case("group_by=app_id,app_id", None)]
#[case("group_by=app_id,", None)]
#[case("group_by=tenant_id", None)]
#[case("group_by=", None)]
fn up_to_three_columns(#[case] query: &str, #[case] expected: Option<&[Column]>) {
    let mut params = Params::read(Some(query), &["group_by"]);
    let columns = columns(&mut params);
    assert_eq!(params.finish(columns).ok().as_deref(), expected);
}
