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

/// The variables with the addresses of embedded servers where only their ports are named: for commands that ask a system
/// which runs beside them.
///
/// # Errors
/// Names the variable that isn't a port.
pub(crate) fn with_addresses(env: Env) -> Result<Env, ConfigError> {
    let mut addresses = Vec::new();
    if !is_set(&env, KAFKA_ELSEWHERE)
        && let Some(port) = env.parse::<u16>("KAFKA_PORT", "a port")?
    {
        addresses.push(("KAFKA_BROKERS", format!("127.0.0.1:{port}")));
    }
    if !is_set(&env, CLICKHOUSE_ELSEWHERE)
        && let Some(port) = env.parse::<u16>("CLICKHOUSE_PORT", "a port")?
    {
        addresses.push(("CLICKHOUSE_URL", format!("http://127.0.0.1:{port}")));
    }
    Ok(env.with(addresses))
}

/// With one of these set, that server is used and the embedded one doesn't start.
const KAFKA_ELSEWHERE: &[&str] = &["KAFKA_BROKERS", "MSK_CLUSTER_ARN"];
const CLICKHOUSE_ELSEWHERE: &[&str] = &["CLICKHOUSE_URL"];

fn is_set(env: &Env, variables: &[&'static str]) -> bool {
    variables.iter().any(|variable| env.text(variable).is_some())
}

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
        let kafka = if is_set(&env, KAFKA_ELSEWHERE) { None } else { Some(port("KAFKA_PORT", 9092)?) };
        let clickhouse = if is_set(&env, CLICKHOUSE_ELSEWHERE) { None } else { Some(port("CLICKHOUSE_PORT", 8123)?) };
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

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{clickhouse, kafka};

    fn asked(variables: &[(&str, &str)]) -> Result<(kafka::Brokers, String), ConfigError> {
        let env = with_addresses(Env::from_pairs(variables.iter().copied()))?;
        Ok((kafka::Config::from_env(&env)?.brokers, clickhouse::Config::from_env(&env)?.url))
    }

    #[test]
    fn ports_lead_to_the_system_that_was_moved_there() {
        let brokers = |list: &str| kafka::Brokers::List(list.to_owned());
        let moved = [("KAFKA_PORT", "19092"), ("CLICKHOUSE_PORT", "18123")];
        assert_eq!(asked(&moved), Ok((brokers("127.0.0.1:19092"), "http://127.0.0.1:18123".to_owned())));
        assert_eq!(asked(&[]), Ok((brokers("localhost:9092"), "http://localhost:8123".to_owned())));
        let elsewhere = [("KAFKA_BROKERS", "a:1"), ("CLICKHOUSE_URL", "http://b:2")];
        assert_eq!(asked(&[moved, elsewhere].concat()), Ok((brokers("a:1"), "http://b:2".to_owned())));
        assert_eq!(asked(&[("KAFKA_PORT", "near")]).unwrap_err().variable, "KAFKA_PORT");
    }
}
