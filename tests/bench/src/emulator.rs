//! The real Lambda zips in AWS's own runtime interface emulator.

use crate::{
    place::{Place, Scratch},
    process::Process,
};
use anyhow::{Context, bail};
use std::{
    fs::{self, File, Permissions},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::sleep,
};

const READY: Duration = Duration::from_secs(10);
const INVOCATION: Duration = Duration::from_secs(120);

/// What `make build` makes and what `make setup` brings, where both are there.
pub struct Zip {
    pub function: &'static str,
    pub path: PathBuf,
    emulator: PathBuf,
    python: PathBuf,
}

/// One execution environment. Dropped, it is killed.
pub struct Emulated {
    _emulator: Child,
    process: Process,
    url: String,
    client: reqwest::Client,
    _scratch: Scratch,
}

impl Zip {
    /// Says what is missing.
    pub fn find(place: &Place, function: &'static str) -> Result<Self, &'static str> {
        let path = place.zip(function).ok_or("no zips: `make build` first")?;
        let emulator = place.emulator().ok_or("no runtime interface emulator: `make build` brings it")?;
        Ok(Self { function, path, emulator, python: place.local().join("venv/bin/python") })
    }

    pub fn megabytes(&self) -> anyhow::Result<f64> {
        Ok(fs::metadata(&self.path)?.len() as f64 / 1e6)
    }

    /// The emulator, which runs the function at its first invocation.
    pub async fn start(&self, place: &Place, env: &[(&'static str, String)]) -> anyhow::Result<Emulated> {
        let scratch = place.scratch(&format!("lambda-{}", self.function))?;
        let bootstrap = self.unpack(scratch.path()).await?;
        let [port, runtime_api] = free_ports()?;
        let (address, runtime_api) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{runtime_api}"));
        let log = File::create(scratch.path().join("log"))?;
        let mut command = Command::new(&self.emulator);
        command.args(["--runtime-interface-emulator-address", &address, "--runtime-api-address", &runtime_api]);
        command.arg(bootstrap).current_dir(scratch.path());
        command.env("AWS_LAMBDA_FUNCTION_NAME", self.function).env("AUTH", "none");
        command.envs(env.iter().map(|(name, value)| (*name, value.as_str())));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        let emulator = command.spawn().context("the emulator can't be started")?;
        let process = Process::new(emulator.id().context("the emulator ended")?);
        let began = Instant::now();
        while TcpStream::connect(&address).await.is_err() {
            if began.elapsed() > READY {
                bail!("the emulator doesn't listen after {} s", READY.as_secs());
            }
            sleep(Duration::from_millis(10)).await;
        }
        let client = reqwest::Client::builder().timeout(INVOCATION).build()?;
        let url = format!("http://{address}/2015-03-31/functions/function/invocations");
        Ok(Emulated { _emulator: emulator, process, url, client, _scratch: scratch })
    }

    async fn unpack(&self, into: &Path) -> anyhow::Result<PathBuf> {
        let status =
            Command::new(&self.python).args(["-m", "zipfile", "-e"]).arg(&self.path).arg(into).status().await?;
        if !status.success() {
            bail!("{} can't be unpacked", self.path.display());
        }
        let bootstrap = into.join("bootstrap");
        fs::set_permissions(&bootstrap, Permissions::from_mode(0o755))?;
        Ok(bootstrap)
    }
}

impl Emulated {
    /// How long an invocation takes, as its caller sees it.
    pub async fn invoke(&self, event: &[u8]) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let response = self.client.post(&self.url).body(event.to_vec()).send().await?;
        let body = response.text().await?;
        let took = began.elapsed();
        if body.contains("\"errorType\"") {
            bail!("the function failed: {body:.300}");
        }
        let answer: serde_json::Value = serde_json::from_str(&body).with_context(|| format!("{body:.300}"))?;
        match answer.get("statusCode").and_then(serde_json::Value::as_u64) {
            None | Some(200 | 202) => Ok(took),
            Some(status) => bail!("the function answered {status}: {body:.300}"),
        }
    }

    /// The function's process; there is one from the first invocation on.
    pub fn function(&self) -> anyhow::Result<Process> {
        self.process.descendant("bootstrap")
    }
}

fn free_ports() -> anyhow::Result<[u16; 2]> {
    let listeners = [TcpListener::bind(("127.0.0.1", 0))?, TcpListener::bind(("127.0.0.1", 0))?];
    let [first, second] = listeners.each_ref().map(TcpListener::local_addr);
    Ok([first?.port(), second?.port()])
}
