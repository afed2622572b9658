use super::*;
use crate::testing;

#[test]
fn metrics_by_interval_and_group() {
    let question = testing::question("from=2025-06-01T00:00:00Z&to=2025-06-03T00:00:00Z&interval=day");
    let starts = testing::starts(&question);
    let [first, second] = starts.to_ms()[..] else { panic!("two days") };
    let row = |overall, start, metric, count, avg: f64| TrendRow {
        overall,
        start,
        metric,
        count,
        avg,
        quantiles: vec![avg - 1.0, avg + 1.000_499, avg + 1.000_5],
    };
    let rows = [row(1, 0, 1, 3, 20.0), row(0, first, 1, 2, 22.0), row(0, second, 1, 1, 16.0), row(1, 0, 4, 1, 5e7)];
    let group = |cut, key: &str, metric, updates, count| GroupRow {
        cut,
        key: key.to_owned(),
        metric,
        updates,
        count,
        avg: 1.0 / 3.0,
        quantiles: vec![0.25, 0.5, 0.75],
    };
    let group_rows =
        vec![group(1, "", 1, 9, 9), group(0, "b", 1, 2, 2), group(0, "b", 2, 1, 3), group(0, "a", 4, 3, 3)];
    let data = Performance {
        metrics: overall(&rows).unwrap(),
        trend: trend(&rows, &starts, &question).unwrap(),
        column: Some(Column::DeviceModel),
        groups: Some(groups(group_rows, Column::DeviceModel).unwrap()),
        previous: None,
    };
    insta::assert_json_snapshot!(data);
    insta::assert_snapshot!(testing::csv(&data));
    testing::assert_defined(&data, &[definitions::PERFORMANCE, definitions::PERFORMANCE_GROUPS]);
    insta::assert_snapshot!(testing::csv(&Performance { column: None, groups: None, ..data }));
}

#[test]
fn a_metric_that_is_not_there_is_an_error() {
    assert!(matches!(Metrics::default().set(5, Stats::default()), Err(Error::Row(_))));
    assert!(matches!(Metrics::default().set(0, Stats::default()), Err(Error::Row(_))));
    assert!(matches!(Stats::new(1, 1.0, &[1.0]), Err(Error::Row(_))));
}
