//! The same through the real zip: one execution environment, which takes one request at a time.

use super::NAME;
use crate::{
    emulator::Zip,
    engines::Engines,
    figure::Figure,
    load::Events,
    process::Cast,
    sections::{Bench, gateway_event},
};
use std::time::Instant;

pub async fn run(bench: &mut Bench, engines: &Engines, events: &Events) -> anyhow::Result<()> {
    let zip = match Zip::find(&bench.place, "ingest") {
        Ok(zip) => zip,
        Err(missing) => {
            bench.report.note(NAME, format!("the real zip was not measured: {missing}"));
            return Ok(());
        }
    };
    let lambda = zip.start(&bench.place, &engines.variables(NAME)).await?;
    for batch in [1, 100, 1000] {
        let posts = gateway_event::posts(&bench.place, events, batch)?;
        for post in posts.iter().take(5) {
            lambda.invoke(post).await?;
        }
        let cast = Cast::of([("ingest", lambda.function()?), ("kafka", engines.kafka()?)]);
        let (watch, began) = (cast.watch(), Instant::now());
        let mut took = Vec::new();
        while began.elapsed() < bench.length() {
            for post in posts.iter().take_while(|_| began.elapsed() < bench.length()) {
                took.push(lambda.invoke(post).await?.as_secs_f64() * 1000.0);
            }
        }
        let (usage, handled) = (watch.stop(), (took.len() * batch) as u64);
        let name = format!("the zip in AWS's emulator, batch {batch}");
        let rate = handled as f64 / usage.elapsed.as_secs_f64();
        bench.report.add(Figure::new(NAME, &name, "events/s", rate).used(&usage, handled));
        bench.report.add(Figure::of(NAME, format!("{name}: latency"), "ms", &mut took));
    }
    Ok(())
}
