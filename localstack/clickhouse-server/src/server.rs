//! Starting, serving, stopping.

use std::fs::File;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{interval, timeout};

use crate::auth::Account;
use crate::engine::{Engine, quote_identifier};
use crate::error::Error;
use crate::execute::Gathering;
use crate::handler::handle;
use crate::info::ServerInfo;
use crate::options::Options;
use crate::state::State;

/// Statements that run at the same time; each is a thread here and several in the engine.
const CONCURRENCY: u32 = 64;
/// An idle connection is closed after this, a slow request head refused.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
const SESSION_SWEEP: Duration = Duration::from_secs(1);
/// How long running statements get to finish when the server stops, and then those that were told to end.
const DRAIN: Duration = Duration::from_secs(10);
const DRAIN_CANCELLED: Duration = Duration::from_secs(5);
/// After a failed `accept`, such as without a free file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A server that listens, with its engine started.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    state: Arc<State>,
    /// Locked as long as the server lives
    _lock: File,
}

/// Starts a server and serves until `shutdown` completes; then finishes what runs, within some ten seconds.
///
/// One process can do this once: the engine can't be started again.
pub async fn serve(options: Options, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
    Server::bind(options).await?.run(shutdown).await;
    Ok(())
}

impl Server {
    /// Takes the port, then the data directory, then starts the engine: a quarter of a second on an empty directory.
    pub async fn bind(options: Options) -> Result<Self, Error> {
        let listen_error = |source| Error::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let lock = lock(&options.data_dir)?;
        let account = Account::new(options.user.clone(), options.password.clone());
        let default_database = options.default_database.clone();
        let started = spawn_blocking(move || start_engine(&options)).await;
        let (engine, info) = started.unwrap_or_else(|panic| Err(Error::EngineAnswer(panic.to_string())))?;
        tracing::info!(%address, version = info.version, "ClickHouse is ready");
        let state = State {
            engine: Arc::new(engine),
            info,
            account,
            default_database,
            sessions: Arc::default(),
            running: Arc::default(),
            gathering: Gathering::default(),
            permits: Arc::new(Semaphore::new(CONCURRENCY as usize)),
        };
        Ok(Self { listener, address, state: Arc::new(state), _lock: lock })
    }

    /// Where it listens, with the port that was free.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` completes.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) {
        let sweep = tokio::spawn(sweep(Arc::clone(&self.state)));
        let connections = GracefulShutdown::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => serve_connection(stream, Arc::clone(&self.state), &connections),
                    Err(error) => {
                        tracing::warn!(%error, "a connection was not accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                () = &mut shutdown => break,
            }
        }
        let Self { listener, state, .. } = self;
        drop(listener);
        sweep.abort();
        tracing::info!("stopping: running statements get {} s to finish", DRAIN.as_secs());
        if timeout(DRAIN, connections.shutdown()).await.is_err() {
            tracing::warn!("statements that still run are cut off");
        }
        stop_engine(state).await;
    }
}

fn lock(data_dir: &Path) -> Result<File, Error> {
    let unusable = |source| Error::DataDir { path: data_dir.to_owned(), source };
    std::fs::create_dir_all(data_dir).map_err(unusable)?;
    let file = File::create(data_dir.join("server.lock")).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::DataDirInUse { path: data_dir.to_owned() }),
        Err(std::fs::TryLockError::Error(source)) => Err(unusable(source)),
    }
}

fn start_engine(options: &Options) -> Result<(Engine, ServerInfo), Error> {
    let engine = Engine::start(&options.library, &options.data_dir)?;
    let mut connection = engine.connect(&[]).map_err(|error| Error::EngineAnswer(error.to_string()))?;
    let database = quote_identifier(&options.default_database);
    connection
        .run(&format!("CREATE DATABASE IF NOT EXISTS {database}"))
        .and_then(|_| ServerInfo::ask(&mut connection))
        .map(|info| (engine, info))
        .map_err(|error| Error::EngineAnswer(error.to_string()))
}

fn serve_connection(stream: TcpStream, state: Arc<State>, connections: &GracefulShutdown) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let service = service_fn(move |request| handle(Arc::clone(&state), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        // A client that leaves early, or a query that fails in the middle of its output, ends here too.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended");
        }
    });
}

async fn sweep(state: Arc<State>) {
    let mut ticks = interval(SESSION_SWEEP);
    loop {
        ticks.tick().await;
        let sessions = Arc::clone(&state.sessions);
        // An aborted sweep is no loss.
        spawn_blocking(move || sessions.expire()).await.unwrap_or_default();
    }
}

async fn stop_engine(state: Arc<State>) {
    if state.permits.available_permits() < CONCURRENCY as usize {
        let engine = Arc::clone(&state.engine);
        if let Ok(Err(error)) = spawn_blocking(move || engine.kill_all()).await {
            tracing::warn!(%error, "running statements could not be told to end");
        }
    }
    if timeout(DRAIN_CANCELLED, state.permits.acquire_many(CONCURRENCY)).await.is_err() {
        // The engine would wait for them. What was acknowledged is on disk.
        tracing::warn!("the engine is left as it is: statements still run");
        return;
    }
    let stopped = spawn_blocking(move || {
        state.sessions.close();
        state.engine.stop();
    });
    match stopped.await {
        Ok(()) => tracing::info!("ClickHouse has stopped"),
        Err(error) => tracing::warn!(%error, "the engine did not stop"),
    }
}
