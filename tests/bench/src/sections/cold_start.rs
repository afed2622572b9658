//! `cold-start`: exec to first answer of each function, what stays resident, and how large its zip is.

use super::{Bench, consume::Payload, gateway_event};
use crate::{
    emulator::Zip,
    engines::Engines,
    figure::{Figure, Target},
    load::Events,
};

const NAME: &str = "cold-start";
const STARTS: usize = 5;

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    if let Err(missing) = Zip::find(&bench.place, "ingest") {
        bench.report.note(NAME, format!("not measured: {missing}"));
        return Ok(());
    }
    let engines = Engines::fresh(&bench.place, NAME).await?;
    engines.make_topics("cold").await?;
    engines.make_database("cold").await?;
    let events = Events::of_fleet(2000);
    let first = |many: Vec<Vec<u8>>| many.into_iter().next().unwrap_or_default();
    let batch = Payload::of(&events.values()?, "cold", 100)?.into_iter().map(|payload| payload.bytes).collect();
    let functions = [
        ("ingest", first(gateway_event::posts(&bench.place, &events, 1)?)),
        ("consumer", first(batch)),
        ("analytics", gateway_event::sample(&bench.place, "analytics-adoption.json")?),
        ("migrate", gateway_event::sample(&bench.place, "migrate-schedule.json")?),
    ];
    for (function, event) in functions {
        let zip = match Zip::find(&bench.place, function) {
            Ok(zip) => zip,
            Err(missing) => {
                bench.report.note(NAME, format!("{function} was not measured: {missing}"));
                continue;
            }
        };
        let (mut took, mut resident) = (Vec::new(), Vec::new());
        for _ in 0..STARTS {
            let lambda = zip.start(&bench.place, &engines.variables("cold")).await?;
            // The emulator executes the bootstrap as the first event comes.
            took.push(lambda.invoke(&event).await?.as_secs_f64() * 1000.0);
            resident.extend(lambda.function()?.memory_mb("VmRSS"));
        }
        let figure = Figure::of(NAME, format!("{function}: exec to first answer"), "ms", &mut took);
        bench.report.add(figure.target(Target::Below(50.0)));
        let figure = Figure::of(NAME, format!("{function}: resident after it"), "MB", &mut resident);
        bench.report.add(figure.target(Target::Below(40.0)));
        let figure = Figure::new(NAME, format!("{function}: zip"), "MB", zip.megabytes()?);
        bench.report.add(figure.target(Target::Below(5.0)));
    }
    engines.stop().await;
    Ok(())
}
