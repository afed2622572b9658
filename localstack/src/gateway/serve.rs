//! Connections: each on its own task, with limits on what a client may hold up.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// How long clients may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// For the request's head, also the next one's on a kept connection.
    pub head: Duration,
    /// For requests in flight when the gateway stops.
    pub drain: Duration,
}

/// The request's head must fit in here; more is answered 431.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// When no connection can be accepted (no file descriptors, say), until the next attempt.
const AFTER_ERROR: Duration = Duration::from_millis(100);

/// The running HTTP server.
pub struct Gateway {
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Default for Options {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { head: seconds(10), drain: seconds(10) }
    }
}

impl Gateway {
    /// Serves HTTP/1.1 on the listener until [`Gateway::stop`].
    #[must_use]
    pub fn start(listener: TcpListener, router: Router) -> Self {
        Self::start_with(listener, router, Options::default())
    }

    /// [`Gateway::start`] with other limits.
    #[must_use]
    pub fn start_with(listener: TcpListener, router: Router, options: Options) -> Self {
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, router, options, stopped));
        Self { stop, server }
    }

    /// Takes no more connections, lets requests in flight finish for [`Options::drain`], then cuts what is left.
    pub async fn stop(self) {
        // It ends by itself only by a panic, which the wait below tells.
        let _ = self.stop.send(());
        if let Err(error) = self.server.await {
            tracing::error!("the gateway did not end in order: {error}");
        }
    }
}

async fn serve(listener: TcpListener, router: Router, options: Options, mut stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(options.head).max_buf_size(MAX_HEAD_BYTES);
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => accepted,
            // Lets go of those that are done.
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => {
                let service = TowerToHyperService::new(router.clone());
                let connection = http.serve_connection(TokioIo::new(without_delay(stream)), service);
                let connection = graceful.watch(connection);
                connections.spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!("connection ended: {error}");
                    }
                });
            }
            Err(error) => {
                tracing::warn!("no connection can be accepted: {error}");
                sleep(AFTER_ERROR).await;
            }
        }
    }
    drop(listener);
    if timeout(options.drain, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests still in flight are cut");
    }
    connections.shutdown().await;
}

fn without_delay(stream: TcpStream) -> TcpStream {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("TCP_NODELAY: {error}");
    }
    stream
}
