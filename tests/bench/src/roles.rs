//! This program as another process: a part of the system alone, so that its CPU time and memory are its own.

mod child;
mod sink;

pub use child::Child;
pub use sink::{Counter, counting};

use anyhow::Context;
use ingest::KafkaPublisher;
use localstack::gateway::{self, AllowedOrigins, Gateway};
use shared::{
    config::Env,
    kafka::{self, Producer},
    telemetry,
};
use std::{
    io::{Read, Write},
    net::SocketAddr,
};
use tokio::net::TcpListener;

/// The ingest function behind the local gateway, nothing else.
pub async fn serve_ingest() -> anyhow::Result<()> {
    telemetry::init();
    let env = Env::process();
    let kafka = kafka::Config::from_env(&env)?;
    let publisher = KafkaPublisher::new(Producer::connect(&kafka).await?, &kafka);
    let routes = ingest::router(ingest::State::from_env(&env, publisher)?);
    let listener = listen().await?;
    let address = listener.local_addr()?;
    let gateway = Gateway::start(listener, gateway::assemble(routes, AllowedOrigins::from_env(&env)?));
    until_told(address).await?;
    gateway.stop().await;
    Ok(())
}

/// Takes inserts as ClickHouse does and forgets them.
pub async fn serve_sink(upstream: String) -> anyhow::Result<()> {
    let listener = listen().await?;
    let address = listener.local_addr()?;
    tokio::select! {
        served = axum::serve(listener, sink::router(upstream)) => Ok(served?),
        told = until_told(address) => told,
    }
}

async fn listen() -> anyhow::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0)).await.context("no port to listen on")
}

/// Tells the starting process where we are, then runs until its end of our standard input closes: also when it dies.
async fn until_told(address: SocketAddr) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{address}")?;
    let closed = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0]));
    closed.await??;
    Ok(())
}
