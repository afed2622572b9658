//! Dead letters, read as any consumer would.

use super::{PATIENCE, brokers};
use rdkafka::{
    ClientConfig, Message,
    consumer::{BaseConsumer, Consumer},
    message::Headers,
};
use shared::kafka::Config;
use std::time::{Duration, Instant};

/// A record of the dead-letter topic.
#[derive(Debug)]
pub struct Letter {
    pub key: Vec<u8>,
    pub value: Option<Vec<u8>>,
    headers: Vec<(String, String)>,
}

impl Letter {
    /// A header's text; nothing where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }
}

pub(super) async fn read(config: &Config, number: usize) -> Vec<Letter> {
    let (brokers, topic) = (brokers(config), config.dlq_topic.clone());
    tokio::task::spawn_blocking(move || read_now(&brokers, &topic, number)).await.unwrap()
}

fn read_now(brokers: &str, topic: &str, number: usize) -> Vec<Letter> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", format!("{topic}-reader"))
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();
    let deadline = Instant::now() + PATIENCE;
    let mut letters = Vec::new();
    while letters.len() < number {
        assert!(Instant::now() < deadline, "{} letters of {number}", letters.len());
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        let message = message.unwrap();
        let text = |value: Option<&[u8]>| String::from_utf8_lossy(value.unwrap_or_default()).into_owned();
        let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
        letters.push(Letter {
            key: message.key().unwrap_or_default().to_vec(),
            value: message.payload().map(<[u8]>::to_vec),
            headers: headers.map(|header| (header.key.to_owned(), text(header.value))).collect(),
        });
    }
    letters.sort_by_key(|letter| letter.header("dlq-offset").parse::<i64>().unwrap());
    letters
}
