//! What the demo does with a running system: send, wait, ask, compare.

use super::{
    api::{Api, Five},
    checks::{self, Check},
    figures::{rate, seconds, whole},
    screen::Screen,
    tables,
};
use anyhow::{Context as _, bail};
use std::time::{Duration, Instant};
use traffic::{Counters, Delivery, Expected, Fleet, Sender, Window};

/// How long the lag may stand still before the demo gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The traffic, made before the first request so that its making takes no time from the sending.
struct Plan {
    deliveries: Vec<Delivery>,
    devices: u64,
    expected: Expected,
}

/// Sends the fleet's traffic to the API at `base_url` and prints what comes of it. `stored` says how many distinct events
/// ClickHouse holds. The number of disagreements.
pub(super) async fn run(
    base_url: &str,
    fleet: &Fleet,
    stored: impl AsyncFnOnce() -> anyhow::Result<u64>,
    screen: Screen,
) -> anyhow::Result<usize> {
    let api = Api::new(base_url).context("the HTTP client can't be made")?;

    let step = screen.step("making up a fleet of devices");
    let plan = Plan::make(fleet);
    step.done(&format!("a fleet of {} devices and three weeks of its life", whole(plan.devices)));

    let began = Instant::now();
    let Plan { deliveries, expected, .. } = plan;
    let counters = send(base_url, deliveries, expected.sent(), screen).await?;
    wait_for_consumer(&api, screen).await?;
    let took = began.elapsed();

    let step = screen.step("asking the five endpoints");
    let mut answers = Vec::new();
    for tenant_id in Fleet::tenants() {
        answers.push((*tenant_id, api.five(tenant_id).await?));
    }
    let stored = stored().await.context("ClickHouse can't be asked how many events it holds")?;
    step.done("the five endpoints asked, for each tenant");

    let mut page = screen.page();
    if let Some((_, five)) = answers.first() {
        tables::render(&mut page, five);
    }
    let mut all = Vec::new();
    let whole_fleet = [
        Check::whole("accepted events", expected.sent(), counters.accepted),
        Check::whole("stored events, each once", expected.distinct(), stored),
    ];
    for (tenant_id, checks) in compare(fleet, &whole_fleet, &expected, &answers)? {
        // The second tenant's table says the same again, unless something is wrong there.
        if all.is_empty() || checks::disagreements(&checks).count() > 0 {
            checks::render(&mut page, &format!("Sent beside counted, {tenant_id}"), &checks);
        } else {
            let mark = page.mark(true);
            page.line(format_args!("{mark} the same {} lines for the tenant {tenant_id} agree", checks.len()));
        }
        all.extend(checks);
    }
    let repeats = expected.sent() - expected.distinct();
    page.line(format_args!(
        "\n{} events in {} batches and {} single requests ({} of them repeats): {} distinct ones",
        whole(counters.sent),
        whole(counters.batches),
        whole(counters.singles),
        whole(repeats),
        whole(expected.distinct()),
    ));
    page.line(format_args!(
        "{} events/s end to end: {} from the first POST to the last event counted",
        whole(rate(counters.sent, took)),
        seconds(took)
    ));
    let disagreements = checks::disagreements(&all).count();
    if disagreements == 0 {
        page.line(format_args!("{} every number agrees with what was sent", screen.mark(true)));
    } else {
        page.line(format_args!("{} {disagreements} of {} disagree (see above)", screen.mark(false), all.len()));
    }
    screen.line(page.text());
    Ok(disagreements)
}

impl Plan {
    fn make(fleet: &Fleet) -> Self {
        let mut deliveries = fleet.deliveries();
        let all: Vec<Delivery> = deliveries.by_ref().collect();
        let mut expected = Expected::default();
        for event in all.iter().flat_map(|delivery| &delivery.events) {
            expected.add(event);
        }
        Self { deliveries: all, devices: deliveries.devices(), expected }
    }
}

async fn send(base_url: &str, deliveries: Vec<Delivery>, total: u64, screen: Screen) -> anyhow::Result<Counters> {
    let began = Instant::now();
    let sender = Sender::new(base_url, None)?;
    let mut progress = screen.progress(total);
    let counters = sender.send(deliveries, |counters| progress.set(counters.sent)).await?;
    drop(progress);
    let speed = whole(rate(counters.sent, began.elapsed()));
    screen.done(&format!("{} events sent and acknowledged, {speed}/s", whole(counters.sent)), began.elapsed());
    Ok(counters)
}

/// Waits until the consumer has committed everything: then it is in ClickHouse.
async fn wait_for_consumer(api: &Api, screen: Screen) -> anyhow::Result<()> {
    let mut step = screen.step("waiting until Kafka's lag is 0");
    let (mut least, mut moved) = (None, Instant::now());
    loop {
        let lag = api.consumer_lag().await?;
        if lag == Some(0) {
            break;
        }
        if lag.is_some() && (least.is_none() || lag < least) {
            (least, moved) = (lag, Instant::now());
        }
        let behind = lag.map_or_else(|| "unknown".to_owned(), whole);
        if moved.elapsed() > PATIENCE {
            bail!("Kafka's lag is {behind} and has not shrunk for {} s", PATIENCE.as_secs());
        }
        step.note(format!("waiting until Kafka's lag is 0: {behind}"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    step.done("Kafka's lag is 0: everything is in ClickHouse");
    Ok(())
}

/// The checks of each tenant; the first tenant's begin with those of the whole fleet.
fn compare<'a>(
    fleet: &Fleet,
    whole_fleet: &[Check],
    expected: &Expected,
    answers: &'a [(&'static str, Five)],
) -> anyhow::Result<Vec<(&'a str, Vec<Check>)>> {
    let mut all = Vec::new();
    for (tenant_id, five) in answers {
        let window = &five.adoption.answer.meta.window;
        if window.from > fleet.start() || window.to < fleet.now {
            bail!("the window used, {} to {}, does not hold the fleet's history", window.from, window.to);
        }
        let window = Window { from: window.from, to: window.to };
        let mut checks = Vec::new();
        if all.is_empty() {
            checks.extend_from_slice(whole_fleet);
        }
        checks.extend(checks::compare(&expected.answers(tenant_id, window), five));
        all.push((*tenant_id, checks));
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
