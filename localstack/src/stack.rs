//! The system over its engines: schema and topics, the trigger with the consumer, the gateway with the functions' routers.

mod options;

pub use options::Options;
pub(crate) use options::with_addresses;

use crate::{
    engines::Engines,
    gateway::{self, AllowedOrigins, Gateway},
    trigger::{self, Trigger},
};
use analytics::{App, health};
use anyhow::{Context, bail};
use consumer::Consumer;
use ingest::KafkaPublisher;
use shared::{
    clickhouse,
    config::{Env, Retention},
    kafka::{self, NewTopic, Producer, ensure_topics},
    schema,
};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::net::TcpListener;

/// Partitions of the topics made here: so many invocations at a time make one block of ClickHouse's worth its cost.
const PARTITIONS: i32 = 8;
const TOPICS_IN: Duration = Duration::from_secs(30);
/// How long requests' records may still take when everything stops.
const FLUSH: Duration = Duration::from_secs(8);
/// A batch is as large as Lambda permits, in records or in bytes: an insert costs ClickHouse much the same whatever its size.
const BATCH_SIZE: usize = 10_000;
const BATCH_WINDOW_MS: u64 = 500;
/// As many invocations as there are partitions, as on Lambda.
const CONCURRENCY: usize = PARTITIONS as usize;
/// Here many requests share one producer, and a broker's cost is by the batch: their records wait for each other.
const LINGER_MS: u32 = 5;

/// Engines and the system over them.
pub struct Stack {
    engines: Engines,
    system: System,
}

/// One gateway and one trigger, over engines that may serve others too.
pub struct System {
    address: SocketAddr,
    kafka: kafka::Config,
    clickhouse: clickhouse::Config,
    producer: Producer,
    gateway: Gateway,
    trigger: Trigger,
}

impl Stack {
    /// Starts everything and waits until it answers. `told` hears of each part, with the time that it took.
    ///
    /// # Errors
    /// Whatever keeps a part from starting; what had started is stopped again.
    pub async fn start(options: Options, told: impl Fn(&str, Duration)) -> anyhow::Result<Self> {
        // Before the engines: a port that is taken needs no wait.
        let listener = bind(options.address).await?;
        let engines = Engines::start(&options.engines, &told).await?;
        let env = options.env.with(Self::addresses(&engines));
        match System::start(&env, listener, &told).await {
            Ok(system) => Ok(Self { engines, system }),
            Err(error) => {
                engines.stop().await;
                Err(error)
            }
        }
    }

    fn addresses(engines: &Engines) -> Vec<(&'static str, String)> {
        let embedded = [("KAFKA_BROKERS", engines.brokers()), ("CLICKHOUSE_URL", engines.clickhouse_url())];
        embedded.into_iter().filter_map(|(variable, value)| Some((variable, value?))).collect()
    }

    #[must_use]
    pub fn system(&self) -> &System {
        &self.system
    }

    #[must_use]
    pub fn engines(&self) -> &Engines {
        &self.engines
    }

    /// Drains and ends everything.
    pub async fn stop(self) {
        self.system.stop().await;
        self.engines.stop().await;
    }
}

impl System {
    /// Applies the schema, makes the topics, and serves on the listener.
    ///
    /// # Errors
    /// A variable that can't be used, or an engine that refuses.
    pub async fn start(env: &Env, listener: TcpListener, told: impl Fn(&str, Duration)) -> anyhow::Result<Self> {
        let began = Instant::now();
        if env.text("API_KEYS").is_some() {
            bail!("API_KEYS: this version can't check keys; unset it to run open to everyone");
        }
        let mut kafka = kafka::Config::from_env(env)?;
        if env.text("KAFKA_LINGER_MS").is_none() {
            kafka.producer.linger_ms = LINGER_MS;
        }
        let clickhouse = clickhouse::Config::from_env(env)?;
        let retention = Retention::from_env(env)?;
        let origins = AllowedOrigins::from_env(env)?;
        let batches = trigger::Options {
            batch_size: env.parse("BATCH_SIZE", "a number of records")?.unwrap_or(BATCH_SIZE),
            window: Duration::from_millis(env.parse("BATCH_WINDOW_MS", "milliseconds")?.unwrap_or(BATCH_WINDOW_MS)),
            concurrency: CONCURRENCY,
        };
        let (schema, producer) = tokio::join!(schema::apply(&clickhouse, &retention), topics_and_producer(&kafka));
        schema.context("the schema can't be applied")?;
        let producer = producer?;
        told("schema and topics", began.elapsed());

        let began = Instant::now();
        let client = clickhouse.client();
        let consumer = Consumer::new(&client, producer.clone(), &kafka, true);
        let trigger = Trigger::start(&kafka, consumer, batches).await?;
        let publisher = KafkaPublisher::new(producer.clone(), &kafka);
        let routes = ingest::router(ingest::State::from_env(env, publisher)?)
            .merge(analytics::router(App::new(client.clone())))
            .merge(health::router(health::Health {
                clickhouse: client,
                kafka: health::KafkaProbe::new(kafka.clone()),
            }));
        let address = listener.local_addr()?;
        let gateway = Gateway::start(listener, gateway::assemble(routes, origins));
        told("API", began.elapsed());
        Ok(Self { address, kafka, clickhouse, producer, gateway, trigger })
    }

    /// `http://host:port`, to be reached from this machine.
    #[must_use]
    pub fn base_url(&self) -> String {
        let host =
            if self.address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { self.address.ip().to_string() };
        format!("http://{host}:{}", self.address.port())
    }

    #[must_use]
    pub fn kafka(&self) -> &kafka::Config {
        &self.kafka
    }

    #[must_use]
    pub fn clickhouse(&self) -> &clickhouse::Config {
        &self.clickhouse
    }

    /// Lets requests in flight and the batch in hand finish. What isn't committed comes again.
    pub async fn stop(self) {
        self.gateway.stop().await;
        if !self.producer.flush(FLUSH).await {
            tracing::warn!("some records were still on their way to Kafka; their requests were not answered 202");
        }
        self.trigger.stop().await;
    }
}

/// Makes the topics; where that isn't permitted, they must be there. With as many replicas as the brokers themselves choose:
/// 1 where they are embedded, more on a cluster.
async fn topics_and_producer(kafka: &kafka::Config) -> anyhow::Result<Producer> {
    let topic = |name, forever| NewTopic { name, partitions: PARTITIONS, replication: -1, forever };
    // What is set aside waits for its replay, however long that takes.
    let topics = [topic(kafka.topic.as_str(), false), topic(kafka.dlq_topic.as_str(), true)];
    let made = ensure_topics(kafka, &topics, TOPICS_IN).await;
    let producer = Producer::connect(kafka).await?;
    if let Err(error) = made {
        for name in [&kafka.topic, &kafka.dlq_topic] {
            if !producer.is_ready(name, TOPICS_IN).await {
                return Err(error).with_context(|| format!("topic {name} isn't there and can't be made"));
            }
        }
        tracing::warn!("topics can't be made here, but they are there: {error}");
    }
    Ok(producer)
}

/// Listens at the gateway's address.
///
/// # Errors
/// The port is taken; says what moves it.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{address} can't be listened on: stop what listens there, or set SERVER_PORT to another port")
    })
}
