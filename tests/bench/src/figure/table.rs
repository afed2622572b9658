//! Figures on a screen of 120 columns.

use super::{Baseline, Figure, Target};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use std::collections::BTreeMap;

const WIDTH: u16 = 120;
/// A figure's name takes one line, mostly.
const NAME: u16 = 42;

/// One table for one section.
pub fn render(figures: &[&Figure], baseline: Option<&Baseline>) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY).set_width(WIDTH).set_content_arrangement(ContentArrangement::Dynamic);
    let mut header = vec!["figure", "median", "p95", "p99", "unit", "CPU", "peak MB", "target"];
    if baseline.is_some() {
        header.push("to baseline");
    }
    table.set_header(header);
    if let Some(name) = table.column_mut(0) {
        name.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(NAME)));
    }
    for figure in figures {
        let name = match &figure.note {
            Some(note) => format!("{}\n  {note}", figure.name),
            None => figure.name.clone(),
        };
        let tail = |value: Option<f64>| right(value.map(short).unwrap_or_default());
        let mut row = vec![
            Cell::new(name),
            right(short(figure.median)),
            tail(figure.p95),
            tail(figure.p99),
            Cell::new(&figure.unit),
            Cell::new(by_process(&figure.cpu)),
            Cell::new(by_process(&figure.peak_memory_mb)),
            Cell::new(goal(figure)),
        ];
        if let Some(baseline) = baseline {
            row.push(right(ratios(baseline, figure)));
        }
        table.add_row(row);
    }
    table.to_string()
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn goal(figure: &Figure) -> String {
    let Some(target) = figure.target else { return String::new() };
    let text = match target {
        Target::AtLeast(bound) => format!("≥ {}", short(bound)),
        Target::Below(bound) => format!("< {}", short(bound)),
        Target::P95Below(bound) => format!("p95 < {}", short(bound)),
        Target::P99Below(bound) => format!("p99 < {}", short(bound)),
    };
    let verdict = match figure.met {
        Some(true) => "met",
        Some(false) => "NOT met",
        None => "not measured",
    };
    format!("{text} {verdict}")
}

fn ratios(baseline: &Baseline, figure: &Figure) -> String {
    match baseline.ratios(figure) {
        None => "new".to_owned(),
        Some((median, None)) => format!("×{median:.2}"),
        Some((median, Some(tail))) => format!("×{median:.2} p95 ×{tail:.2}"),
    }
}

/// "ingest 4.1 kafka 2.2"
fn by_process(values: &BTreeMap<String, f64>) -> String {
    values.iter().map(|(who, value)| format!("{who} {}", short(*value))).collect::<Vec<_>>().join(" ")
}

/// Three or four digits that matter: "0.041", "3.52", "41.3", "735", "12.3k", "1.25M".
fn short(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => "–".to_owned(),
        0.0 => "0".to_owned(),
        size if size < 0.1 => format!("{value:.4}"),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        size if size < 10_000.0 => format!("{value:.0}"),
        size if size < 1e6 => format!("{:.1}k", value / 1e3),
        _ => format!("{:.2}M", value / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [0.0, 0.0412, 3.516, 41.26, 735.4, 12_345.0, 1_250_000.0].map(short);
        assert_eq!(shown, ["0", "0.0412", "3.52", "41.3", "735", "12.3k", "1.25M"]);
        assert_eq!(short(f64::NAN), "–");
    }

    #[test]
    fn a_table_keeps_to_the_screen() {
        let mut figure = Figure::new("ingest", "batch 100, 16 connections, plain", "events/s", 123_456.0);
        figure.cpu = [("ingest", 4.1), ("kafka", 2.2), ("generator", 0.5)].map(|(who, v)| (who.to_owned(), v)).into();
        figure.peak_memory_mb = figure.cpu.clone();
        let text = render(&[&figure.clone().target(Target::AtLeast(200_000.0))], Some(&Baseline::default()));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH.into()), "{text}");
        assert!(text.contains("123.5k"), "{text}");
    }
}
