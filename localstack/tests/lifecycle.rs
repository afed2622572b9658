//! `ota serve` as a process: what it starts, what becomes of that, what it says when it can't.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "what a test can't do fails the test")]

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(90);

/// A running `ota serve`.
struct Serve {
    process: Child,
    base_url: String,
}

fn command(state_dir: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ota"));
    command.args(["serve", "--state-dir"]).arg(state_dir);
    command.envs([("SERVER_PORT", "0"), ("KAFKA_PORT", "0"), ("CLICKHOUSE_PORT", "0")]);
    command.envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Serve {
    fn start(state_dir: &Path) -> Self {
        Self::start_with(state_dir, &[])
    }

    /// Waits until it says that it is ready.
    fn start_with(state_dir: &Path, variables: &[(&str, &str)]) -> Self {
        let mut process = command(state_dir, variables).stderr(Stdio::inherit()).spawn().unwrap();
        let mut base_url = None;
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some(url) = line.trim().strip_prefix("API").map(str::trim).filter(|url| url.starts_with("http")) {
                base_url = Some(url.to_owned());
            }
            if line.starts_with("ready") {
                return Self { process, base_url: base_url.unwrap() };
            }
        }
        panic!("it ended before it was ready: {:?}", process.wait());
    }

    /// Its children, by a part of their command line.
    fn child(&self, part: &str) -> Option<Pid> {
        children(self.process.id()).into_iter().find(|(_, command)| command.contains(part)).map(|(pid, _)| pid)
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.id().try_into().unwrap()), signal).unwrap();
    }

    fn ends(mut self) -> ExitStatus {
        until("the process ends", || self.process.try_wait().unwrap())
    }

    fn get(&self, path: &str) -> Option<Value> {
        get(&format!("{}{path}", self.base_url))
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}

/// Processes whose parent this is, with their command lines.
fn children(parent: u32) -> Vec<(Pid, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        // After the name in parentheses: the state, then the parent.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        if fields[0] != "Z" && fields[1] == parent.to_string() {
            let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push((Pid::from_raw(pid), String::from_utf8_lossy(&command).replace('\0', " ")));
        }
    }
    found
}

fn is_alive(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {} s: {what}", PATIENCE.as_secs());
        sleep(Duration::from_millis(50));
    }
}

/// The JSON of a 200.
fn get(url: &str) -> Option<Value> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let response = reqwest::get(url).await.ok()?.error_for_status().ok()?;
        response.json().await.ok()
    })
}

fn post(url: &str, body: &Value) -> u16 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { reqwest::Client::new().post(url).json(body).send().await.unwrap().status().as_u16() })
}

fn installs(serve: &Serve) -> Option<u64> {
    serve.get("/analytics/adoption?tenant_id=acme")?["data"]["successful_updates"].as_u64()
}

fn install(device: &str) -> Value {
    json!({
        "tenant_id": "acme", "org_id": "org", "app_id": "app", "device_id": device, "event_type": "update_installed",
        "timestamp": jiff::Timestamp::now().to_string(), "release_info": {"target_version": "1.1.0"},
    })
}

#[test]
fn children_that_die_are_started_again_and_all_end_with_it() {
    let state = tempfile::tempdir().unwrap();
    let serve = Serve::start(state.path());
    assert_eq!(post(&format!("{}/events", serve.base_url), &install("device-1")), 202);
    until("the first event is counted", || installs(&serve).filter(|installs| *installs == 1));

    for part in ["kafka.Kafka", "clickhouse-server"] {
        let old = serve.child(part).unwrap();
        kill(old, Signal::SIGKILL).unwrap();
        until(&format!("{part} is started again"), || serve.child(part).filter(|new| *new != old));
        until(&format!("all is healthy after {part} died"), || serve.get("/health"));
    }
    assert_eq!(post(&format!("{}/events", serve.base_url), &install("device-2")), 202);
    until("both events are counted", || installs(&serve).filter(|installs| *installs == 2));

    let children: Vec<Pid> = children(serve.process.id()).into_iter().map(|(pid, _)| pid).collect();
    assert_eq!(children.len(), 2);
    serve.signal(Signal::SIGTERM);
    assert!(serve.ends().success());
    assert!(!children.iter().any(|pid| is_alive(*pid)), "nothing is left running");

    let again = Serve::start(state.path());
    until("the data is still there", || installs(&again).filter(|installs| *installs == 2));
    again.signal(Signal::SIGINT);
    assert!(again.ends().success());
}

#[test]
fn killed_it_leaves_nothing_behind_and_starts_again() {
    let state = tempfile::tempdir().unwrap();
    let serve = Serve::start(state.path());
    let children: Vec<Pid> = children(serve.process.id()).into_iter().map(|(pid, _)| pid).collect();
    assert_eq!(children.len(), 2);

    // Beside it, on the same state: refused.
    let (status, said) = fails(&mut command(state.path(), &[]));
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("another `ota` is running"), "{said}");

    serve.signal(Signal::SIGKILL);
    serve.ends();
    until("its children are gone", || (!children.iter().any(|pid| is_alive(*pid))).then_some(()));
    let again = Serve::start(state.path());
    again.signal(Signal::SIGTERM);
    assert!(again.ends().success());
}

#[test]
fn a_second_signal_does_not_wait_for_a_child_that_hangs() {
    let state = tempfile::tempdir().unwrap();
    let mut serve =
        Serve::start_with(state.path(), &[("CLICKHOUSE_USERNAME", "ota"), ("CLICKHOUSE_PASSWORD", "secret")]);
    assert!(serve.get("/health").is_some(), "the embedded engine takes the password that it was given");
    let kafka = serve.child("kafka.Kafka").unwrap();
    let frozen = serve.child("clickhouse-server").unwrap();
    kill(frozen, Signal::SIGSTOP).unwrap();

    serve.signal(Signal::SIGTERM);
    until("only the frozen child is left", || (!is_alive(kafka)).then_some(()));
    assert_eq!(serve.process.try_wait().unwrap(), None, "it waits for the frozen child");
    let second = Instant::now();
    serve.signal(Signal::SIGTERM);
    assert_eq!(serve.ends().code(), Some(1));
    assert!(second.elapsed() < Duration::from_secs(5), "it ended {:?} after the second signal", second.elapsed());
    until("the frozen child is gone", || (!is_alive(frozen)).then_some(()));

    // Its state is kept; only java is missing.
    let (status, said) = fails(&mut command(state.path(), &[("JAVA_HOME", "/does/not/exist")]));
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("make setup") && !said.contains("started again"), "{said}");
}

#[test]
fn what_keeps_it_from_starting_is_said() {
    let state = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for variable in ["SERVER_PORT", "KAFKA_PORT", "CLICKHOUSE_PORT"] {
        let (status, said) = fails(&mut command(state.path(), &[(variable, &port)]));
        assert_eq!(status.code(), Some(1));
        assert!(said.contains(&port) && said.contains(variable), "{said}");
    }
    for (variable, value) in [("API_KEYS", "[]"), ("RETENTION_DAYS", "never"), ("BATCH_SIZE", "many")] {
        let (status, said) = fails(&mut command(state.path(), &[(variable, value)]));
        assert_eq!(status.code(), Some(1));
        assert!(said.contains(variable), "{said}");
    }
}

/// Runs it to its end; what it says on standard error.
fn fails(command: &mut Command) -> (ExitStatus, String) {
    let mut process = command.spawn().unwrap();
    let mut said = String::new();
    process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (process.wait().unwrap(), said)
}
