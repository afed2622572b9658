//! Every framing in every encoding arrives whole.

use serde_json::{Value, json};
use std::io::Write;
use tests::{System, event, minutes_ago};

fn encoded(encoding: &str, body: &[u8]) -> Vec<u8> {
    match encoding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        "zstd" => zstd::encode_all(body, 3).unwrap(),
        other => panic!("no such encoding: {other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn object_array_and_lines_plain_and_compressed() {
    let system = System::start("framings").await;
    let mut device = 0;
    let mut expected = 0;
    for encoding in ["identity", "gzip", "zstd"] {
        for framing in ["object", "array", "lines"] {
            let events: Vec<Value> = (0..3)
                .map(|_| {
                    device += 1;
                    event("acme", &format!("device-{device}"), "update_installed", &minutes_ago(10))
                })
                .collect();
            let (body, media_type) = match framing {
                "object" => (json!({"events": events}).to_string(), "application/json"),
                "array" => (json!(events).to_string(), "application/json"),
                _ => (events.iter().map(Value::to_string).collect::<Vec<_>>().join("\r\n"), "application/x-ndjson"),
            };
            let mut request = system.request("/events/batch").header("content-type", media_type);
            let mut bytes = body.into_bytes();
            if encoding != "identity" {
                request = request.header("content-encoding", encoding);
                bytes = encoded(encoding, &bytes);
            }
            let response = request.body(bytes).send().await.unwrap();
            assert_eq!(response.status(), 202, "{encoding} {framing}");
            let answer: Value = response.json().await.unwrap();
            assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(3), &json!(0)), "{encoding} {framing}");
            expected += 3;
        }
    }
    system.settle().await;
    let answer = system.get("/analytics/versions?tenant_id=acme").await;
    assert_eq!(answer["data"]["total_devices"], json!(expected));
    assert_eq!(
        answer["data"]["versions"],
        json!([{"version": "1.1.0", "device_count": expected, "percentage": 100.0}])
    );
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_is_stopped_at_the_limit() {
    let system = System::start("bomb").await;
    // 64 MiB of spaces are 64 KiB.
    let bomb = encoded("gzip", &vec![b' '; 64 << 20]);
    let response = system
        .request("/events/batch")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body(bomb)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    system.stop().await;
}
