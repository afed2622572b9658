use std::time::{Duration, Instant};

use futures::StreamExt;
use reqwest::multipart::{Form, Part};

use crate::support::{get, header, post, run, shared, text};

#[tokio::test]
async fn a_query_comes_in_the_url_or_the_body_or_both() {
    assert_eq!(run("SELECT 1").await, "1\n");
    assert_eq!(text(get("/?query=SELECT%201").send().await.unwrap()).await, "1\n");
    assert_eq!(text(post("/?query=SELECT%201", "+ 1 AS x").send().await.unwrap()).await, "2\n");
    assert_eq!(run("SELECT 1; -- the end").await, "1\n");
}

#[tokio::test]
async fn the_database_is_the_default_the_parameter_or_the_header() {
    assert_eq!(run("SELECT currentDatabase()").await, "test\n");
    assert_eq!(text(post("/?database=system", "SELECT currentDatabase()").send().await.unwrap()).await, "system\n");
    let request = post("/", "SELECT currentDatabase()").header("X-ClickHouse-Database", "system");
    assert_eq!(text(request.send().await.unwrap()).await, "system\n");
}

#[tokio::test]
async fn formats_come_from_clause_parameter_and_header() {
    let query = "SELECT 1 AS a, 'b' AS b";
    assert_eq!(run(query).await, "1\tb\n");
    assert_eq!(text(post("/?default_format=CSV", query).send().await.unwrap()).await, "1,\"b\"\n");
    let request = post("/", query).header("X-ClickHouse-Format", "JSONEachRow");
    assert_eq!(text(request.send().await.unwrap()).await, "{\"a\":1,\"b\":\"b\"}\n");
    let response =
        post("/?default_format=CSV", format!("{query} FORMAT JSON SETTINGS max_threads = 1")).send().await.unwrap();
    assert_eq!(header(&response, "content-type"), "application/json; charset=UTF-8");
    assert_eq!(header(&response, "x-clickhouse-format"), "JSON");
    assert!(text(response).await.contains("\"rows\": 1"));
}

#[tokio::test]
async fn every_kind_of_statement_answers() {
    assert!(run("SHOW DATABASES").await.contains("test\n"));
    assert!(run("EXPLAIN SELECT 1").await.contains("ReadFromSystemOne"));
    assert!(run("EXPLAIN AST SELECT 1").await.contains("Literal UInt64_1"));
    assert!(run("DESCRIBE system.one").await.starts_with("dummy\tUInt8"));
    assert_eq!(run("EXISTS TABLE query_no_such").await, "0\n");
    assert_eq!(run("WITH 3 AS x SELECT x").await, "3\n");
    assert_eq!(run("(SELECT 1) UNION ALL (SELECT 1)").await, "1\n1\n");
    assert_eq!(run("SELECT a FROM (SELECT 1 AS a) WHERE 0 FORMAT CSVWithNames").await, "\"a\"\n");
    assert!(run("SHOW TABLES LIKE 'query_no_such' FORMAT JSON").await.contains("\"rows\": 0"));
}

#[tokio::test]
async fn parameters_are_bound() {
    let path = "/?param_s=it's%20%5C%5Ct%3B&param_n=5&param_t=one";
    let query = "SELECT {s:String}, {n:UInt8} + 1, dummy FROM system.{t:Identifier}";
    assert_eq!(text(post(path, query).send().await.unwrap()).await, "it\\'s \\\\t;\t6\t0\n");
}

#[tokio::test]
async fn a_form_brings_parameters_and_tables() {
    let form = || Form::new().text("query", "SELECT {n:UInt8}").text("param_n", "7");
    let request = reqwest::Client::new().post(shared().url("/")).multipart(form());
    assert_eq!(text(request.send().await.unwrap()).await, "7\n");
    let file = Part::bytes(b"1,a\n2,b\n".as_slice()).file_name("data");
    let form = Form::new()
        .text("query", "SELECT sum(x), max(y) FROM ext")
        .text("ext_structure", "x UInt8, y String")
        .text("ext_format", "CSV")
        .part("ext", file);
    let request = reqwest::Client::new().post(shared().url("/")).multipart(form);
    assert_eq!(text(request.send().await.unwrap()).await, "3\tb\n");
}

#[tokio::test]
async fn headers_tell_of_the_query() {
    let response = post("/?query_id=query-7", "SELECT number FROM numbers(10)").send().await.unwrap();
    assert_eq!(header(&response, "x-clickhouse-query-id"), "query-7");
    assert!(!header(&response, "x-clickhouse-timezone").is_empty());
    assert!(!header(&response, "x-clickhouse-server-display-name").is_empty());
    let summary: serde_json::Value = serde_json::from_str(header(&response, "x-clickhouse-summary")).unwrap();
    assert_eq!((&summary["read_rows"], &summary["result_rows"]), (&"10".into(), &"10".into()));
    let response = post("/", "SELECT 1").send().await.unwrap();
    assert_eq!(header(&response, "x-clickhouse-query-id").len(), 36);
}

#[tokio::test]
async fn a_large_result_is_one_document_that_streams() {
    let response =
        post("/", "SELECT number, toString(number) AS s FROM numbers(300000) FORMAT JSON").send().await.unwrap();
    let document: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(document["rows"], 300_000);
    assert_eq!(document["data"].as_array().unwrap().len(), 300_000);
    // An endless one starts all the same.
    let response = post("/", "SELECT number FROM system.numbers").send().await.unwrap();
    let first = response.bytes_stream().next().await.unwrap().unwrap();
    assert!(first.starts_with(b"0\n1\n2\n"));
}

#[tokio::test]
async fn queries_run_beside_each_other() {
    let started = Instant::now();
    let queries = (0..8).map(|_| run("SELECT sleep(1)"));
    assert_eq!(futures::future::join_all(queries).await, ["0\n"; 8]);
    assert!(started.elapsed() < Duration::from_secs(6), "one after another: {:?}", started.elapsed());
}

#[tokio::test]
async fn health_needs_no_query() {
    for path in ["/", "/ping", "/replicas_status"] {
        assert_eq!(text(get(path).send().await.unwrap()).await, "Ok.\n");
    }
    assert_eq!(get("/nowhere").send().await.unwrap().status(), 404);
    let head = reqwest::Client::new().head(shared().url("/?query=SELECT%201")).send().await.unwrap();
    assert!(head.status().is_success());
}
