//! The `clickhouse` crate.

use clickhouse::{Client, Compression, Row};
use serde::{Deserialize, Serialize};

use crate::support::{DATABASE, run, shared};

#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
struct Update {
    id: u64,
    name: String,
    progress: Option<f64>,
    tags: Vec<String>,
    #[serde(with = "clickhouse::serde::uuid")]
    event: uuid::Uuid,
}

fn clients() -> [Client; 2] {
    let client = Client::default().with_url(shared().url("")).with_database(DATABASE);
    [client.clone().with_compression(Compression::Lz4), client.with_compression(Compression::None)]
}

fn update(id: u64) -> Update {
    let progress = id.is_multiple_of(2).then_some(0.5);
    Update {
        id,
        name: format!("update {id}"),
        progress,
        tags: vec!["a".to_owned(); 2],
        event: uuid::Uuid::from_u128(id.into()),
    }
}

#[tokio::test]
async fn typed_rows_go_both_ways() {
    run(
        "CREATE TABLE typed_rows (id UInt64, name String, progress Nullable(Float64), tags Array(String), event UUID) \
         ENGINE = MergeTree ORDER BY id",
    )
    .await;
    for client in clients() {
        run("TRUNCATE TABLE typed_rows").await;
        let mut insert = client.insert::<Update>("typed_rows").await.unwrap();
        for id in 0..20_000 {
            insert.write(&update(id)).await.unwrap();
        }
        insert.end().await.unwrap();
        let mut rows = client.query("SELECT ?fields FROM typed_rows ORDER BY id").fetch::<Update>().unwrap();
        let mut expected = 0;
        while let Some(row) = rows.next().await.unwrap() {
            assert_eq!(row, update(expected));
            expected += 1;
        }
        assert_eq!(expected, 20_000);
    }
}

#[tokio::test]
async fn parameters_and_settings_are_the_queries_own() {
    for client in clients() {
        let query = client.query("SELECT {a:String} || toString({n:UInt8}), toUInt8(getSetting('max_threads'))");
        let row = query.with_setting("max_threads", "3").param("a", "it's").param("n", 7).fetch_one::<(String, u8)>();
        assert_eq!(row.await.unwrap(), ("it's7".to_owned(), 3));
        let waited = client.query("SELECT 1").with_setting("wait_end_of_query", "1").fetch_one::<u8>().await;
        assert_eq!(waited.unwrap(), 1);
    }
}

#[tokio::test]
async fn an_insert_without_its_end_is_none() {
    run("CREATE TABLE typed_aborted (id UInt64, name String, progress Nullable(Float64), tags Array(String), event UUID) \
         ENGINE = MergeTree ORDER BY id").await;
    for client in clients() {
        let mut insert = client.insert::<Update>("typed_aborted").await.unwrap();
        insert.write(&update(1)).await.unwrap();
        drop(insert);
        let raw = "INSERT INTO typed_aborted (id, name) FORMAT CSV";
        let mut raw = client.insert_formatted_with(raw);
        raw.send("7,seven\n".into()).await.unwrap();
        raw.end().await.unwrap();
    }
    assert_eq!(run("SELECT id, name, count() FROM typed_aborted GROUP BY ALL").await, "7\tseven\t2\n");
}

#[tokio::test]
async fn errors_have_their_text() {
    for client in clients() {
        let error = client.query("SELECT * FROM typed_nowhere").fetch_all::<u8>().await.unwrap_err();
        assert!(error.to_string().contains("UNKNOWN_TABLE"), "{error}");
        let late = "SELECT throwIf(number = 900000) FROM numbers(1000000)";
        let error = client.query(late).fetch_all::<u8>().await.unwrap_err();
        assert!(error.to_string().contains("FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"), "{error}");
    }
}
