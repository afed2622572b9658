//! The running system for one test: gateway and trigger in this process, over engines that all tests of the binary share.

mod letters;

pub use letters::Letter;

use crate::{model::Question, stream::Sent};
use localstack::{
    engines::{Engines, Port, Setup},
    stack::{self, System as Running},
};
use serde_json::Value;
use shared::{
    clickhouse,
    config::Env,
    kafka::{self, LagReader, OutgoingRecord, Producer},
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::sync::OnceCell;

/// How long anything may take before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The system on a database, topics and a consumer group of its own.
pub struct System {
    name: String,
    group: String,
    running: Running,
    lag: LagReader,
    producer: Producer,
    http: reqwest::Client,
}

/// An answer with its JSON.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// The engines, started by the first test that needs them. They end with this process.
async fn engines() -> &'static Engines {
    static ENGINES: OnceCell<Engines> = OnceCell::const_new();
    ENGINES
        .get_or_init(async || {
            let state_dir = target().join("tmp/e2e");
            if state_dir.exists() {
                std::fs::remove_dir_all(&state_dir).unwrap();
            }
            let setup = Setup {
                state_dir,
                kafka: Some(Port::Free),
                clickhouse: Some(Port::Free),
                server: clickhouse::Config::from_env(&Env::from_pairs([("CLICKHOUSE_DATABASE", "default")])).unwrap(),
            };
            Engines::start(&setup, |_, _| {}).await.unwrap()
        })
        .await
}

/// The folder that this program was built in.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists()).unwrap().to_owned()
}

impl System {
    /// `name` is the test's own.
    pub async fn start(name: &str) -> Self {
        Self::in_group(name, name).await
    }

    async fn in_group(name: &str, group: &str) -> Self {
        let engines = engines().await;
        let env = Env::from_pairs([
            ("KAFKA_BROKERS", engines.brokers().unwrap()),
            ("CLICKHOUSE_URL", engines.clickhouse_url().unwrap()),
            ("CLICKHOUSE_DATABASE", name.to_owned()),
            ("KAFKA_TOPIC", name.to_owned()),
            ("KAFKA_DLQ_TOPIC", format!("{name}-dlq")),
            ("KAFKA_CONSUMER_GROUP", group.to_owned()),
            ("BATCH_WINDOW_MS", "20".to_owned()),
        ]);
        let listener = stack::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let running = Running::start(&env, listener, |_, _| {}).await.unwrap();
        let lag = LagReader::connect(running.kafka()).await.unwrap();
        let producer = Producer::connect(running.kafka()).await.unwrap();
        Self { name: name.to_owned(), group: group.to_owned(), running, lag, producer, http: reqwest::Client::new() }
    }

    pub async fn stop(self) {
        self.running.stop().await;
    }

    /// Stops, wherever it is, and goes on with what was committed.
    pub async fn restart(self) -> Self {
        let (name, group) = (self.name.clone(), self.group.clone());
        self.stop().await;
        Self::in_group(&name, &group).await
    }

    /// Stops, and reads the topic again as if nothing had ever been committed.
    pub async fn restart_from_the_first_record(self) -> Self {
        let (name, group) = (self.name.clone(), format!("{}-again", self.group));
        self.stop().await;
        Self::in_group(&name, &group).await
    }

    pub fn topic(&self) -> &str {
        &self.running.kafka().topic
    }

    /// A database that nothing has been applied to.
    pub fn fresh_database(&self, name: &str) -> clickhouse::Config {
        clickhouse::Config { database: name.to_owned(), ..self.running.clickhouse().clone() }
    }

    pub fn request(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{path}", self.running.base_url()))
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        let request = self.request(path).header("content-type", "application/json").body(body.to_owned());
        let response = request.send().await.unwrap();
        Answer { status: response.status().as_u16(), body: response.json().await.unwrap() }
    }

    /// Sends a batch that is accepted whole.
    pub async fn send<'e>(&self, events: impl IntoIterator<Item = &'e Value>) {
        let events: Vec<&Value> = events.into_iter().collect();
        let answer = self.post("/events/batch", &serde_json::to_string(&events).unwrap()).await;
        assert_eq!((answer.status, &answer.body["rejected"]), (202, &Value::from(0)), "{:#}", answer.body);
    }

    /// Sends what a stream says, as it says: events with a wrong clock go to the topic with the receipt that makes their time exact.
    pub async fn send_stream(&self, sent: &[Sent]) {
        let (skewed, others): (Vec<&Sent>, Vec<&Sent>) = sent.iter().partition(|sent| sent.skew.is_some());
        if !others.is_empty() {
            self.send(others.iter().map(|sent| &sent.body)).await;
        }
        let records = skewed.into_iter().filter_map(|sent| {
            let record = OutgoingRecord::new("key", sent.body.to_string()).header("received_at", sent.received_at()?);
            Some(record)
        });
        self.write(records.collect()).await;
    }

    /// Writes a record to the topic, past ingest.
    pub async fn produce(&self, value: Option<&[u8]>) {
        let key = Some(b"key".to_vec());
        self.write(vec![OutgoingRecord { key, value: value.map(<[u8]>::to_vec), ..Default::default() }]).await;
    }

    async fn write(&self, records: Vec<OutgoingRecord>) {
        let results = self.producer.send_all(self.topic(), records).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    /// Waits until all that was acknowledged is stored or set aside.
    pub async fn settle(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lag = self.lag.lag(self.topic(), Duration::from_secs(10)).await;
            if lag.as_ref().is_ok_and(|lag| lag.total() == 0) {
                return;
            }
            assert!(Instant::now() < deadline, "the lag is still {lag:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The first letters of the dead-letter topic, in the order of the records that they are about.
    pub async fn dead_letters(&self, number: usize) -> Vec<Letter> {
        letters::read(self.running.kafka(), number).await
    }

    /// GET, answered 200.
    pub async fn get(&self, path: &str) -> Value {
        let response = self.http.get(format!("{}{path}", self.running.base_url())).send().await.unwrap();
        let (status, body) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// GET as CSV, answered 200: its media type and text.
    pub async fn get_csv(&self, path: &str) -> (String, String) {
        let request = self.http.get(format!("{}{path}", self.running.base_url())).header("accept", "text/csv");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let media_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        (media_type, response.text().await.unwrap())
    }

    /// The answer to a question.
    pub async fn ask(&self, question: &Question) -> Value {
        let address = format!("{}{}", self.running.base_url(), question.endpoint.path());
        let response = self.http.get(address).query(&question.parameters()).send().await.unwrap();
        let (status, body) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{question:?}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// What ClickHouse answers to a statement by hand, in the test's database.
    pub async fn sql(&self, statement: &str) -> String {
        let config = self.running.clickhouse();
        let request = self.http.post(&config.url).query(&[("database", &config.database)]);
        let response = request.body(statement.to_owned()).send().await.unwrap();
        let (status, body) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{body}");
        body
    }
}

/// Kafka's configuration, for readers of its topics.
pub(crate) fn brokers(config: &kafka::Config) -> String {
    match &config.brokers {
        kafka::Brokers::List(list) => list.clone(),
        kafka::Brokers::MskCluster(_) => panic!("the tests' Kafka is local"),
    }
}
