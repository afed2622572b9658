use reqwest::Client;
use tempfile::tempdir;

use crate::support::Server;

#[tokio::test]
async fn only_the_account_gets_in() {
    let data = tempdir().unwrap();
    let server = Server::start(data.path(), &["--user", "ota", "--password", "se:cret"]);
    let client = Client::new();
    let query = || client.post(server.url("/")).body("SELECT 1");
    let accepted = [
        query().basic_auth("ota", Some("se:cret")),
        query().header("X-ClickHouse-User", "ota").header("X-ClickHouse-Key", "se:cret"),
        query().query(&[("user", "ota"), ("password", "se:cret")]),
    ];
    for request in accepted {
        assert_eq!(request.send().await.unwrap().text().await.unwrap(), "1\n");
    }
    let refused = [
        query().basic_auth("ota", Some("wrong")),
        query().header("X-ClickHouse-User", "default"),
        query().query(&[("user", "ota")]),
    ];
    for request in refused {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 403);
        assert_eq!(response.headers()["x-clickhouse-exception-code"], "516");
    }
    let nobody = query().send().await.unwrap();
    assert_eq!(nobody.status(), 401);
    assert!(nobody.headers().contains_key("www-authenticate"));
    assert_eq!(client.get(server.url("/ping")).send().await.unwrap().status(), 200);
}
