//! Figures on a screen of 120 columns.

use super::{Baseline, Figure, Target};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use std::collections::BTreeMap;

const WIDTH: u16 = 120;
/// A figure's name takes one line, mostly.
const NAME: u16 = 42;

/// A column that is left out where no figure has anything for it.
struct Column<'a> {
    header: &'static str,
    is_number: bool,
    cell: Box<dyn Fn(&Figure) -> String + 'a>,
}

impl<'a> Column<'a> {
    fn text(header: &'static str, cell: impl Fn(&Figure) -> String + 'a) -> Self {
        Self { header, is_number: false, cell: Box::new(cell) }
    }

    fn number(header: &'static str, cell: impl Fn(&Figure) -> String + 'a) -> Self {
        Self { header, is_number: true, cell: Box::new(cell) }
    }

    fn optional(header: &'static str, value: impl Fn(&Figure) -> Option<f64> + 'a) -> Self {
        Self::number(header, move |figure| value(figure).map(short).unwrap_or_default())
    }
}

/// One table for one section.
pub fn render(figures: &[&Figure], baseline: Option<&Baseline>) -> String {
    let columns = [
        Column::text("figure", |figure| figure.name.clone()),
        Column::number("median", |figure| short(figure.median)),
        Column::optional("p95", |figure| figure.p95),
        Column::optional("p99", |figure| figure.p99),
        Column::text("unit", |figure| figure.unit.clone()),
        Column::text("CPU", |figure| by_process(&figure.cpu)),
        Column::text("peak MB", |figure| by_process(&figure.peak_memory_mb)),
        Column::optional("rows read", |figure| figure.more.get("rows_read").copied()),
        Column::optional("MB read", |figure| figure.more.get("bytes_read").map(|bytes| bytes / 1e6)),
        Column::text("target", goal),
        Column::number("÷ baseline", |figure| baseline.map(|it| ratios(it, figure)).unwrap_or_default()),
    ];
    let columns: Vec<Column<'_>> =
        columns.into_iter().filter(|column| figures.iter().any(|figure| !(column.cell)(figure).is_empty())).collect();
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY).set_width(WIDTH).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(columns.iter().map(|column| column.header));
    if let Some(name) = table.column_mut(0) {
        name.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(NAME)));
    }
    for figure in figures {
        table.add_row(columns.iter().map(|column| {
            let cell = Cell::new((column.cell)(figure));
            if column.is_number { cell.set_alignment(CellAlignment::Right) } else { cell }
        }));
    }
    let notes = figures.iter().filter_map(|figure| Some(format!("\n  · {}: {}", figure.name, figure.note.as_deref()?)));
    table.to_string() + &notes.collect::<String>()
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
        Some((median, None)) => format!("{median:.2}"),
        Some((median, Some(tail))) => format!("{median:.2} (p95 {tail:.2})"),
    }
}

/// "ingest 4.1 kafka 2.2"; what took nothing is left out.
fn by_process(values: &BTreeMap<String, f64>) -> String {
    let some = values.iter().filter(|(_, value)| **value > 0.0);
    some.map(|(who, value)| format!("{who} {}", short(*value))).collect::<Vec<_>>().join(" ")
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
