//! Whose pages may ask from a browser (CORS).

use http::{HeaderValue, Method, Uri, header};
use shared::config::{ConfigError, Env};
use std::time::Duration;
use tower_http::cors::{AllowHeaders, CorsLayer};

/// `ALLOWED_ORIGINS`: origins, comma-separated, or `*`. Unset: none, and no header says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    None,
    Any,
    These(Vec<HeaderValue>),
}

const VARIABLE: &str = "ALLOWED_ORIGINS";

impl AllowedOrigins {
    /// # Errors
    /// `ALLOWED_ORIGINS` holds something that isn't `scheme://host[:port]`.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        match env.text(VARIABLE).as_deref().map(str::trim) {
            None | Some("") => Ok(Self::None),
            Some("*") => Ok(Self::Any),
            Some(list) => list.split(',').map(|origin| parse(origin.trim())).collect::<Result<_, _>>().map(Self::These),
        }
    }

    pub(super) fn layer(self) -> Option<CorsLayer> {
        let layer = CorsLayer::new()
            .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::DELETE])
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers([header::RETRY_AFTER, header::HeaderName::from_static("traceparent")])
            .max_age(Duration::from_secs(3600));
        match self {
            Self::None => None,
            Self::Any => Some(layer.allow_origin(tower_http::cors::Any)),
            Self::These(origins) => Some(layer.allow_origin(origins)),
        }
    }
}

/// An origin as browsers send it: compared byte by byte.
fn parse(origin: &str) -> Result<HeaderValue, ConfigError> {
    let error = || ConfigError {
        variable: VARIABLE,
        rule: format!("must be origins such as https://example.com, comma-separated, or *, got {origin:?}"),
    };
    let uri: Uri = origin.parse().map_err(|_| error())?;
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme @ ("http" | "https")), Some(authority)) if origin == format!("{scheme}://{authority}") => {
            HeaderValue::from_str(origin).map_err(|_| error())
        }
        (_, _) => Err(error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<AllowedOrigins, ConfigError> {
        AllowedOrigins::from_env(&Env::from_pairs([(VARIABLE, text)]))
    }

    #[test]
    fn are_off_by_default_and_listed_by_comma() {
        assert_eq!(of(""), Ok(AllowedOrigins::None));
        assert_eq!(of("*"), Ok(AllowedOrigins::Any));
        let listed = ["https://a.example", "http://localhost:3000"].map(HeaderValue::from_static).to_vec();
        assert_eq!(of("https://a.example, http://localhost:3000"), Ok(AllowedOrigins::These(listed)));
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        for wrong in ["a.example", "https://a.example/", "ftp://a.example", "https://a.example,", "https://a b", "*,*"]
        {
            assert_eq!(of(wrong).unwrap_err().variable, VARIABLE, "{wrong}");
        }
    }
}
