//! Lists as CSV (RFC 4180), safe to open in a spreadsheet.

use axum::http::{HeaderMap, header};

/// What has a main list.
pub trait Table {
    fn header(&self) -> Vec<String>;
    /// Each as long as the header; null is empty.
    fn rows(&self) -> Vec<Vec<String>>;
}

/// Lines that end in CRLF, the header first.
pub struct Csv(String);

impl Csv {
    pub fn of(table: &impl Table) -> Self {
        let mut csv = Self(String::new());
        csv.line(&table.header());
        for row in table.rows() {
            csv.line(&row);
        }
        csv
    }

    pub fn into_text(self) -> String {
        self.0
    }

    fn line(&mut self, cells: &[String]) {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        self.0.push_str(&cells.join(","));
        self.0.push_str("\r\n");
    }
}

/// A number or text that may be missing.
pub fn cell(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// A cell that a spreadsheet would take for a formula begins with an apostrophe instead.
fn quoted(cell: &str) -> String {
    let guarded = if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell.to_owned() };
    if guarded.contains(['"', ',', '\r', '\n']) || guarded != cell {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

/// Whether `Accept` names `text/csv` with a weight that JSON doesn't reach before it.
pub fn is_preferred(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let (mut csv, mut json) = (0.0, 0.0);
    for range in accepted.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let weight: f64 = weight.map_or(Some(1.0), |weight| weight.parse().ok()).unwrap_or_default();
        match name.as_str() {
            "text/csv" if weight > json => csv = weight,
            "application/json" if weight > csv => json = weight,
            _ => {}
        }
    }
    csv > json
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("plain", "plain")]
    #[case("a,b", "\"a,b\"")]
    #[case("say \"hi\"", "\"say \"\"hi\"\"\"")]
    #[case("two\nlines", "\"two\nlines\"")]
    #[case("=1+1", "\"'=1+1\"")]
    #[case("+1", "\"'+1\"")]
    #[case("-1", "\"'-1\"")]
    #[case("@SUM(A1,\"x\")", "\"'@SUM(A1,\"\"x\"\")\"")]
    #[case("2025-06-03", "2025-06-03")]
    #[case("", "")]
    fn cells_are_quoted(#[case] cell: &str, #[case] expected: &str) {
        assert_eq!(quoted(cell), expected);
    }

    #[rstest]
    #[case("text/csv", true)]
    #[case("Text/CSV; q=0.9, */*;q=0.1", true)]
    #[case("text/csv;q=0", false)]
    #[case("application/json, text/csv", false)]
    #[case("text/csv, application/json", true)]
    #[case("text/csv;q=0.5, application/json", false)]
    #[case("*/*", false)]
    #[case("image/png", false)]
    #[case("", false)]
    fn csv_is_for_those_who_ask(#[case] accept: &str, #[case] expected: bool) {
        let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
        assert_eq!(is_preferred(&headers), expected);
        assert!(!is_preferred(&HeaderMap::new()));
    }

    #[test]
    fn a_table_has_a_header_and_ends_in_a_line_break() {
        struct Fruit;
        impl Table for Fruit {
            fn header(&self) -> Vec<String> {
                vec!["name".to_owned(), "count".to_owned()]
            }
            fn rows(&self) -> Vec<Vec<String>> {
                vec![vec!["fig, green".to_owned(), cell(Some(2))], vec!["kiwi".to_owned(), cell(None::<u64>)]]
            }
        }
        assert_eq!(Csv::of(&Fruit).into_text(), "name,count\r\n\"fig, green\",2\r\nkiwi,\r\n");
    }
}
