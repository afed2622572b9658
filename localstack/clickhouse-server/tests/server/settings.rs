use crate::support::{failure, get, post, run, text};

#[tokio::test]
async fn a_setting_is_of_its_request_alone() {
    let question = "SELECT getSetting('max_threads'), getSetting('max_block_size')";
    let before = run(question).await;
    let changed = text(post("/?max_threads=3&max_block_size=77", question).send().await.unwrap()).await;
    assert_eq!(changed, "3\t77\n");
    assert_eq!(run(question).await, before);
    run("SET max_threads = 9").await;
    assert_eq!(run(question).await, before, "SET without a session is forgotten");
}

#[tokio::test]
async fn settings_do_what_they_say() {
    let path = "/?max_result_rows=5&result_overflow_mode=throw";
    assert_eq!(failure(post(path, "SELECT * FROM numbers(10)")).await.1, "396");
    let path = "/?output_format_json_quote_64bit_integers=1&default_format=JSONEachRow";
    assert_eq!(text(post(path, "SELECT toUInt64(1) AS a").send().await.unwrap()).await, "{\"a\":\"1\"}\n");
    run("CREATE TABLE settings_final (k UInt8, v UInt8) ENGINE = ReplacingMergeTree(v) ORDER BY k").await;
    run("INSERT INTO settings_final VALUES (1, 1)").await;
    run("INSERT INTO settings_final VALUES (1, 2)").await;
    assert_eq!(text(post("/?final=1", "SELECT v FROM settings_final").send().await.unwrap()).await, "2\n");
}

#[tokio::test]
async fn a_bad_setting_is_an_error() {
    let (status, code, body) = failure(post("/?no_such_setting=1", "SELECT 1")).await;
    assert_eq!((status, code.as_str()), (404, "115"), "{body}");
    let (status, code, body) = failure(post("/?max_threads=many", "SELECT 1")).await;
    assert_eq!(status, 400, "{code}: {body}");
}

#[tokio::test]
async fn the_interfaces_own_parameters_are_no_settings() {
    let path = "/?query=SELECT%201&buffer_size=1&quota_key=a&stacktrace=1&role=x&client_protocol_version=54405&user=any&password=y";
    assert_eq!(text(get(path).send().await.unwrap()).await, "1\n");
}
