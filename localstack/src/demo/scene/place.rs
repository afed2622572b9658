//! What one demo calls its own, so that it never touches what `make dev` keeps.

use nix::{sys::signal::kill, unistd::Pid};
use shared::config::Env;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Variables of the process that a demo heeds: where servers are and how to get in. Everything else (keys, limits,
/// retention, names of topics) stays as documented, since the demo's own numbers rest on it.
const HEEDED: [&str; 23] = [
    "SERVER_HOST",
    "SERVER_PORT",
    "KAFKA_PORT",
    "CLICKHOUSE_PORT",
    "KAFKA_BROKERS",
    "MSK_CLUSTER_ARN",
    "KAFKA_SECURITY_PROTOCOL",
    "KAFKA_SASL_MECHANISMS",
    "KAFKA_SASL_USERNAME",
    "KAFKA_SASL_PASSWORD",
    "KAFKA_SSL_CA_LOCATION",
    "KAFKA_BATCH_SIZE",
    "KAFKA_LINGER_MS",
    "KAFKA_COMPRESSION_TYPE",
    "CLICKHOUSE_URL",
    "CLICKHOUSE_USERNAME",
    "CLICKHOUSE_PASSWORD",
    "CLICKHOUSE_CLUSTER",
    "CLICKHOUSE_MAX_MEMORY_USAGE",
    "CLICKHOUSE_MAX_THREADS",
    "CLICKHOUSE_MAX_EXECUTION_TIME",
    "BATCH_SIZE",
    "BATCH_WINDOW_MS",
];

/// Ports that aren't given are any that are free.
const FREE_PORTS: [(&str, &str); 3] = [("SERVER_PORT", "0"), ("KAFKA_PORT", "0"), ("CLICKHOUSE_PORT", "0")];

/// How long removing may take while a killed engine still ends.
const REMOVED_IN: Duration = Duration::from_secs(5);

/// A directory, and the variables that the demo's system is configured with.
pub(in super::super) struct Place {
    pub(super) directory: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Place {
    /// A new place under `home`; what demos that were killed left there is removed.
    pub(super) fn make(home: &Path, given: impl Fn(&'static str) -> Option<String>) -> io::Result<Self> {
        remove_abandoned(home)?;
        let process = std::process::id();
        let directory = home.join(process.to_string());
        fs::create_dir_all(&directory)?;
        let free = FREE_PORTS.iter().map(|(name, port)| (*name, (*port).to_owned()));
        let mut variables: Vec<_> = free.chain(HEEDED.iter().filter_map(|name| Some((*name, given(name)?)))).collect();
        // Unlike the process id, unique also on a server that several machines share.
        let name = uuid::Uuid::new_v4().simple().to_string();
        variables.extend([
            ("KAFKA_TOPIC", format!("ota-demo-{name}")),
            ("KAFKA_DLQ_TOPIC", format!("ota-demo-{name}-dlq")),
            ("KAFKA_CONSUMER_GROUP", format!("ota-demo-{name}")),
            ("CLICKHOUSE_DATABASE", format!("ota_demo_{name}")),
        ]);
        Ok(Self { directory, variables })
    }

    pub(super) fn env(&self) -> Env {
        Env::from_pairs(self.variables.clone())
    }

    /// Removes the directory, also under an engine that is just ending.
    pub(super) async fn remove(&self) -> io::Result<()> {
        let deadline = Instant::now() + REMOVED_IN;
        loop {
            match fs::remove_dir_all(&self.directory) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(_) if Instant::now() < deadline => tokio::time::sleep(Duration::from_millis(100)).await,
                result => return result,
            }
        }
    }
}

/// Directories are named after the process they belong to.
fn remove_abandoned(home: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(home) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let process = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if process.is_some_and(|process| kill(Pid::from_raw(process), None) == Err(nix::errno::Errno::ESRCH)) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(name: &'static str) -> Option<String> {
        ["KAFKA_BROKERS", "API_KEYS", "KAFKA_TOPIC"].contains(&name).then(|| "given".to_owned())
    }

    #[test]
    fn servers_are_heeded_and_names_are_its_own() {
        let home = tempfile::tempdir().unwrap();
        let place = Place::make(home.path(), given).unwrap();
        let env = place.env();
        let value = |name| env.text(name);
        assert_eq!(value("SERVER_PORT").as_deref(), Some("0"));
        assert_eq!(value("KAFKA_BROKERS").as_deref(), Some("given"));
        assert_eq!(value("API_KEYS"), None);
        assert!(value("KAFKA_TOPIC").unwrap().starts_with("ota-demo-"));
        assert!(value("CLICKHOUSE_DATABASE").unwrap().starts_with("ota_demo_"));
    }

    #[tokio::test]
    async fn what_was_abandoned_goes_and_the_rest_stays() {
        let home = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = child.id();
        child.wait().unwrap();
        for name in [gone.to_string(), std::process::id().to_string(), "notes".to_owned()] {
            fs::create_dir_all(home.path().join(name).join("kafka")).unwrap();
        }
        let place = Place::make(home.path(), |_| None).unwrap();
        let mut left: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [place.directory.file_name().unwrap().to_owned(), "notes".into()]);
        place.remove().await.unwrap();
        assert!(!place.directory.exists());
    }
}
