//! Who may ask: one user with one password, or anybody.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq;

use crate::exception::{Exception, Kind};

/// What a request brings: from `Authorization`, `X-ClickHouse-User` and `-Key`, or the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    pub user: Option<String>,
    pub password: Option<String>,
}

impl Credentials {
    /// The first place that names anyone wins: the two headers, `Authorization: Basic`, the URL.
    pub fn find(headers: &HeaderMap, url: Self) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let own = Self { user: text("x-clickhouse-user"), password: text("x-clickhouse-key") };
        if own.is_given() {
            return own;
        }
        headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(basic).unwrap_or(url)
    }

    const fn is_given(&self) -> bool {
        self.user.is_some() || self.password.is_some()
    }
}

fn basic(header: &str) -> Option<Credentials> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':').unwrap_or((&decoded, ""));
    Some(Credentials { user: Some(user.to_owned()), password: Some(password.to_owned()) })
}

/// The one account of the server.
pub struct Account {
    user: String,
    password: String,
}

impl Account {
    /// `None` if neither is set: the server then lets anybody in.
    pub fn new(user: Option<String>, password: Option<String>) -> Option<Self> {
        (user.is_some() || password.is_some()).then(|| Self {
            user: user.unwrap_or_else(|| "default".to_owned()),
            password: password.unwrap_or_default(),
        })
    }

    pub fn check(&self, credentials: &Credentials) -> Result<(), Exception> {
        let user = credentials.user.as_deref().unwrap_or("default");
        let password = credentials.password.as_deref().unwrap_or_default();
        let equal = self.user.as_bytes().ct_eq(user.as_bytes()) & self.password.as_bytes().ct_eq(password.as_bytes());
        if equal.into() {
            return Ok(());
        }
        // A browser or curl that named nobody is asked to; who named the wrong one is turned away.
        let kind = if credentials.is_given() { Kind::AuthenticationFailed } else { Kind::RequiredPassword };
        Err(Exception::new(
            kind,
            format!("{user}: Authentication failed: password is incorrect, or there is no user with such name"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn given(user: &str, password: &str) -> Credentials {
        Credentials { user: Some(user.to_owned()), password: Some(password.to_owned()) }
    }

    #[test]
    fn only_the_account_gets_in() {
        let account = Account::new(Some("ota".to_owned()), Some("secret".to_owned())).unwrap();
        assert!(account.check(&given("ota", "secret")).is_ok());
        assert_eq!(account.check(&given("ota", "wrong")).unwrap_err().status(), StatusCode::FORBIDDEN);
        assert_eq!(account.check(&given("default", "secret")).unwrap_err().code(), 516);
        assert_eq!(account.check(&Credentials::default()).unwrap_err().status(), StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn a_password_alone_is_of_the_default_user() {
        let account = Account::new(None, Some("secret".to_owned())).unwrap();
        assert!(account.check(&given("default", "secret")).is_ok());
        assert!(Account::new(None, None).is_none());
    }

    #[test]
    fn headers_go_before_the_url() {
        let mut headers = HeaderMap::new();
        assert_eq!(Credentials::find(&headers, given("u", "p")), given("u", "p"));
        headers.insert(AUTHORIZATION, "Basic YTpiOmM=".parse().unwrap());
        assert_eq!(Credentials::find(&headers, given("u", "p")), given("a", "b:c"));
        headers.insert("x-clickhouse-user", "x".parse().unwrap());
        assert_eq!(Credentials::find(&headers, given("u", "p")).user.as_deref(), Some("x"));
    }
}
