//! Sampling one process with `perf`, and what its samples say.

use crate::{process::Process, report::progress};
use anyhow::{Context, bail};
use inferno::{
    collapse::{Collapse, perf::Folder},
    flamegraph::{self, Options},
};
use std::{collections::BTreeMap, fs, io::Write, path::Path, time::Duration};
use tokio::process::Command;

const HERTZ: &str = "299";
const TOP: usize = 25;

/// Says clearly where perf isn't there or isn't let.
pub async fn permitted() -> anyhow::Result<()> {
    let tried = Command::new("perf").args(["record", "-q", "-o", "/dev/null", "--", "true"]).output().await;
    let output =
        tried.context("`perf` isn't here: install linux-perf (Debian), linux-tools (Ubuntu) or perf (Fedora)")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("perf isn't permitted here; as root: sysctl kernel.perf_event_paranoid=1. It said: {}", said.trim());
    }
    Ok(())
}

/// Samples the process for so long: `<part>.svg` and `<part>.txt` in the folder.
pub async fn sample(process: Process, length: Duration, folder: &Path, part: &str) -> anyhow::Result<()> {
    let data = folder.join(format!("{part}.perf"));
    let pid = process.pid().to_string();
    let mut command = Command::new("perf");
    command.args(["record", "-q", "-F", HERTZ, "--call-graph", "dwarf,16384", "-p", &pid, "-o"]).arg(&data);
    command.args(["--", "sleep", &format!("{:.1}", length.as_secs_f64())]);
    let output = command.output().await.context("perf can't be started")?;
    if !output.status.success() {
        bail!("perf record: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let output = Command::new("perf").args(["script", "--no-inline", "-i"]).arg(&data).output().await?;
    if !output.status.success() {
        bail!("perf script: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let _ = fs::remove_file(&data);
    let mut folded = Vec::new();
    Folder::default().collapse(output.stdout.as_slice(), &mut folded)?;
    let folded = String::from_utf8_lossy(&folded).into_owned();
    draw(&folded, folder, part)?;
    let top = listed(&folded);
    fs::write(folder.join(format!("{part}.txt")), &top)?;
    progress(format_args!("{top}  {}", folder.join(format!("{part}.svg")).display()));
    Ok(())
}

fn draw(folded: &str, folder: &Path, part: &str) -> anyhow::Result<()> {
    let mut options = Options::default();
    options.title = part.to_owned();
    let mut svg = Vec::new();
    flamegraph::from_lines(&mut options, folded.lines(), &mut svg)?;
    let mut file = fs::File::create(folder.join(format!("{part}.svg")))?;
    Ok(file.write_all(&svg)?)
}

/// The functions that were found at work themselves most often.
fn listed(folded: &str) -> String {
    let mut own = BTreeMap::<&str, u64>::new();
    for line in folded.lines() {
        let Some((stack, samples)) = line.rsplit_once(' ') else { continue };
        let function = stack.rsplit(';').next().unwrap_or(stack);
        *own.entry(function).or_default() += samples.parse::<u64>().unwrap_or(0);
    }
    let total: u64 = own.values().sum();
    let mut most: Vec<(&str, u64)> = own.into_iter().collect();
    most.sort_by_key(|(_, samples)| std::cmp::Reverse(*samples));
    let share = |samples: u64| samples as f64 * 100.0 / total.max(1) as f64;
    most.into_iter().take(TOP).map(|(name, samples)| format!("  {:>5.1} %  {name:.100}\n", share(samples))).collect()
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn own_time_is_the_last_frames() {
        let text = listed("a;b 3\na;c 1\nd;b 4\n");
        assert_eq!(text, "   87.5 %  b\n   12.5 %  c\n");
    }
}
