//! `KAFKA_*` and `MSK_CLUSTER_ARN`, read and checked once.

use super::{MAX_RECORD_BYTES, Security};
use crate::config::{ConfigError, Env};
use std::str::FromStr;

/// Where Kafka is, what we call our topics there, and how to speak to it.
#[derive(Debug, Clone)]
pub struct Config {
    pub brokers: Brokers,
    /// Where ingest writes and the consumer reads (`KAFKA_TOPIC`).
    pub topic: String,
    /// Where records go that can't be used (`KAFKA_DLQ_TOPIC`).
    pub dlq_topic: String,
    /// Whose committed offsets say how far the consumer is (`KAFKA_CONSUMER_GROUP`).
    pub consumer_group: String,
    pub security: Security,
    pub producer: ProducerTuning,
}

/// The brokers to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brokers {
    /// `host:port`, comma-separated (`KAFKA_BROKERS`).
    List(String),
    /// The cluster's ARN (`MSK_CLUSTER_ARN`); its brokers are looked up on connecting.
    MskCluster(String),
}

/// How the producer trades latency for throughput.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerTuning {
    /// Bytes a request to a broker holds at most (`KAFKA_BATCH_SIZE`).
    pub batch_size: u32,
    /// How long a record waits for company (`KAFKA_LINGER_MS`). An HTTP request waits with it.
    pub linger_ms: u32,
    /// `KAFKA_COMPRESSION_TYPE`.
    pub compression: Compression,
}

/// What records are compressed with on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Config {
    /// # Errors
    /// Names the variable that can't be used, alone or beside the others.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let brokers = match (env.text("KAFKA_BROKERS"), env.text("MSK_CLUSTER_ARN")) {
            (Some(list), _) => Brokers::List(broker_list(&list)?),
            (None, Some(arn)) => Brokers::MskCluster(arn),
            (None, None) => Brokers::List("localhost:9092".to_owned()),
        };
        let region = match &brokers {
            Brokers::MskCluster(arn) => Some(region_of(arn)?),
            Brokers::List(_) => env.text("AWS_REGION"),
        };
        Ok(Self {
            brokers,
            topic: topic_name(env, "KAFKA_TOPIC", "ota-events")?,
            dlq_topic: topic_name(env, "KAFKA_DLQ_TOPIC", "ota-events-dlq")?,
            consumer_group: env.text("KAFKA_CONSUMER_GROUP").unwrap_or_else(|| "ota-analytics-consumer".to_owned()),
            security: Security::from_env(env, region.as_deref())?,
            producer: ProducerTuning::from_env(env)?,
        })
    }
}

impl ProducerTuning {
    fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let number = |variable, default, range: std::ops::RangeInclusive<u32>| {
            let value = env.parse(variable, "a whole number")?.unwrap_or(default);
            if range.contains(&value) {
                Ok(value)
            } else {
                let rule = format!("must be from {} to {}, got {value}", range.start(), range.end());
                Err(ConfigError { variable, rule })
            }
        };
        Ok(Self {
            // Half of what a broker takes by default (1 MiB), so that only a single large record can be too large.
            batch_size: number("KAFKA_BATCH_SIZE", 512 * 1024, 1..=MAX_RECORD_BYTES)?,
            // Enough for the records of one request to leave together.
            linger_ms: number("KAFKA_LINGER_MS", 1, 0..=1_000)?,
            compression: env
                .parse("KAFKA_COMPRESSION_TYPE", "none, gzip, snappy, lz4 or zstd")?
                .unwrap_or(Compression::Lz4),
        })
    }
}

impl Compression {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

impl FromStr for Compression {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd]
            .into_iter()
            .find(|compression| compression.as_str() == text)
            .ok_or(())
    }
}

fn broker_list(text: &str) -> Result<String, ConfigError> {
    let brokers: Vec<&str> = text.split(',').map(str::trim).filter(|broker| !broker.is_empty()).collect();
    if brokers.is_empty() {
        return Err(ConfigError {
            variable: "KAFKA_BROKERS",
            rule: format!("must be host:port, comma-separated, got {text:?}"),
        });
    }
    Ok(brokers.join(","))
}

fn topic_name(env: &Env, variable: &'static str, default: &str) -> Result<String, ConfigError> {
    let name = env.text(variable).unwrap_or_else(|| default.to_owned());
    let legal = name.len() <= 249 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if legal {
        Ok(name)
    } else {
        let rule = format!("must be a topic's name (up to 249 letters, digits, '.', '_', '-'), got {name:?}");
        Err(ConfigError { variable, rule })
    }
}

/// The region in `arn:aws:kafka:<region>:<account>:cluster/…`.
fn region_of(arn: &str) -> Result<String, ConfigError> {
    let mut parts = arn.split(':');
    match (parts.next(), parts.nth(1), parts.next()) {
        (Some("arn"), Some("kafka"), Some(region)) if !region.is_empty() => Ok(region.to_owned()),
        _ => Err(ConfigError {
            variable: "MSK_CLUSTER_ARN",
            rule: format!("must be the ARN of an MSK cluster, got {arn:?}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn defaults_are_the_local_stack() {
        let config = Config::from_env(&Env::from_pairs::<&str, &str>([])).unwrap();
        assert_eq!(config.brokers, Brokers::List("localhost:9092".to_owned()));
        assert_eq!((config.topic.as_str(), config.dlq_topic.as_str()), ("ota-events", "ota-events-dlq"));
        assert_eq!(config.consumer_group, "ota-analytics-consumer");
    }

    #[test]
    fn named_brokers_win_over_the_cluster() {
        let arn = "arn:aws:kafka:eu-central-1:123456789012:cluster/ota/abc-1";
        let config = Config::from_env(&Env::from_pairs([("MSK_CLUSTER_ARN", arn)])).unwrap();
        assert_eq!(config.brokers, Brokers::MskCluster(arn.to_owned()));
        let env = Env::from_pairs([("MSK_CLUSTER_ARN", arn), ("KAFKA_BROKERS", " a:1, b:2,")]);
        assert_eq!(Config::from_env(&env).unwrap().brokers, Brokers::List("a:1,b:2".to_owned()));
    }

    #[rstest]
    #[case("KAFKA_BROKERS", " , ")]
    #[case("MSK_CLUSTER_ARN", "ota")]
    #[case("MSK_CLUSTER_ARN", "arn:aws:lambda:eu-central-1:1:function:x")]
    #[case("KAFKA_TOPIC", "ota events")]
    #[case("KAFKA_DLQ_TOPIC", "a/b")]
    #[case("KAFKA_BATCH_SIZE", "0")]
    #[case("KAFKA_BATCH_SIZE", "many")]
    #[case("KAFKA_LINGER_MS", "-1")]
    #[case("KAFKA_LINGER_MS", "60000")]
    #[case("KAFKA_COMPRESSION_TYPE", "brotli")]
    fn what_cannot_be_used_is_named(#[case] variable: &str, #[case] value: &str) {
        let error = Config::from_env(&Env::from_pairs([(variable, value)])).unwrap_err();
        assert_eq!(error.variable, variable);
    }
}
