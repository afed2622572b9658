use std::net::SocketAddr;
use std::path::PathBuf;

/// Where the engine is, what it serves and to whom.
#[derive(Debug, Clone)]
pub struct Options {
    /// The engine: `libchdb.so`, so named on macOS too.
    pub library: PathBuf,
    /// Where tables live; made if missing, and locked while the server runs.
    pub data_dir: PathBuf,
    /// Port 0 takes any free one, see [`crate::Server::local_addr`].
    pub listen: SocketAddr,
    /// The database of a request that names none; made if missing.
    pub default_database: String,
    /// With `user` or `password` set, a request must bring both; `user` alone means an empty password.
    pub user: Option<String>,
    /// See `user`, which then is `default` unless given.
    pub password: Option<String>,
}
