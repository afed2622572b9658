use std::time::Duration;

use futures::{StreamExt, stream};
use reqwest::Body;

use crate::support::{failure, header, post, run, text};

async fn table(name: &str) {
    run(&format!(
        "CREATE TABLE {name} (a UInt32, b String DEFAULT 'none', c UInt8 DEFAULT a % 7) ENGINE = MergeTree ORDER BY a"
    ))
    .await;
}

#[tokio::test]
async fn data_comes_behind_the_statement_or_alone_in_the_body() {
    table("insert_places").await;
    run("INSERT INTO insert_places (a, b) VALUES (1, 'x'), (1 + 1, 'a;b');").await;
    run("INSERT INTO insert_places (a) FORMAT CSV\n3\n4\n").await;
    text(
        post("/?query=INSERT%20INTO%20insert_places%20FORMAT%20JSONEachRow", "{\"a\":5}\n{\"a\":6}")
            .send()
            .await
            .unwrap(),
    )
    .await;
    text(post("/?query=INSERT%20INTO%20insert_places%20(a)%20VALUES", "(7),(8)").send().await.unwrap()).await;
    run("INSERT INTO insert_places SELECT number + 9, 'selected', 0 FROM numbers(2)").await;
    let all = run("SELECT groupArray(a), any(b), max(c) FROM (SELECT * FROM insert_places ORDER BY a)").await;
    assert_eq!(all, "[1,2,3,4,5,6,7,8,9,10]\tx\t6\n");
}

