//! `ota migrate`

use super::say;
use crate::stack::with_addresses;
use shared::{
    clickhouse::Config,
    config::{Env, Retention},
    schema,
};

pub(super) async fn run() -> anyhow::Result<()> {
    let env = with_addresses(Env::process())?;
    let report = schema::apply(&Config::from_env(&env)?, &Retention::from_env(&env)?).await?;
    let (database, migrations, days) = (report.database, report.migrations, report.retention_days);
    say(format_args!("database {database}: {migrations} migrations applied, events are kept {days} days"));
    Ok(())
}
