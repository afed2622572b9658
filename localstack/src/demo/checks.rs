//! What was sent beside what was counted.

use super::{
    api::{Five, Measured},
    figures::{decimal, whole},
    screen::{Colour, Page, left, mark, right},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};
use traffic::{Answers, Metric};

/// Rows of a list that are shown where they disagree.
const ROWS: usize = 5;

/// One number, or one list of numbers, that must agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) name: String,
    pub(super) sent: String,
    pub(super) counted: String,
    pub(super) agrees: bool,
}

/// Every number of the five answers against the tally of what was sent.
pub(super) fn compare(expected: &Answers, five: &Five) -> Vec<Check> {
    let mut checks = Checks::default();
    let (sent, counted) = (&expected.adoption, &five.adoption.answer.data);
    checks.whole("adoption: successful_updates", sent.successful_updates, counted.successful_updates);
    checks.whole("adoption: failed_updates", sent.failed_updates, counted.failed_updates);
    checks.whole("adoption: total_updates", sent.total_updates(), counted.total_updates);
    checks.rounded("adoption: success_rate", sent.success_rate(), counted.success_rate, 2);
    let hours = counted.hourly_installs.iter();
    checks.list(
        "adoption: hourly_installs",
        sent.hourly.clone(),
        hours.map(|hour| (hour.hour, (hour.installs, hour.failures))),
        |(installs, failures)| installs + failures,
    );

    let (sent, counted) = (&expected.versions, &five.versions.answer.data);
    checks.whole("versions: total_devices", sent.total_devices, counted.total_devices);
    let versions = counted.versions.iter().map(|version| (version.version.clone(), version.device_count));
    checks.list("versions: device_count", owned(&sent.device_count), versions, |count| count);

    let (sent, counted) = (&expected.active_devices, &five.active_devices.answer.data);
    checks.whole("active devices: total", sent.total_active_devices, counted.total_active_devices);
    let average = Some(sent.average_daily_active_devices);
    checks.rounded("active devices: average a day", average, counted.average_daily_active_devices, 3);
    let days = counted.daily_breakdown.iter().map(|day| (day.date, day.active_devices));
    checks.list("active devices: by day", sent.daily.clone(), days, |devices| devices);

    let (sent, counted) = (&expected.failures, &five.failures.answer.data);
    checks.whole("failures: total_failures", sent.total_failures, counted.total_failures);
    checks.rounded("failures: failure_rate", sent.failure_rate, counted.failure_rate, 2);
    checks.whole("failures: failure_events", sent.failure_events, counted.failure_events);
    checks.whole("failures: total_rollbacks", sent.total_rollbacks, counted.total_rollbacks);
    let codes = counted.failures.iter().map(|group| (group.error_code.clone(), group.failures));
    checks.list("failures: by error_code", owned(&sent.by_error_code), codes, |failures| failures);

    let (sent, counted) = (&expected.performance, &five.performance.answer.data.metrics);
    checks.metric("download_speed_mbps", &sent.download_speed_mbps, &counted.download_speed_mbps);
    checks.metric("download_duration_seconds", &sent.download_duration_seconds, &counted.download_duration_seconds);
    checks.metric("install_duration_seconds", &sent.install_duration_seconds, &counted.install_duration_seconds);
    checks.metric("package_size_bytes", &sent.package_size_bytes, &counted.package_size_bytes);
    checks.0
}

