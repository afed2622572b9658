use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use reqwest::Client;
use tempfile::tempdir;

use crate::support::{Server, count_of};

async fn ask(server: &Server, statement: &str) -> String {
    let response = Client::new().post(server.url("/")).body(statement.to_owned()).send().await.unwrap();
    response.text().await.unwrap()
}

async fn until_it_runs(server: &Server, text: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while ask(server, &count_of(text)).await != "1\n" {
        assert!(Instant::now() < deadline, "it never ran");
    }
}

#[tokio::test]
async fn data_survives_the_process_however_it_ends() {
    let data = tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    ask(&server, "CREATE TABLE kept (a UInt32) ENGINE = MergeTree ORDER BY a").await;
    ask(&server, "INSERT INTO kept VALUES (1), (2)").await;
    server.signal(Signal::SIGKILL);
    server.wait();
    let server = Server::start(data.path(), &[]);
    assert_eq!(ask(&server, "SELECT sum(a) FROM kept").await, "3\n");
    ask(&server, "INSERT INTO kept VALUES (3)").await;
    server.signal(Signal::SIGTERM);
    assert!(server.wait().0.success());
    let server = Server::start(data.path(), &[]);
    assert_eq!(ask(&server, "SELECT sum(a) FROM kept").await, "6\n");
}

#[tokio::test]
async fn a_stop_lets_running_queries_finish() {
    let data = tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let url = server.url("/");
    let query = tokio::spawn(async move {
        Client::new().post(url).body("SELECT sleep(2) AS lasts").send().await.unwrap().text().await.unwrap()
    });
    while ask(&server, "SELECT count() FROM system.processes WHERE position(query, concat('las', 'ts')) > 0").await
        != "1\n"
    {}
    server.signal(Signal::SIGINT);
    assert_eq!(query.await.unwrap(), "0\n");
    assert!(server.wait().0.success());
}

#[tokio::test]
async fn a_data_directory_has_one_server() {
    let data = tempdir().unwrap();
    let _first = Server::start(data.path(), &[]);
    let (status, log) = Server::spawn(data.path(), &[]).wait();
    assert!(!status.success());
    assert!(log.contains("is in use by another ClickHouse process"), "{log}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let data = tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    ask(&server, "CREATE TABLE endless (a UInt64) ENGINE = Memory").await;
    let url = server.url("/");
    let insert = "INSERT INTO endless SELECT number FROM system.numbers WHERE sipHash64(number) = 0";
    let request = tokio::spawn(async move { Client::new().post(url).body(insert).send().await });
    until_it_runs(&server, "endless").await;
    server.signal(Signal::SIGTERM);
    let (status, log) = server.wait();
    assert!(status.success() && log.contains("ClickHouse has stopped"), "{log}");
    assert_eq!(request.await.unwrap().unwrap().headers()["x-clickhouse-exception-code"], "394");
}

#[test]
fn a_missing_library_is_named() {
    let data = tempdir().unwrap();
    let (status, log) = Server::spawn_with(Path::new("/no/libchdb.so"), data.path(), &[]).wait();
    assert!(!status.success());
    assert!(log.contains("/no/libchdb.so can't be loaded"), "{log}");
}
