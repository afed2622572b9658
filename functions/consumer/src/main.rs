//! The Lambda function behind the Kafka trigger.

use consumer::Consumer;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;
use shared::config::Env;
use shared::kafka::{self, Producer};
use shared::{clickhouse, telemetry};
use std::time::SystemTime;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init();
    let env = Env::process();
    let kafka = kafka::Config::from_env(&env)?;
    let clickhouse = clickhouse::Config::from_env(&env)?.client();
    let report = env.parse("REPORT_BATCH_ITEM_FAILURES", "true or false")?.unwrap_or(true);
    let producer = Producer::connect(&kafka).await?;
    let consumer = Consumer::new(&clickhouse, producer, &kafka, report);
    let handle = async |event: LambdaEvent<Box<RawValue>>| {
        let time_left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        let result = consumer.handle(event.payload.get().as_bytes(), time_left).await;
        result.inspect_err(|error| tracing::error!("{error}")).map_err(lambda_runtime::Error::from)
    };
    lambda_runtime::run(service_fn(handle)).await
}
