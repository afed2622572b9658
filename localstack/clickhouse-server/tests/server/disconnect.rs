use std::time::Duration;

use futures::StreamExt;

use crate::support::{count_of, eventually, failure, post, run, text};

#[tokio::test]
async fn a_client_that_leaves_ends_its_query() {
    let query = "SELECT count() AS leaves_early FROM system.numbers WHERE NOT ignore(sipHash64(number))";
    let request = tokio::spawn(post("/", query).send());
    eventually(&count_of("leaves_early"), "1\n").await;
    request.abort();
    eventually(&count_of("leaves_early"), "0\n").await;
}

#[tokio::test]
async fn a_client_that_stops_reading_ends_its_query() {
    let response = post("/", "SELECT number AS stops_reading FROM system.numbers").send().await.unwrap();
    let mut chunks = response.bytes_stream();
    chunks.next().await.unwrap().unwrap();
    assert_eq!(run(&count_of("stops_reading")).await, "1\n");
    drop(chunks);
    eventually(&count_of("stops_reading"), "0\n").await;
}

#[tokio::test]
async fn a_change_goes_on_without_its_client() {
    run("CREATE TABLE disconnect_change (a UInt64, s UInt8) ENGINE = MergeTree ORDER BY a").await;
    let insert =
        "INSERT INTO disconnect_change SELECT number, sleepEachRow(0.1) FROM numbers(10) SETTINGS max_block_size = 1";
    let request = tokio::spawn(post("/", insert).send());
    eventually(&count_of("disconnect_change"), "1\n").await;
    request.abort();
    eventually("SELECT count() FROM disconnect_change", "10\n").await;
}

#[tokio::test]
async fn a_query_is_killed_by_the_clients_id() {
    let query = "SELECT count() AS killed_by_id FROM system.numbers WHERE NOT ignore(sipHash64(number))";
    let request = tokio::spawn(failure(post("/?query_id=disconnect-kill", query)));
    eventually(&count_of("killed_by_id"), "1\n").await;
    let kill = post("/", "KILL QUERY WHERE query_id = 'disconnect-kill' SYNC").timeout(Duration::from_secs(20));
    assert!(text(kill.send().await.unwrap()).await.contains("finished"));
    assert_eq!(request.await.unwrap().1, "394");
}
