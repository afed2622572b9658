//! What the figures were measured on.

use serde::Serialize;
use std::{fs, path::Path, process::Command};

/// The machine and the versions of what ran on it.
#[derive(Debug, Serialize)]
pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    pub memory_mb: u64,
    pub kernel: String,
    pub rustc: String,
    pub commit: String,
    pub kafka: String,
    /// Known once a section has asked the engine.
    pub clickhouse: Option<String>,
}

impl Machine {
    /// `local`: the clone's `.local/`.
    pub fn look(local: Option<&Path>) -> Self {
        Self {
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_mb: memory(),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").map_or_else(|_| unknown(), trimmed),
            rustc: said("rustc", &["--version"]),
            commit: commit(),
            kafka: local.and_then(kafka_jar).unwrap_or_else(unknown),
            clickhouse: None,
        }
    }

    pub fn lines(&self) -> String {
        let clickhouse = self.clickhouse.as_deref().unwrap_or("not asked");
        format!(
            "machine     {} · {} cores · {:.1} GB · Linux {}\nversions    commit {} · {} · Kafka {} · ClickHouse {clickhouse}",
            self.cpu,
            self.cores,
            self.memory_mb as f64 / 1000.0,
            self.kernel,
            self.commit,
            self.rustc,
            self.kafka,
        )
    }
}

fn memory() -> u64 {
    let total = field("/proc/meminfo", "MemTotal");
    total.and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024 / 1_000_000
}

fn commit() -> String {
    let changed =
        if said("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty() { "" } else { ", changed" };
    format!("{}{changed}", said("git", &["rev-parse", "--short", "HEAD"]))
}

/// `kafka_2.13-4.3.1.jar`
fn kafka_jar(local: &Path) -> Option<String> {
    let names = fs::read_dir(local.join("kafka/libs")).ok()?.flatten();
    names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .find_map(|name| Some(name.strip_prefix("kafka_")?.split_once('-')?.1.strip_suffix(".jar")?.to_owned()))
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let (_, value) = text.lines().filter_map(|line| line.split_once(':')).find(|(known, _)| known.trim() == name)?;
    Some(value.trim().to_owned())
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| unknown(), |output| trimmed(String::from_utf8_lossy(&output.stdout).into_owned()))
}

fn trimmed(text: String) -> String {
    text.trim().to_owned()
}

fn unknown() -> String {
    "unknown".to_owned()
}
