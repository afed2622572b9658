//! The Lambda function behind `POST /events` and `POST /events/batch`.

use ingest::{KafkaPublisher, State};
use shared::{
    config::{Env, open_on_purpose},
    kafka::{self, Producer},
    problem::Problem,
    telemetry,
};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let env = Env::process();
    open_on_purpose(&env)?;
    let kafka = kafka::Config::from_env(&env)?;
    let publisher = KafkaPublisher::new(Producer::connect(&kafka).await?, &kafka);
    let routes = ingest::router(State::from_env(&env, publisher)?).fallback(|| async { Problem::not_found() });
    lambda_http::run(telemetry::trace_layer(routes)).await
}
