//! What to start, from the environment.

use crate::{
    engines::{Port, Setup},
    home,
};
use shared::config::{ConfigError, Env};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

/// Where everything listens and keeps its state.
pub struct Options {
    pub address: SocketAddr,
    pub engines: Setup,
    /// All other variables.
    pub env: Env,
}

impl Options {
    /// With `KAFKA_BROKERS`, `MSK_CLUSTER_ARN` or `CLICKHOUSE_URL` set, that server is used and the embedded one doesn't start.
    ///
    /// # Errors
    /// Names the variable that can't be used, or says that nothing has been set up.
    pub fn from_env(env: Env, state_dir: Option<PathBuf>) -> anyhow::Result<Self> {
        let port = |variable, default| Ok::<_, ConfigError>(env.parse::<u16>(variable, "a port")?.unwrap_or(default));
        let host = env.parse::<IpAddr>("SERVER_HOST", "an IP address")?.unwrap_or(Ipv4Addr::LOCALHOST.into());
        let address = SocketAddr::new(host, port("SERVER_PORT", 8081)?);
        let elsewhere = |variables: &[&'static str]| variables.iter().any(|variable| env.text(variable).is_some());
        let kafka =
            if elsewhere(&["KAFKA_BROKERS", "MSK_CLUSTER_ARN"]) { None } else { Some(port("KAFKA_PORT", 9092)?) };
        let clickhouse = if elsewhere(&["CLICKHOUSE_URL"]) { None } else { Some(port("CLICKHOUSE_PORT", 8123)?) };
        let state_dir = match state_dir {
            Some(directory) => directory,
            None if kafka.is_none() && clickhouse.is_none() => {
                std::env::temp_dir().join(format!("ota-{}", address.port()))
            }
            None => home::local()?.join("state"),
        };
        let server = shared::clickhouse::Config::from_env(&env)?;
        let engines = Setup { state_dir, kafka: kafka.map(Port::from), clickhouse: clickhouse.map(Port::from), server };
        Ok(Self { address, engines, env })
    }
}
