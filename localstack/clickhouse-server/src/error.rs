use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the server can't start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the ClickHouse engine {path} can't be loaded: {source}")]
    Library { path: PathBuf, source: libloading::Error },
    #[error("the data directory {path} can't be used: {source}")]
    DataDir { path: PathBuf, source: io::Error },
    #[error("the data directory {path} is in use by another ClickHouse process")]
    DataDirInUse { path: PathBuf },
    #[error("the ClickHouse engine did not start on {path}; its own message is above")]
    EngineStart { path: PathBuf },
    #[error("the ClickHouse engine started, but does not answer: {0}")]
    EngineAnswer(String),
    #[error("can't listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
}
