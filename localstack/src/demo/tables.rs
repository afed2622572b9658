//! The five answers as tables.

use super::{
    api::{ActiveDevices, Adoption, Asked, Failures, Five, Measured, Performance, Versions},
    figures::{bar, decimal, percent, sparkline, whole},
    screen::{Page, left, right},
};
use comfy_table::Cell;

/// Rows of a list that are shown.
const ROWS: usize = 10;

/// All five, one after another.
pub(super) fn render(page: &mut Page, five: &Five) {
    adoption(page, &five.adoption);
    versions(page, &five.versions);
    active_devices(page, &five.active_devices);
    failures(page, &five.failures);
    performance(page, &five.performance);
}

fn heading<T>(page: &mut Page, title: &str, asked: &Asked<T>) {
    page.heading(title, &format!("GET {}", asked.path));
}

fn adoption(page: &mut Page, asked: &Asked<Adoption>) {
    heading(page, "Adoption", asked);
    let data = &asked.answer.data;
    let header = ["total updates", "successful", "failed", "success rate"].map(right);
    let row = [
        whole(data.total_updates),
        whole(data.successful_updates),
        whole(data.failed_updates),
        percent(data.success_rate, 2),
    ];
    page.table(header.into(), [row.map(right).into()]);
    by_day(page, "installs", data.trend.iter().map(|interval| interval.installs));
}

fn versions(page: &mut Page, asked: &Asked<Versions>) {
    heading(page, "Versions", asked);
    let data = &asked.answer.data;
    let header = vec![left("version"), right("devices"), right("share"), left("")];
    let rows = data.versions.iter().take(ROWS).map(|version| {
        vec![
            left(&version.version),
            right(whole(version.device_count)),
            right(percent(Some(version.percentage), 1)),
            left(format!("{:40}", bar(version.percentage, 40))),
        ]
    });
    page.table(header, rows);
    more(page, data.versions.len(), "versions");
    page.line(format_args!("  {} devices in all", whole(data.total_devices)));
}

fn active_devices(page: &mut Page, asked: &Asked<ActiveDevices>) {
    heading(page, "Active devices", asked);
    let data = &asked.answer.data;
    let header = ["distinct in 30 days", "a day on average", "busiest day", "devices on it"].map(right);
    let busiest = data.daily_breakdown.iter().max_by_key(|day| day.active_devices);
    let row = [
        whole(data.total_active_devices),
        decimal(data.average_daily_active_devices, 1),
        busiest.map_or_else(String::new, |day| day.date.to_string()),
        busiest.map_or_else(String::new, |day| whole(day.active_devices)),
    ];
    page.table(header.into(), [row.map(right).into()]);
    by_day(page, "devices", data.daily_breakdown.iter().map(|day| day.active_devices));
}

fn failures(page: &mut Page, asked: &Asked<Failures>) {
    heading(page, "Failures", asked);
    let data = &asked.answer.data;
    let header = ["failed updates", "failure rate", "failure events", "rolled-back updates"].map(right);
    let row = [
        whole(data.total_failures),
        percent(data.failure_rate, 2),
        whole(data.failure_events),
        whole(data.total_rollbacks),
    ];
    page.table(header.into(), [row.map(right).into()]);
    let header = vec![left("error code"), right("updates"), right("share"), left("example message")];
    let rows = data.failures.iter().take(ROWS).map(|group| {
        vec![
            left(&group.error_code),
            right(whole(group.failures)),
            right(percent(group.percentage, 1)),
            left(group.example_message.as_deref().unwrap_or_default()),
        ]
    });
    page.table(header, rows);
    more(page, data.failures.len(), "error codes");
}

fn performance(page: &mut Page, asked: &Asked<Performance>) {
    heading(page, "Performance", asked);
    let metrics = &asked.answer.data.metrics;
    let mut header = vec![left("metric")];
    header.extend(["updates", "avg", "p50", "p95", "p99"].map(right));
    let rows = [
        measured("download speed, Mbit/s", &metrics.download_speed_mbps, 1.0),
        measured("download duration, s", &metrics.download_duration_seconds, 1.0),
        measured("install duration, s", &metrics.install_duration_seconds, 1.0),
        measured("package size, MB", &metrics.package_size_bytes, 1e-6),
    ];
    page.table(header, rows);
}

fn measured(name: &str, measured: &Measured, unit: f64) -> Vec<Cell> {
    let mut row = vec![left(name), right(whole(measured.count))];
    let values = [measured.avg, measured.p50, measured.p95, measured.p99];
    row.extend(values.map(|value| right(decimal(value.map(|value| value * unit), 2))));
    row
}

fn by_day(page: &mut Page, what: &str, days: impl Iterator<Item = u64> + Clone) {
    let most = whole(days.clone().max().unwrap_or(0));
    page.line(format_args!("  {what} by day (UTC)  {}  up to {most} a day", sparkline(days)));
}

fn more(page: &mut Page, rows: usize, what: &str) {
    if rows > ROWS {
        page.line(format_args!("  {} more {what}", rows - ROWS));
    }
}

#[cfg(test)]
mod tests {
    use crate::demo::{screen::Screen, testing};

    #[test]
    fn all_five_are_shown_within_100_columns() {
        let answers = testing::answers(&testing::expected("acme"));
        let mut page = Screen::none().page();
        super::render(&mut page, &testing::five(answers));
        let text = page.text();
        for title in ["Adoption", "Versions", "Active devices", "Failures", "Performance"] {
            assert!(text.contains(title), "{text}");
        }
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{widest:?}\n{text}");
    }
}
