use super::*;
use crate::testing;

fn cells() -> Vec<Cell> {
    [("Android", "2.0", 3), ("iOS", "2.0", 1), ("iOS", "1.0", 2), ("unknown", "1.1", 2), ("Android", "unknown", 1)]
        .map(|(segment, version, device_count)| Cell {
            segment: segment.to_owned(),
            version: version.to_owned(),
            device_count,
        })
        .into()
}

fn data(limit: usize, segment: Option<Column>) -> Versions {
    let cells = cells();
    Versions {
        totals: Totals::of(&cells),
        versions: versions(&cells, limit),
        segment,
        segments: segment.map(|column| segments(cells, column, limit)),
        previous: None,
    }
}

#[test]
fn devices_are_counted_by_version_and_segment() {
    let data = data(100, Some(Column::DeviceOs));
    insta::assert_json_snapshot!(data);
    insta::assert_snapshot!(testing::csv(&data));
    testing::assert_defined(&data, &[definitions::VERSIONS, definitions::SEGMENTS]);
}

#[test]
fn what_the_limit_cuts_is_summed() {
    insta::assert_json_snapshot!(data(1, Some(Column::DeviceOs)));
    insta::assert_snapshot!(testing::csv(&data(2, None)));
}
