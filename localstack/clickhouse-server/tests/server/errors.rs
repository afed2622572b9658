use crate::support::{count_of, eventually, failure, get, post};

#[tokio::test]
async fn an_error_has_a_status_a_code_and_a_text() {
    let cases = [
        ("SELEC 1", 400, "62"),
        ("SELECT toDate('x')", 400, "38"),
        ("SELECT * FROM errors_no_such_table", 404, "60"),
        ("SELECT errors_no_such_function()", 404, "46"),
        ("SELECT 1 FORMAT NoSuchFormat", 404, "73"),
        ("USE errors_no_such_database", 404, "81"),
        ("SELECT throwIf(1)", 500, "395"),
        ("SELECT sleepEachRow(0.5) FROM numbers(10) SETTINGS max_execution_time = 1, max_block_size = 1", 408, "159"),
        ("SELECT groupArray(number) FROM numbers(10000000) SETTINGS max_memory_usage = 10000000", 500, "241"),
    ];
    for (query, status, code) in cases {
        let (given_status, given_code, body) = failure(post("/", query)).await;
        assert_eq!((given_status, given_code.as_str()), (status, code), "{query}: {body}");
        assert!(body.starts_with(&format!("Code: {code}. DB::Exception: ")) && body.contains("(version 2"), "{body}");
    }
}

#[tokio::test]
async fn only_one_statement_is_run_and_none_that_is_no_sql() {
    for text in ["SELECT 1; SELECT 2", "", "-- nothing", "exit", "quit;"] {
        let (status, code, body) = failure(post("/", text)).await;
        assert_eq!((status, code.as_str()), (400, "62"), "{text:?}: {body}");
    }
}

#[tokio::test]
async fn get_only_reads() {
    let (_, code, _) = failure(get("/?query=CREATE%20TABLE%20errors_get%20(a%20UInt8)%20ENGINE=Memory")).await;
    assert_eq!(code, "164");
    let (_, code, _) =
        failure(get("/?query=CREATE%20TABLE%20errors_get%20(a%20UInt8)%20ENGINE=Memory&readonly=0")).await;
    assert_eq!(code, "164");
    let (_, code, _) = failure(post("/?readonly=1", "INSERT INTO errors_get VALUES (1)")).await;
    assert!(["164", "60"].contains(&code.as_str()), "{code}");
    let (_, code, _) = failure(post("/?readonly=1", "SET max_threads = 1")).await;
    assert_eq!(code, "164");
}

#[tokio::test]
async fn the_servers_own_files_are_out_of_reach() {
    let (_, code, _) = failure(post("/", "SELECT 1 INTO OUTFILE 'errors_outfile'")).await;
    assert_eq!(code, "358");
    let (_, code, _) = failure(post("/", "INSERT INTO errors_x FROM INFILE '/etc/passwd' FORMAT LineAsString")).await;
    assert_eq!(code, "358");
}

#[tokio::test]
async fn what_the_engine_would_silently_ignore_is_refused() {
    let (status, code, _) = failure(post("/", "INSERT INTO t SELECT a FROM input('a UInt8') FORMAT CSV\n1")).await;
    assert_eq!((status, code.as_str()), (501, "48"));
}

#[tokio::test]
async fn an_exception_in_the_middle_of_data_breaks_the_response() {
    let response = post("/", "SELECT throwIf(number = 900000) FROM numbers(1000000)").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let tag = response.headers()["x-clickhouse-exception-tag"].to_str().unwrap().to_owned();
    let mut received = Vec::new();
    let mut response = response;
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => received.extend_from_slice(&chunk),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert!(end.is_err(), "the response must not look complete");
    let received = String::from_utf8(received).unwrap();
    let (_, exception) =
        received.split_once(&format!("\r\n__exception__\r\n{tag}\r\n")).expect("an exception at the end");
    let message = exception.strip_suffix(&format!(" {tag}\r\n__exception__\r\n")).unwrap();
    let (message, length) = message.rsplit_once('\n').unwrap();
    assert!(message.starts_with("Code: 395. DB::Exception: "), "{message}");
    assert_eq!(length.parse::<usize>().unwrap(), message.len() + 1);
    // Whoever waits for the end gets the status instead.
    let (status, code, _) =
        failure(post("/?wait_end_of_query=1", "SELECT throwIf(number = 900000) FROM numbers(1000000)")).await;
    assert_eq!((status, code.as_str()), (500, "395"));
}

#[tokio::test]
async fn a_query_id_is_used_once_at_a_time() {
    let first = tokio::spawn(post("/?query_id=errors-same", "SELECT sleep(2) AS same_id").send());
    eventually(&count_of("same_id"), "1\n").await;
    assert_eq!(failure(post("/?query_id=errors-same", "SELECT 1")).await.1, "216");
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert_eq!(failure(post("/?query_id=errors-same", "SELECT 1")).await.0, 200);
}
