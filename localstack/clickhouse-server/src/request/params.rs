use std::time::Duration;

use http::HeaderMap;

use crate::auth::Credentials;
use crate::engine::Setting;
use crate::exception::{Exception, Kind};
use crate::info::ServerInfo;
use crate::session::SessionRequest;

const DEFAULT_SESSION_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_SESSION_TIMEOUT: Duration = Duration::from_secs(3600);

/// The parameters of a request, from its URL, its headers and its form.
#[derive(Debug, Default)]
pub struct Params {
    pub query: String,
    pub database: Option<String>,
    pub default_format: Option<String>,
    pub query_id: Option<String>,
    pub credentials: Credentials,
    /// The response in ClickHouse's compressed blocks
    pub compress: bool,
    /// The body comes in ClickHouse's compressed blocks
    pub decompress: bool,
    /// The response in an encoding of `Accept-Encoding`
    pub http_compression: bool,
    /// The status and the summary are those of the finished query
    pub wait_end_of_query: bool,
    pub settings: Vec<Setting>,
    /// `param_x`: the values of `{x:Type}`
    pub bindings: Vec<(String, String)>,
    session_id: Option<String>,
    session_timeout: Option<String>,
    session_check: bool,
    close_session: bool,
}

impl Params {
    pub fn parse(url_query: &str, headers: &HeaderMap) -> Self {
        let mut params = Self::default();
        for (name, value) in form_urlencoded::parse(url_query.as_bytes()) {
            params.set(&name, value.into_owned());
        }
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        params.credentials = Credentials::find(headers, params.credentials);
        params.database = params.database.or_else(|| header("x-clickhouse-database"));
        params.default_format = params.default_format.or_else(|| header("x-clickhouse-format"));
        params
    }

    /// Takes one parameter. What has no meaning for the interface is a setting of the query.
    pub fn set(&mut self, name: &str, value: String) {
        match name {
            "query" => self.query.push_str(&value),
            "database" => self.database = Some(value).filter(|value| !value.is_empty()),
            "default_format" => self.default_format = Some(value).filter(|value| !value.is_empty()),
            "query_id" => self.query_id = Some(value).filter(|value| !value.is_empty()),
            "user" => self.credentials.user = Some(value),
            "password" => self.credentials.password = Some(value),
            "compress" => self.compress = is_true(&value),
            "decompress" => self.decompress = is_true(&value),
            "enable_http_compression" => self.http_compression = is_true(&value),
            "wait_end_of_query" | "http_wait_end_of_query" => self.wait_end_of_query = is_true(&value),
            "session_id" => self.session_id = Some(value).filter(|value| !value.is_empty()),
            "session_timeout" => self.session_timeout = Some(value),
            "session_check" => self.session_check = is_true(&value),
            "close_session" => self.close_session = is_true(&value),
            // Of the protocol, without a meaning here: one user without roles and quotas, buffers of our own.
            "quota_key" | "stacktrace" | "role" | "buffer_size" | "client_protocol_version" => {}
            _ => match name.strip_prefix("param_") {
                Some(name) => self.bindings.push((name.to_owned(), value)),
                None => self.settings.push((name.to_owned(), value)),
            },
        }
    }

    /// The settings must be ones that the engine has.
    pub fn check_settings(&self, info: &ServerInfo) -> Result<(), Exception> {
        match self.settings.iter().find(|(name, _)| !info.has_setting(name)) {
            None => Ok(()),
            Some((name, _)) => {
                let text = format!("Setting {name} is neither a builtin setting nor a parameter of the HTTP interface");
                Err(Exception::new(Kind::UnknownSetting, text))
            }
        }
    }

    pub fn session(&self) -> Result<Option<SessionRequest>, Exception> {
        let Some(id) = self.session_id.clone() else { return Ok(None) };
        let invalid = |text: String| Exception::new(Kind::InvalidSessionTimeout, text);
        let timeout = match &self.session_timeout {
            None => DEFAULT_SESSION_TIMEOUT,
            Some(text) => {
                let seconds = text.parse().map_err(|_| invalid(format!("Invalid session timeout: '{text}'")))?;
                Duration::from_secs(seconds)
            }
        };
        if timeout > MAX_SESSION_TIMEOUT {
            let (given, most) = (timeout.as_secs(), MAX_SESSION_TIMEOUT.as_secs());
            return Err(invalid(format!("Session timeout '{given}' is larger than max_session_timeout: {most}")));
        }
        Ok(Some(SessionRequest { id, timeout, check: self.session_check, close: self.close_session }))
    }
}

fn is_true(value: &str) -> bool {
    value == "1" || value.eq_ignore_ascii_case("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url_query: &str) -> Params {
        Params::parse(url_query, &HeaderMap::new())
    }

    #[test]
    fn what_the_interface_does_not_know_is_a_setting() {
        let params = parse("query=SELECT+1&max_threads=2&param_a=b%20c&compress=1&buffer_size=1&database=");
        assert_eq!(params.query, "SELECT 1");
        assert_eq!(params.settings, [("max_threads".to_owned(), "2".to_owned())]);
        assert_eq!(params.bindings, [("a".to_owned(), "b c".to_owned())]);
        assert!(params.compress && !params.decompress);
        assert_eq!(params.database, None);
    }

    #[test]
    fn a_session_has_a_timeout() {
        assert_eq!(parse("").session().unwrap(), None);
        let session = parse("session_id=a&session_timeout=5&session_check=1").session().unwrap().unwrap();
        assert_eq!((session.timeout, session.check), (Duration::from_secs(5), true));
        assert_eq!(parse("session_id=a&session_timeout=3601").session().unwrap_err().code(), 374);
        assert_eq!(parse("session_id=a&session_timeout=x").session().unwrap_err().code(), 374);
    }
}
