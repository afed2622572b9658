use serde_json::json;

use crate::engine::Stats;

/// `X-ClickHouse-Summary`: numbers as strings.
pub fn json(stats: &Stats) -> String {
    let text = |number: u64| number.to_string();
    json!({
        "read_rows": text(stats.read_rows),
        "read_bytes": text(stats.read_bytes),
        "written_rows": text(stats.written_rows),
        "written_bytes": text(stats.written_bytes),
        "total_rows_to_read": "0",
        "result_rows": text(stats.result_rows),
        "result_bytes": text(stats.result_bytes),
        "elapsed_ns": stats.elapsed.as_nanos().to_string(),
    })
    .to_string()
}