#[tokio::test]
async fn the_summary_counts_rows() {
    table("insert_summary").await;
    let response =
        post("/?query=INSERT%20INTO%20insert_summary%20(a)%20FORMAT%20TSV", "1\n2\n3\n").send().await.unwrap();
    let summary: serde_json::Value = serde_json::from_str(header(&response, "x-clickhouse-summary")).unwrap();
    assert_eq!(summary["written_rows"], "3");
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn parameters_and_settings_reach_an_insert() {
    table("insert_settings").await;
    let path = "/?param_t=insert_settings&input_format_skip_unknown_fields=1&async_insert=1&wait_for_async_insert=0";
    let insert = "INSERT INTO {t:Identifier} SETTINGS max_insert_threads = 1 FORMAT JSONEachRow\n{\"a\":1,\"z\":2}";
    text(post(path, insert).send().await.unwrap()).await;
    assert_eq!(run("SELECT a FROM insert_settings").await, "1\n");
    let (status, code, body) = failure(
        post("/", "INSERT INTO insert_settings FORMAT JSONEachRow {\"a\":1,\"z\":2}")
            .query(&[("input_format_skip_unknown_fields", "0")]),
    )
    .await;
    assert_eq!((status, code.as_str()), (400, "117"), "{body}");
}

#[tokio::test]
async fn a_large_body_streams_in() {
    table("insert_large").await;
    let rows = stream::iter(0..100_u32).then(|chunk| async move {
        if chunk % 20 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let rows = (0..5_000).flat_map(|row| (chunk * 5_000 + row).to_le_bytes()).collect::<Vec<u8>>();
        Ok::<_, std::io::Error>(rows)
    });
    let body = Body::wrap_stream(rows);
    text(post("/?query=INSERT%20INTO%20insert_large%20(a)%20FORMAT%20RowBinary", body).send().await.unwrap()).await;
    assert_eq!(run("SELECT count(), uniqExact(a), max(a) FROM insert_large").await, "500000\t500000\t499999\n");
}

#[tokio::test]
async fn an_insert_that_fails_answers_even_before_its_body_has_ended() {
    let body = vec![b'1'; 8 << 20];
    let (status, code, _) = failure(post("/?query=INSERT%20INTO%20insert_nowhere%20FORMAT%20TSV", body)).await;
    assert_eq!((status, code.as_str()), (404, "60"));
    table("insert_wrong").await;
    let (status, code, body) = failure(post("/", "INSERT INTO insert_wrong FORMAT JSONEachRow {\"a\":\"x\"}")).await;
    assert_eq!((status, code.as_str()), (400, "27"), "{body}");
    assert_eq!(run("SELECT count() FROM insert_wrong").await, "0\n");
}

#[tokio::test]
async fn a_body_that_breaks_off_inserts_nothing() {
    table("insert_broken").await;
    let data = stream::iter([Ok(b"1\n2\n".to_vec()), Err(std::io::Error::other("gone"))]);
    let request = post(
        "/?query=INSERT%20INTO%20insert_broken%20(a)%20FORMAT%20TSV&query_id=insert-broken",
        Body::wrap_stream(data),
    );
    request.send().await.unwrap_err();
    // The id is free again once the insert is over.
    loop {
        let response = post("/?query_id=insert-broken", "SELECT count() FROM insert_broken").send().await.unwrap();
        if header(&response, "x-clickhouse-exception-code") != "216" {
            assert_eq!(text(response).await, "0\n");
            break;
        }
    }
}

#[tokio::test]
async fn many_clients_insert_and_count_at_once() {
    table("insert_many").await;
    let clients = (0..12_u32).map(|client| async move {
        for round in 0..15_u32 {
            let first = client * 1_000 + round * 10;
            let values: Vec<String> = (first..first + 10).map(|a| format!("({a},'{client}',0)")).collect();
            run(&format!("INSERT INTO insert_many VALUES {}", values.join(","))).await;
            let count = run(&format!("SELECT count() FROM insert_many WHERE b = '{client}'")).await;
            assert_eq!(count, format!("{}\n", (round + 1) * 10));
        }
    });
    futures::future::join_all(clients).await;
    assert_eq!(run("SELECT count(), uniqExact(a) FROM insert_many").await, "1800\t1800\n");
}

const GATHERED: [(&str, &str); 3] =
    [("async_insert", "1"), ("wait_for_async_insert", "1"), ("async_insert_busy_timeout_max_ms", "1000")];

/// An insert that waits for others.
fn gathered(table: &str, body: Vec<u8>) -> reqwest::RequestBuilder {
    post("/", body).query(&[("query", &format!("INSERT INTO {table} (a) FORMAT RowBinary"))]).query(&GATHERED)
}

#[tokio::test]
async fn inserts_that_ask_for_it_make_one_block() {
    table("insert_gathered").await;
    let inserts = (0..8_u32).map(|a| gathered("insert_gathered", a.to_le_bytes().to_vec()).send());
    for answer in futures::future::join_all(inserts).await {
        assert_eq!(text(answer.unwrap()).await, "");
    }
    assert_eq!(run("SELECT count(), uniqExact(a), uniqExact(_part) FROM insert_gathered").await, "8\t8\t1\n");
}

#[tokio::test]
async fn only_the_guilty_of_a_block_fails() {
    table("insert_guilty").await;
    run("ALTER TABLE insert_guilty ADD CONSTRAINT small CHECK a < 10").await;
    let rows = [vec![1_u32], vec![2, 11], vec![3], vec![4, 5]];
    let inserts = rows.iter().map(|rows| {
        let body = rows.iter().flat_map(|row| row.to_le_bytes()).collect();
        gathered("insert_guilty", body).send()
    });
    let answers = futures::future::join_all(inserts).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.as_ref().unwrap().status().as_u16()).collect();
    assert_eq!((statuses[0], statuses[2], statuses[3]), (200, 200, 200));
    assert_ne!(statuses[1], 200);
    assert_eq!(run("SELECT groupArray(a) FROM (SELECT a FROM insert_guilty ORDER BY a)").await, "[1,3,4,5]\n");
}

#[tokio::test]
async fn a_full_block_does_not_wait_and_a_large_body_goes_alone() {
    table("insert_full").await;
    let begun = std::time::Instant::now();
    let patient = |rows: usize, limit: &str| {
        gathered("insert_full", vec![7; rows * 4])
            .query(&[("async_insert_busy_timeout_max_ms", "600000"), ("async_insert_max_data_size", limit)])
    };
    text(patient(1000, "4000").send().await.unwrap()).await;
    text(patient(5 << 20, "1000000000").send().await.unwrap()).await;
    assert!(begun.elapsed() < Duration::from_secs(300), "{:?}", begun.elapsed());
    assert_eq!(run("SELECT count() FROM insert_full").await, format!("{}\n", 1000 + (5 << 20)));
}
