//! Configuration from the environment, read once at cold start. An error names the variable and the rule.

use secrecy::SecretString;
use std::str::FromStr;

/// Where variables come from: the process environment, or a map in tests.
pub struct Env(Box<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// A variable that can't be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{variable}: {rule}")]
pub struct ConfigError {
    pub variable: &'static str,
    pub rule: String,
}

impl Env {
    /// The environment of this process.
    #[must_use]
    pub fn process() -> Self {
        Self(Box::new(|name| std::env::var(name).ok()))
    }

    /// Fixed variables, for tests and for stacks that are configured from code.
    #[must_use]
    pub fn from_pairs<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let map: std::collections::HashMap<String, String> =
            pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self(Box::new(move |name| map.get(name).cloned()))
    }

    /// These variables with others in their place.
    #[must_use]
    pub fn with<K: Into<String>, V: Into<String>>(self, pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let others = Self::from_pairs(pairs);
        Self(Box::new(move |name| (others.0)(name).or_else(|| (self.0)(name))))
    }

    /// The variable's value; an empty one is as if unset.
    #[must_use]
    pub fn text(&self, variable: &'static str) -> Option<String> {
        (self.0)(variable).filter(|value| !value.is_empty())
    }

    /// A value that must not appear in logs.
    #[must_use]
    pub fn secret(&self, variable: &'static str) -> Option<SecretString> {
        self.text(variable).map(SecretString::from)
    }

    /// The variable parsed, `None` where unset.
    ///
    /// # Errors
    /// Names the variable where its value doesn't parse.
    pub fn parse<T: FromStr>(&self, variable: &'static str, expected: &str) -> Result<Option<T>, ConfigError> {
        self.text(variable)
            .map(|value| {
                value.parse().map_err(|_| ConfigError { variable, rule: format!("must be {expected}, got {value:?}") })
            })
            .transpose()
    }
}

/// An HTTP function on Lambda is open to everyone only where `AUTH=none` says that this is meant.
///
/// # Errors
/// It doesn't say so, and this version checks no keys.
pub fn open_on_purpose(env: &Env) -> Result<(), ConfigError> {
    match env.text("AUTH").as_deref() {
        Some("none") => Ok(()),
        _ => Err(ConfigError {
            variable: "AUTH",
            rule: "must be none: no keys are checked, everyone may call".to_owned(),
        }),
    }
}

/// Limits on what is accepted and how long it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days an event is kept from its receipt (`RETENTION_DAYS`).
    pub retention_days: u32,
    /// Days an event time may lie in the past at receipt (`EVENT_MAX_AGE_DAYS`).
    pub event_max_age_days: u32,
}

impl Retention {
    /// # Errors
    /// Names the variable that isn't a number of days, or is out of range.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        // Fifty years: a row's end must be an instant that ClickHouse's 32-bit DateTime holds, or the row ends at once.
        let most = 18_250;
        let days = |variable: &'static str, default: u32| {
            let days = env.parse::<u32>(variable, "a number of days")?.unwrap_or(default);
            if (1..=most).contains(&days) {
                Ok(days)
            } else {
                Err(ConfigError { variable, rule: format!("must be from 1 to {most} days, got {days}") })
            }
        };
        Ok(Self { retention_days: days("RETENTION_DAYS", 365)?, event_max_age_days: days("EVENT_MAX_AGE_DAYS", 1826)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_variable_and_the_rule() {
        let env = Env::from_pairs([("RETENTION_DAYS", "soon")]);
        let error = Retention::from_env(&env).unwrap_err();
        assert_eq!(error.to_string(), "RETENTION_DAYS: must be a number of days, got \"soon\"");
        let env = Env::from_pairs([("RETENTION_DAYS", "0")]);
        assert_eq!(Retention::from_env(&env).unwrap_err().variable, "RETENTION_DAYS");
        let env = Env::from_pairs([("RETENTION_DAYS", "36500")]);
        assert_eq!(Retention::from_env(&env).unwrap_err().rule, "must be from 1 to 18250 days, got 36500");
    }

    #[test]
    fn only_auth_none_opens() {
        for (value, open) in [("none", true), ("", false), ("required", false)] {
            assert_eq!(open_on_purpose(&Env::from_pairs([("AUTH", value)])).is_ok(), open, "{value}");
        }
    }

    #[test]
    fn empty_is_unset() {
        let env = Env::from_pairs([("EVENT_MAX_AGE_DAYS", "")]);
        assert_eq!(Retention::from_env(&env).unwrap(), Retention { retention_days: 365, event_max_age_days: 1826 });
    }
}
