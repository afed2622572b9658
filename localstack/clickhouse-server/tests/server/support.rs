use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::{Client, RequestBuilder, Response};

pub const DATABASE: &str = "test";
const PATIENCE: Duration = Duration::from_secs(30);

/// The engine: `CHDB_LIBRARY`, or where the project's setup puts it.
pub fn library() -> PathBuf {
    if let Some(path) = std::env::var_os("CHDB_LIBRARY") {
        return path.into();
    }
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.local/npm/node_modules/@chdb");
    let found = std::fs::read_dir(&packages).ok().and_then(|entries| {
        entries.flatten().map(|entry| entry.path().join("libchdb.so")).find(|library| library.is_file())
    });
    found.unwrap_or_else(|| {
        panic!("no libchdb.so under {}: run `make test`, which brings it, or set CHDB_LIBRARY", packages.display())
    })
}

/// A server process. It ends with its handle, and with the test process.
pub struct Server {
    pub address: SocketAddr,
    child: Child,
}

impl Server {
    pub fn start(data_dir: &Path, arguments: &[&str]) -> Self {
        let mut server = Self::spawn(data_dir, arguments);
        let deadline = Instant::now() + PATIENCE;
        while !server.answers() {
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("the server ended at once: {status}");
            }
            assert!(Instant::now() < deadline, "the server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// Starts a process without waiting for it to answer.
    pub fn spawn(data_dir: &Path, arguments: &[&str]) -> Self {
        Self::spawn_with(&library(), data_dir, arguments)
    }

    pub fn spawn_with(library: &Path, data_dir: &Path, arguments: &[&str]) -> Self {
        let address = free_address();
        let child = Command::new(env!("CARGO_BIN_EXE_clickhouse-server"))
            .arg("--library")
            .arg(library)
            .arg("--data-dir")
            .arg(data_dir)
            .args(["--listen", &address.to_string(), "--database", DATABASE, "--stop-with-stdin"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { address, child }
    }

    fn answers(&self) -> bool {
        use std::io::{Read, Write};
        let Ok(mut stream) = std::net::TcpStream::connect(self.address) else { return false };
        let mut answer = String::new();
        stream.write_all(b"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.ends_with("Ok.\n")
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Waits for the end; what it wrote on standard error.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the server does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        let status = self.child.wait().unwrap();
        let mut log = String::new();
        std::io::Read::read_to_string(&mut self.child.stderr.take().unwrap(), &mut log).unwrap();
        (status, log)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// The server that the tests share.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| {
        let data_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clickhouse-server");
        // What an earlier run left; its server has ended with it.
        if data_dir.exists() {
            std::fs::remove_dir_all(&data_dir).unwrap();
        }
        Server::start(&data_dir, &[])
    })
}

/// A POST to the shared server; `path` has the parameters.
pub fn post(path: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
    Client::new().post(shared().url(path)).body(body)
}

pub fn get(path: &str) -> RequestBuilder {
    Client::new().get(shared().url(path))
}

/// Runs a statement that must succeed, and gives its output.
pub async fn run(statement: &str) -> String {
    text(post("/", statement.to_owned()).send().await.unwrap()).await
}

/// The body of a response that must be a success.
pub async fn text(response: Response) -> String {
    let status = response.status();
    let body = response.text().await.unwrap();
    assert!(status.is_success(), "{status}: {body}");
    body
}

/// A header as text; empty without.
pub fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// Status, exception code and text of a response.
pub async fn failure(request: RequestBuilder) -> (u16, String, String) {
    let response = request.send().await.unwrap();
    let (status, code) = (response.status().as_u16(), header(&response, "x-clickhouse-exception-code").to_owned());
    (status, code, response.text().await.unwrap())
}

/// How many running statements have the text; the question is not one of them.
pub fn count_of(text: &str) -> String {
    let (first, rest) = text.split_at(4);
    format!("SELECT count() FROM system.processes WHERE position(query, concat('{first}', '{rest}')) > 0")
}

/// Asks until the answer is as wanted.
pub async fn eventually(question: &str, wanted: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = run(question).await;
        if answer == wanted {
            return;
        }
        assert!(Instant::now() < deadline, "{question}: {answer} instead of {wanted}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
