//! The Lambda function behind `GET /analytics/*` and `GET /health`.

use analytics::{App, health};
use axum::Router;
use shared::{
    clickhouse,
    config::{Env, open_on_purpose},
    kafka,
    problem::Problem,
    telemetry,
};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let env = Env::process();
    open_on_purpose(&env)?;
    let clickhouse = clickhouse::Config::from_env(&env)?.client();
    let kafka = health::KafkaProbe::new(kafka::Config::from_env(&env)?);
    let routes = Router::new()
        .merge(analytics::router(App::new(clickhouse.clone())))
        .merge(health::router(health::Health { clickhouse, kafka }))
        .fallback(|| async { Problem::not_found() });
    lambda_http::run(telemetry::trace_layer(routes)).await
}
