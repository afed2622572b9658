use std::io::Write;

use async_compression::tokio::bufread::{
    BrotliDecoder, GzipDecoder, GzipEncoder, Lz4Decoder, ZlibDecoder, ZstdDecoder, ZstdEncoder,
};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::support::{failure, header, post, run, text};

const LONG: &str = "SELECT number FROM numbers(50000)";

async fn read(mut reader: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut all = Vec::new();
    reader.read_to_end(&mut all).await.unwrap();
    all
}

#[tokio::test]
async fn responses_are_encoded_where_asked() {
    let plain = run(LONG).await;
    for encoding in ["zstd", "br", "lz4", "gzip", "deflate"] {
        for query in [LONG, "SELECT 1"] {
            let plain = if query == LONG { plain.as_str() } else { "1\n" };
            let request = post("/?enable_http_compression=1", query).header("Accept-Encoding", encoding);
            let response = reqwest_without_decoding(request).await;
            assert_eq!(header(&response, "content-encoding"), encoding);
            let body = response.bytes().await.unwrap();
            let decoded = match encoding {
                "zstd" => read(ZstdDecoder::new(&body[..])).await,
                "br" => read(BrotliDecoder::new(&body[..])).await,
                "lz4" => read(Lz4Decoder::new(&body[..])).await,
                "gzip" => read(GzipDecoder::new(&body[..])).await,
                _ => read(ZlibDecoder::new(&body[..])).await,
            };
            assert!(decoded == plain.as_bytes(), "{encoding}");
        }
    }
    let unasked = reqwest_without_decoding(post("/", LONG).header("Accept-Encoding", "gzip")).await;
    assert_eq!(header(&unasked, "content-encoding"), "");
}

/// A client that leaves the encoding as it came.
async fn reqwest_without_decoding(request: reqwest::RequestBuilder) -> reqwest::Response {
    let client = reqwest::Client::builder().no_gzip().no_zstd().build().unwrap();
    client.execute(request.build().unwrap()).await.unwrap()
}

#[tokio::test]
async fn bodies_are_decoded() {
    run("CREATE TABLE compression_bodies (a UInt32) ENGINE = MergeTree ORDER BY a").await;
    let data: String = (0..10_000).map(|a| format!("{a}\n")).collect();
    let path = "/?query=INSERT%20INTO%20compression_bodies%20FORMAT%20TSV";
    let gzip = read(GzipEncoder::new(data.as_bytes())).await;
    let zstd = read(ZstdEncoder::new(data.as_bytes())).await;
    for (encoding, body) in [("gzip", gzip), ("zstd", zstd), ("identity", data.clone().into_bytes())] {
        text(post(path, body).header("Content-Encoding", encoding).send().await.unwrap()).await;
    }
    let (_, code, _) = failure(post(path, data.clone()).header("Content-Encoding", "gzip")).await;
    assert_eq!(code, "271");
    let (status, _, _) = failure(post(path, data).header("Content-Encoding", "rot13")).await;
    assert_eq!(status, 501);
    assert_eq!(run("SELECT count(), uniqExact(a) FROM compression_bodies").await, "30000\t10000\n");
}

#[tokio::test]
async fn clickhouses_own_blocks_go_both_ways() {
    let response = post("/?compress=1", LONG).send().await.unwrap();
    let body = response.bytes().await.unwrap();
    let plain = run(LONG).await;
    assert!(body.len() < plain.len(), "{} bytes", body.len());
    // What the server wrote it reads again, here as a statement.
    let statement =
        post("/?compress=1", "SELECT 'SELECT 7' FORMAT TSVRaw").send().await.unwrap().bytes().await.unwrap();
    assert_eq!(text(post("/?decompress=1", statement.clone()).send().await.unwrap()).await, "7\n");
    let mut broken = statement.to_vec();
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(failure(post("/?decompress=1", broken)).await.1, "40");
    let mut cut = statement.to_vec();
    cut.truncate(20);
    assert_eq!(failure(post("/?decompress=1", cut)).await.0, 500);
}

#[tokio::test]
async fn a_small_body_may_hold_a_large_statement() {
    let mut statement = Vec::new();
    write!(statement, "SELECT length('{}')", "x".repeat(150_000)).unwrap();
    let body = read(GzipEncoder::new(&statement[..])).await;
    assert_eq!(text(post("/", body).header("Content-Encoding", "gzip").send().await.unwrap()).await, "150000\n");
}
