use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use shared::{
    clickhouse::Config,
    config::{Env, Retention},
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let env = Env::process();
    let config = Config::from_env(&env)?;
    let retention = Retention::from_env(&env)?;
    let (config, retention) = (&config, &retention);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| migrate::handle(event.payload, config, retention))).await
}
