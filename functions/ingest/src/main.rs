//! The Lambda function behind `POST /events` and `POST /events/batch`.

use ingest::{KafkaPublisher, State};
use shared::{
    config::{ConfigError, Env},
    kafka::{self, Producer},
    problem::Problem,
    telemetry,
};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let env = Env::process();
    refuse_unless_meant(&env)?;
    let kafka = kafka::Config::from_env(&env)?;
    let publisher = KafkaPublisher::new(Producer::connect(&kafka).await?, &kafka);
    let routes = ingest::router(State::from_env(&env, publisher)?).fallback(|| async { Problem::not_found() });
    lambda_http::run(telemetry::trace_layer(routes)).await
}

/// Open to everyone only where that is said.
fn refuse_unless_meant(env: &Env) -> Result<(), ConfigError> {
    match env.text("AUTH").as_deref() {
        Some("none") => Ok(()),
        _ => Err(ConfigError { variable: "AUTH", rule: "must be none: without keys, everyone may send".to_owned() }),
    }
}