fn owned(counts: &BTreeMap<&'static str, u64>) -> BTreeMap<String, u64> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

impl Check {
    /// A number that must be the same.
    pub(super) fn whole(name: &str, sent: u64, counted: u64) -> Self {
        Self { name: name.into(), sent: whole(sent), counted: whole(counted), agrees: sent == counted }
    }
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn add(&mut self, name: impl Into<String>, sent: String, counted: String, agrees: bool) {
        self.0.push(Check { name: name.into(), sent, counted, agrees });
    }

    fn whole(&mut self, name: &str, sent: u64, counted: u64) {
        self.0.push(Check::whole(name, sent, counted));
    }

    /// Agrees if the answer is what was sent, rounded.
    fn rounded(&mut self, name: &str, sent: Option<f64>, counted: Option<f64>, decimals: i32) {
        let shown = |value| decimal(value, usize::try_from(decimals).unwrap_or(0));
        self.add(name, shown(sent), shown(counted), is_rounding(sent, counted, decimals));
    }

    /// One line where all rows agree, else one more for each of the first that don't.
    fn list<K: Ord + Debug, V: PartialEq + Copy + Default + Debug>(
        &mut self,
        name: &str,
        sent: BTreeMap<K, V>,
        counted: impl Iterator<Item = (K, V)>,
        count: impl Fn(V) -> u64,
    ) {
        let mut rows = 0;
        let counted: BTreeMap<K, V> = counted.inspect(|_| rows += 1).collect();
        let sum = |values: &BTreeMap<K, V>| values.values().map(|value| count(*value)).sum();
        let shown = |rows: usize, sum: u64| format!("{} in {} rows", whole(sum), whole(rows as u64));
        if sent == counted && rows == counted.len() {
            let text = shown(rows, sum(&sent));
            return self.add(name, text.clone(), text, true);
        }
        self.add(name, shown(sent.len(), sum(&sent)), shown(rows, sum(&counted)), false);
        let keys = sent.keys().chain(counted.keys()).collect::<BTreeSet<_>>();
        let differ = keys.into_iter().filter(|key| sent.get(key) != counted.get(key));
        let shown = |value: Option<&V>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:?}"));
        for key in differ.take(ROWS) {
            self.add(format!("{name} {key:?}"), shown(sent.get(key)), shown(counted.get(key)), false);
        }
    }

    /// One line where all five numbers agree.
    fn metric(&mut self, name: &str, sent: &Metric, counted: &Measured) {
        let pairs = [
            ("avg", sent.avg, counted.avg),
            ("p50", sent.p50, counted.p50),
            ("p95", sent.p95, counted.p95),
            ("p99", sent.p99, counted.p99),
        ];
        self.whole(&format!("{name}: updates"), sent.count, counted.count);
        if pairs.iter().all(|(_, sent, counted)| is_rounding(*sent, *counted, 3)) {
            let (sent, counted) = (decimal(sent.avg, 3), decimal(counted.avg, 3));
            self.add("  its average (p50, p95, p99 too)", sent, counted, true);
        } else {
            for (statistic, sent, counted) in pairs {
                self.rounded(&format!("{name}: {statistic}"), sent, counted, 3);
            }
        }
    }
}

fn is_rounding(sent: Option<f64>, counted: Option<f64>, decimals: i32) -> bool {
    match (sent, counted) {
        (None, None) => true,
        // Half a unit of the last place, and what summing in another order may change.
        (Some(sent), Some(counted)) => {
            (sent - counted).abs() <= 0.5 * 10f64.powi(-decimals) + 1e-9 * sent.abs().max(1.0)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// The checks as a table, and each disagreement once more.
pub(super) fn render(page: &mut Page, title: &str, checks: &[Check]) {
    page.heading(title, "(lists in one line where every row agrees)");
    let header = vec![left(""), right("sent"), right("counted"), left("")];
    let rows = checks
        .iter()
        .map(|check| vec![left(&check.name), right(&check.sent), right(&check.counted), mark(check.agrees)]);
    page.table(header, rows);
    for check in disagreements(checks) {
        let text = format!("✗ {}: sent {}, counted {}", check.name.trim(), check.sent, check.counted);
        let text = page.paint(Colour::Red, &text);
        page.line(text);
    }
}

pub(super) fn disagreements(checks: &[Check]) -> impl Iterator<Item = &Check> {
    checks.iter().filter(|check| !check.agrees)
}

#[cfg(test)]
mod tests;
