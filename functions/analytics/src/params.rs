//! A query string read strictly: each parameter known, given once, not empty. Faults are collected, so that one answer names them all.

use percent_encoding::percent_decode_str;
use shared::problem::{FieldError, Problem};

/// A fault that is already among the faults of its [`Params`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted;

/// The parameters of a request, and what was wrong with them so far.
#[derive(Debug)]
pub struct Params {
    pairs: Vec<(&'static str, String)>,
    faults: Vec<FieldError>,
}

impl Params {
    /// Reads a query string against the names that the endpoint knows.
    pub fn read(query: Option<&str>, known: &[&'static str]) -> Self {
        let mut params = Self { pairs: Vec::new(), faults: Vec::new() };
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) = decode(name) else {
                let _ = params.fault("query", "invalid_encoding", "a name is not UTF-8 in percent-encoding");
                continue;
            };
            params.add(&name, decode(value), known);
        }
        params
    }

    fn add(&mut self, name: &str, value: Option<String>, known: &[&'static str]) {
        let seen = self.get(name).is_some();
        let known_name = known.iter().copied().find(|known| *known == name);
        let _ = match (known_name, value) {
            _ if self.is_faulty(name) => Noted,
            (None, _) => {
                self.fault(name, "unknown_parameter", format!("unknown here; allowed are {}", known.join(", ")))
            }
            (Some(_), _) if seen => self.fault(name, "repeated", "may be given once"),
            (Some(_), None) => self.fault(name, "invalid_encoding", "must be UTF-8 in percent-encoding"),
            (Some(_), Some(value)) if value.is_empty() => {
                self.fault(name, "empty", "must not be empty; leave it out instead")
            }
            (Some(known_name), Some(value)) => {
                self.pairs.push((known_name, value));
                return;
            }
        };
    }

    /// The parameter's value, `None` where it isn't given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// Whether the parameter is at fault already.
    pub fn is_faulty(&self, name: &str) -> bool {
        self.faults.iter().any(|fault| fault.field == name)
    }

    #[cfg(test)]
    pub fn faults(&self) -> &[FieldError] {
        &self.faults
    }

    /// Notes a fault.
    pub fn fault(&mut self, field: &str, code: &'static str, message: impl Into<String>) -> Noted {
        self.faults.push(FieldError::new(field, code, message));
        Noted
    }

    /// The value parsed; a fault where it doesn't parse. `allowed` says what does.
    pub fn parse<T>(
        &mut self,
        name: &str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Noted> {
        match self.get(name).map(parse) {
            None => Ok(None),
            Some(Some(value)) => Ok(Some(value)),
            Some(None) => Err(self.fault(name, "invalid", format!("must be {allowed}"))),
        }
    }

    /// What was parsed, if nothing was at fault.
    ///
    /// # Errors
    /// A 400 that names every fault.
    pub fn finish<T>(self, parsed: Result<T, Noted>) -> Result<T, Problem> {
        match parsed {
            Ok(parsed) if self.faults.is_empty() => Ok(parsed),
            Ok(_) | Err(Noted) => {
                let mut names: Vec<&str> = self.faults.iter().map(|fault| fault.field.as_str()).collect();
                names.dedup();
                Err(Problem::invalid(format!("the query can't be answered: {}", names.join(", ")), self.faults))
            }
        }
    }
}

/// `+` is a space, as forms write it.
fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("nope=1", "nope", "unknown_parameter")]
    #[case("nope", "nope", "unknown_parameter")]
    #[case("a=1&a=1", "a", "repeated")]
    #[case("a=", "a", "empty")]
    #[case("a", "a", "empty")]
    #[case("a=%ff", "a", "invalid_encoding")]
    #[case("%ff=1", "query", "invalid_encoding")]
    #[case("A=1", "A", "unknown_parameter")]
    fn a_fault_is_named(#[case] query: &str, #[case] field: &str, #[case] code: &str) {
        let params = Params::read(Some(query), &["a", "b"]);
        assert_eq!(params.faults.len(), 1);
        assert_eq!((params.faults[0].field.as_str(), params.faults[0].code), (field, code));
        assert_eq!(params.finish(Ok(())).unwrap_err().status(), 400);
    }

    #[test]
    fn all_faults_are_named() {
        let params = Params::read(Some("a=&x=1&b=1&b=2"), &["a", "b"]);
        let fields: Vec<&str> = params.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["a", "x", "b"]);
    }

    #[test]
    fn values_are_decoded() {
        let params = Params::read(Some("a=M%C3%BCnchen+1%2B1&&b=x=y"), &["a", "b"]);
        assert_eq!((params.get("a"), params.get("b")), (Some("München 1+1"), Some("x=y")));
        assert!(params.finish(Ok(())).is_ok());
    }
}
