use crate::support::{count_of, eventually, failure, get, post, run, text};

async fn ask(path: &str, statement: &str) -> String {
    text(post(path, statement.to_owned()).send().await.unwrap()).await
}

#[tokio::test]
async fn a_session_keeps_tables_settings_and_database() {
    let session = "/?session_id=session-keeps";
    ask(session, "CREATE TEMPORARY TABLE session_temporary (a UInt8)").await;
    ask(session, "INSERT INTO session_temporary VALUES (1), (2)").await;
    assert_eq!(ask(session, "SELECT sum(a) FROM session_temporary").await, "3\n");
    ask(session, "SET max_threads = 7").await;
    ask(session, "USE system").await;
    let question = "SELECT getSetting('max_threads'), currentDatabase()";
    assert_eq!(ask(session, question).await, "7\tsystem\n");
    assert_eq!(ask("/?session_id=session-keeps&database=test&max_threads=2", question).await, "2\ttest\n");
    assert_eq!(ask(session, question).await, "7\tsystem\n", "a request's own do not stay");
    assert_eq!(failure(post("/", "SELECT * FROM session_temporary")).await.1, "60");
    assert_eq!(failure(post("/?session_id=session-other", "SELECT * FROM session_temporary")).await.1, "60");
}

#[tokio::test]
async fn a_failed_statement_leaves_the_session_whole() {
    let session = "/?session_id=session-fails";
    ask(session, "CREATE TEMPORARY TABLE session_whole (a UInt8)").await;
    assert_eq!(failure(post("/?session_id=session-fails&max_threads=3", "SELEC 1")).await.1, "62");
    assert_eq!(failure(post(session, "SELECT throwIf(1) AS fails_here")).await.1, "395");
    assert_eq!(run(&count_of("fails_here")).await, "0\n", "it is not held in the process list");
    assert_eq!(failure(post("/?session_id=session-fails&max_threads=many", "SELECT 1")).await.0, 400);
    assert_eq!(ask(session, "SELECT count() FROM session_whole").await, "0\n");
}

#[tokio::test]
async fn a_session_serves_one_request_at_a_time() {
    let first = tokio::spawn(post("/?session_id=session-locked", "SELECT sleep(2) AS locks_it").send());
    eventually(&count_of("locks_it"), "1\n").await;
    assert_eq!(failure(post("/?session_id=session-locked", "SELECT 1")).await.1, "373");
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert_eq!(ask("/?session_id=session-locked", "SELECT 1").await, "1\n");
}

#[tokio::test]
async fn a_session_ends_by_timeout_or_on_demand() {
    assert_eq!(failure(post("/?session_id=session-none&session_check=1", "SELECT 1")).await.1, "372");
    ask("/?session_id=session-short&session_timeout=1", "SELECT 1").await;
    ask("/?session_id=session-short&session_timeout=1&session_check=1", "SELECT 1").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(failure(post("/?session_id=session-short&session_check=1", "SELECT 1")).await.1, "372");
    ask("/?session_id=session-closed&close_session=1", "SELECT 1").await;
    assert_eq!(failure(post("/?session_id=session-closed&session_check=1", "SELECT 1")).await.1, "372");
}

#[tokio::test]
async fn get_only_reads_in_a_session_too() {
    run("CREATE TABLE session_read (a UInt8) ENGINE = Memory").await;
    assert_eq!(failure(get("/?session_id=session-get&query=DROP%20TABLE%20session_read")).await.1, "164");
    let insert = post("/?session_id=session-get&readonly=1", "INSERT INTO session_read VALUES (1)");
    assert_eq!(failure(insert).await.1, "164");
    assert_eq!(
        text(get("/?session_id=session-get&query=SELECT%20count()%20FROM%20session_read").send().await.unwrap()).await,
        "0\n"
    );
    ask("/?session_id=session-get", "INSERT INTO session_read VALUES (1)").await;
    assert_eq!(run("SELECT count() FROM session_read").await, "1\n");
}
