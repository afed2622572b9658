//! ClickHouse: configuration from the environment, the client made from it, and what its errors mean.

mod failure;

pub use failure::Failure;

use crate::config::{ConfigError, Env};
use clickhouse::{Client, Compression};
use http::Uri;
use secrecy::{ExposeSecret, SecretString};

/// Where ClickHouse is and what a query may use there.
#[derive(Debug, Clone)]
pub struct Config {
    /// HTTP or HTTPS address (`CLICKHOUSE_URL`).
    pub url: String,
    /// `CLICKHOUSE_DATABASE`
    pub database: String,
    pub username: Option<String>,
    pub password: Option<SecretString>,
    /// Bytes, threads and seconds a query may use; `None` is the server's own limit.
    pub max_memory_usage: Option<u64>,
    pub max_threads: Option<u64>,
    pub max_execution_time: Option<u64>,
    /// Cluster whose nodes hold the tables (`CLICKHOUSE_CLUSTER`); `None` is a single node.
    pub cluster: Option<String>,
}

impl Config {
    /// # Errors
    /// Names the variable that can't be used.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let url = env.text("CLICKHOUSE_URL").unwrap_or_else(|| "http://localhost:8123".to_owned());
        if !url.starts_with("http://") && !url.starts_with("https://") {
            let rule = "must begin with http:// or https://".to_owned();
            return Err(ConfigError { variable: "CLICKHOUSE_URL", rule });
        }
        let limit = |variable| env.parse::<u64>(variable, "a whole number");
        Ok(Self {
            url,
            database: identifier(env, "CLICKHOUSE_DATABASE")?.unwrap_or_else(|| "analytics".to_owned()),
            username: env.text("CLICKHOUSE_USERNAME"),
            password: env.secret("CLICKHOUSE_PASSWORD"),
            max_memory_usage: limit("CLICKHOUSE_MAX_MEMORY_USAGE")?,
            max_threads: limit("CLICKHOUSE_MAX_THREADS")?,
            max_execution_time: limit("CLICKHOUSE_MAX_EXECUTION_TIME")?,
            cluster: identifier(env, "CLICKHOUSE_CLUSTER")?,
        })
    }

    /// A client for the database. Cheap to clone; one a process.
    #[must_use]
    pub fn client(&self) -> Client {
        self.server().with_database(&self.database)
    }

    /// A client that names no database, for creating it.
    #[must_use]
    pub fn server(&self) -> Client {
        let mut client = Client::default().with_url(&self.url);
        if self.is_on_this_machine() {
            // Compressing costs more than the bytes do.
            client = client.with_compression(Compression::None);
        }
        if let Some(username) = &self.username {
            client = client.with_user(username);
        }
        if let Some(password) = &self.password {
            client = client.with_password(password.expose_secret());
        }
        let limits = [
            ("max_memory_usage", self.max_memory_usage),
            ("max_threads", self.max_threads),
            ("max_execution_time", self.max_execution_time),
        ];
        for (setting, limit) in limits {
            if let Some(limit) = limit {
                client = client.with_setting(setting, limit.to_string());
            }
        }
        client
    }

    fn is_on_this_machine(&self) -> bool {
        let host = self.url.parse::<Uri>().ok().and_then(|url| url.host().map(str::to_owned));
        host.is_some_and(|host| matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]"))
    }
}

/// Names go into DDL as they are, so only plain ones are taken.
fn identifier(env: &Env, variable: &'static str) -> Result<Option<String>, ConfigError> {
    let plain = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    match env.text(variable) {
        Some(name) if !plain(&name) => {
            Err(ConfigError { variable, rule: format!("may hold letters, digits, _ and -, got {name:?}") })
        }
        name => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("CLICKHOUSE_URL", "localhost:8123")]
    #[case("CLICKHOUSE_DATABASE", "a; DROP DATABASE b")]
    #[case("CLICKHOUSE_CLUSTER", "'c'")]
    #[case("CLICKHOUSE_MAX_THREADS", "many")]
    fn a_bad_variable_is_named(#[case] variable: &'static str, #[case] value: &str) {
        let env = Env::from_pairs([(variable, value)]);
        assert_eq!(Config::from_env(&env).unwrap_err().variable, variable);
    }

    #[test]
    fn defaults_are_the_local_stack() {
        let config = Config::from_env(&Env::from_pairs::<&str, &str>([])).unwrap();
        assert_eq!((config.url.as_str(), config.database.as_str()), ("http://localhost:8123", "analytics"));
        assert!(config.cluster.is_none());
    }
}
