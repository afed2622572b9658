//! `docs/numbers.md` is true: its example is sent, its questions are asked, and its tables are what is answered.
//! `UPDATE_DOCS=1` writes them anew.

use serde_json::Value;
use std::{fmt::Write, fs};
use tests::System;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/numbers.md");
const SCOPE: &str = "tenant_id=acme&from=2026-11-02T00:00:00Z&to=2026-11-04T00:00:00Z&interval=day";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_what_is_answered() {
    let system = System::start("numbers_page").await;
    let page = fs::read_to_string(PAGE).unwrap();
    let example = page.split("```ndjson\n").nth(1).unwrap().split("```").next().unwrap();
    let events: Vec<Value> = example.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    system.send(&events).await;
    system.settle().await;

    let mut expected = String::new();
    let mut rest = page.as_str();
    while let Some((before, after)) = rest.split_once("<!-- GET ") {
        let (question, after) = after.split_once(" -->").unwrap();
        let (_, after) = after.split_once("<!-- end -->").unwrap();
        let separator = if question.contains('?') { '&' } else { '?' };
        let answer = system.get(&format!("{question}{separator}{SCOPE}")).await;
        write!(expected, "{before}<!-- GET {question} -->\n{}<!-- end -->", table(question, &answer)).unwrap();
        rest = after;
    }
    expected.push_str(rest);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PAGE, &expected).unwrap();
    }
    assert_eq!(fs::read_to_string(PAGE).unwrap(), expected, "UPDATE_DOCS=1 writes the page anew");
    system.stop().await;
}

/// One row for each definition of the answer, with the example's figures.
fn table(question: &str, answer: &Value) -> String {
    let mut table = format!("`GET {question}`\n\n| number | meaning | here |\n|---|---|---|\n");
    for (name, meaning) in answer["meta"]["definitions"].as_object().unwrap() {
        let here = match name.as_str() {
            // Performance's figures are the same four for each metric; the table shows one metric's.
            "count" | "avg" | "p50" | "p95" | "p99" => {
                figures(&answer["data"]["metrics"]["download_speed_mbps"], &[name])
            }
            "trend" => figures(&answer["data"], &["trend", "download_speed_mbps", "count"]),
            "groups.metrics" => figures(&answer["data"], &["groups", "metrics", "download_speed_mbps", "avg"]),
            _ if name.starts_with("metrics.") => {
                figures(&answer["data"], &[name.split('.').collect::<Vec<_>>(), vec!["avg"]].concat())
            }
            _ => figures(&answer["data"], &name.split('.').collect::<Vec<_>>()),
        };
        writeln!(table, "| `{name}` | {} | {} |", meaning.as_str().unwrap(), here.join(", ")).unwrap();
    }
    table
}

/// The values at a path, through every row of the lists on it.
fn figures(value: &Value, path: &[&str]) -> Vec<String> {
    match (value, path) {
        (Value::Array(rows), _) => rows.iter().flat_map(|row| figures(row, path)).collect(),
        (value, []) => vec![value.to_string()],
        (value, [name, rest @ ..]) => {
            let found = &value[*name];
            assert!(rest.is_empty() || !found.is_null(), "no {name} in {value}");
            figures(found, rest)
        }
    }
}
