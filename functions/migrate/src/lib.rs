//! Applies the schema: as a CloudFormation custom resource at deploy, on a schedule, or by hand with `{}`.

pub mod custom_resource;

use custom_resource::{Outcome, Request};
use lambda_runtime::Error;
use serde_json::{Value, json};
use shared::{
    clickhouse::Config,
    config::Retention,
    schema::{self, Report},
};

/// Handles one invocation and returns what was applied.
///
/// # Errors
/// A migration that failed; for a custom resource CloudFormation is told so as well. Also if CloudFormation can't be answered.
pub async fn handle(event: Value, config: &Config, retention: &Retention) -> Result<Value, Error> {
    let Some(request) = Request::from_event(&event) else {
        return Ok(json!(applied(config, retention).await?));
    };
    // Deleting the stack keeps the data: what was recorded isn't the stack's to destroy.
    let result = if request.is_delete() { Ok(None) } else { applied(config, retention).await.map(Some) };
    let outcome = match &result {
        Ok(_) => Outcome::Success,
        Err(error) => Outcome::Failed(error.to_string()),
    };
    request.answer(&outcome).await?;
    Ok(json!(result?))
}

async fn applied(config: &Config, retention: &Retention) -> Result<Report, schema::MigrationError> {
    let report = schema::apply(config, retention).await?;
    tracing::info!(
        database = report.database,
        migrations = report.migrations,
        retention_days = report.retention_days,
        "schema applied"
    );
    Ok(report)
}
