//! The Lambda function behind `GET /analytics/*` and `GET /health`.

use analytics::{App, health};
use axum::Router;
use shared::{
    clickhouse,
    config::{ConfigError, Env},
    kafka,
    problem::Problem,
    telemetry,
};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let env = Env::process();
    refuse_unless_meant(&env)?;
    let clickhouse = clickhouse::Config::from_env(&env)?.client();
    let kafka = health::KafkaProbe::new(kafka::Config::from_env(&env)?);
    let routes = Router::new()
        .merge(analytics::router(App::new(clickhouse.clone())))
        .merge(health::router(health::Health { clickhouse, kafka }))
        .fallback(|| async { Problem::not_found() });
    lambda_http::run(telemetry::trace_layer(routes)).await
}

/// Open to everyone only where that is said.
fn refuse_unless_meant(env: &Env) -> Result<(), ConfigError> {
    match env.text("AUTH").as_deref() {
        Some("none") => Ok(()),
        _ => Err(ConfigError { variable: "AUTH", rule: "must be none: without keys, everyone may ask".to_owned() }),
    }
}
