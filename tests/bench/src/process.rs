//! Other processes' CPU time and memory, from `/proc`.

use anyhow::Context;
use std::{collections::BTreeMap, fs, time::Duration};

/// Ticks a second in `/proc/*/stat`: 100 on every Linux that runs on x86-64 and arm64.
const TICKS: f64 = 100.0;

/// A process that is watched, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process(u32);

/// What processes used between two moments.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    pub cpu_seconds: BTreeMap<String, f64>,
    pub peak_memory_mb: BTreeMap<String, f64>,
    pub elapsed: Duration,
}

/// Processes under the names that figures show.
#[derive(Debug, Clone, Default)]
pub struct Cast(Vec<(String, Process)>);

/// A measurement under way.
pub struct Watch<'a> {
    cast: &'a Cast,
    before: Vec<f64>,
    began: std::time::Instant,
}

impl Process {
    pub fn this() -> Self {
        Self(std::process::id())
    }

    pub fn new(pid: u32) -> Self {
        Self(pid)
    }

    pub fn pid(self) -> u32 {
        self.0
    }

    /// User and system time, with that of its children that have ended.
    pub fn cpu_seconds(self) -> f64 {
        let stat = self.read("stat").unwrap_or_default();
        // The name in parentheses may hold anything.
        let Some((_, rest)) = stat.rsplit_once(") ") else { return 0.0 };
        rest.split(' ').skip(11).take(4).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
    }

    /// `VmHWM` or `VmRSS`, in MB.
    pub fn memory_mb(self, field: &str) -> Option<f64> {
        let status = self.read("status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
        let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kilobytes * 1024.0 / 1e6)
    }

    /// Peak memory counts from now on, where the kernel lets us.
    pub fn forget_peak(self) {
        let _ = fs::write(format!("/proc/{}/clear_refs", self.0), "5");
    }

    /// The first of its descendants whose command line has `part`.
    ///
    /// # Errors
    /// There is none.
    pub fn descendant(self, part: &str) -> anyhow::Result<Self> {
        let mut parents = BTreeMap::<u32, Vec<u32>>::new();
        for entry in fs::read_dir("/proc").context("/proc can't be read")?.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            if let Some(parent) = Self(pid).parent() {
                parents.entry(parent).or_default().push(pid);
            }
        }
        let mut waiting = vec![self.0];
        while let Some(parent) = waiting.pop() {
            for pid in parents.get(&parent).into_iter().flatten() {
                let process = Self(*pid);
                if process.read("cmdline").is_ok_and(|line| line.contains(part)) {
                    return Ok(process);
                }
                waiting.push(*pid);
            }
        }
        anyhow::bail!("no process with {part:?} under {}", self.0)
    }

    fn parent(self) -> Option<u32> {
        let stat = self.read("stat").ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
    }

    fn read(self, file: &str) -> std::io::Result<String> {
        fs::read_to_string(format!("/proc/{}/{file}", self.0))
    }
}

impl Cast {
    pub fn of<const N: usize>(members: [(&str, Process); N]) -> Self {
        Self(members.map(|(name, process)| (name.to_owned(), process)).into())
    }

    /// Begins to measure.
    pub fn watch(&self) -> Watch<'_> {
        for (_, process) in &self.0 {
            process.forget_peak();
        }
        let before = self.0.iter().map(|(_, process)| process.cpu_seconds()).collect();
        Watch { cast: self, before, began: std::time::Instant::now() }
    }
}

impl Watch<'_> {
    /// What was used since.
    pub fn stop(self) -> Usage {
        let mut usage = Usage { elapsed: self.began.elapsed(), ..Usage::default() };
        for ((name, process), before) in self.cast.0.iter().zip(self.before) {
            usage.cpu_seconds.insert(name.clone(), (process.cpu_seconds() - before).max(0.0));
            if let Some(peak) = process.memory_mb("VmHWM") {
                usage.peak_memory_mb.insert(name.clone(), peak);
            }
        }
        usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_measured() {
        let cast = Cast::of([("this", Process::this())]);
        let watch = cast.watch();
        let mut sum = 0u64;
        while watch.cast.0[0].1.cpu_seconds() - watch.before[0] < 0.02 {
            sum = sum.wrapping_add(1);
        }
        let usage = watch.stop();
        assert!(usage.cpu_seconds["this"] >= 0.02, "{usage:?} {sum}");
        assert!(usage.peak_memory_mb["this"] > 1.0);
    }

    #[test]
    fn a_child_is_found_by_its_command_line() {
        let mut child = std::process::Command::new("sleep").arg("61.25").spawn().unwrap();
        let found = Process::this().descendant("61.25").unwrap();
        assert_eq!(found, Process::new(child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(Process::this().descendant("no such thing").is_err());
    }
}
