//! ClickHouse's errors: a number, a name and a text.

mod status;

use std::fmt;

use http::StatusCode;

/// The errors that this server raises itself; all others come from the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    BadArguments,
    ChecksumDoesntMatch,
    NotImplemented,
    SyntaxError,
    UnknownCompressionMethod,
    UnknownSetting,
    ReadOnly,
    RequiredPassword,
    QueryIsAlreadyRunning,
    QueryIsTooLarge,
    CannotDecompress,
    IntoOutfileNotAllowed,
    SessionNotFound,
    SessionIsLocked,
    InvalidSessionTimeout,
    NetworkError,
    AuthenticationFailed,
    UnknownException,
}

impl Kind {
    const fn code_and_name(self) -> (u16, &'static str) {
        match self {
            Self::BadArguments => (36, "BAD_ARGUMENTS"),
            Self::ChecksumDoesntMatch => (40, "CHECKSUM_DOESNT_MATCH"),
            Self::NotImplemented => (48, "NOT_IMPLEMENTED"),
            Self::SyntaxError => (62, "SYNTAX_ERROR"),
            Self::UnknownCompressionMethod => (89, "UNKNOWN_COMPRESSION_METHOD"),
            Self::UnknownSetting => (115, "UNKNOWN_SETTING"),
            Self::ReadOnly => (164, "READONLY"),
            Self::RequiredPassword => (194, "REQUIRED_PASSWORD"),
            Self::NetworkError => (210, "NETWORK_ERROR"),
            Self::QueryIsAlreadyRunning => (216, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING"),
            Self::QueryIsTooLarge => (229, "QUERY_IS_TOO_LARGE"),
            Self::CannotDecompress => (271, "CANNOT_DECOMPRESS"),
            Self::IntoOutfileNotAllowed => (358, "INTO_OUTFILE_NOT_ALLOWED"),
            Self::SessionNotFound => (372, "SESSION_NOT_FOUND"),
            Self::SessionIsLocked => (373, "SESSION_IS_LOCKED"),
            Self::InvalidSessionTimeout => (374, "INVALID_SESSION_TIMEOUT"),
            Self::AuthenticationFailed => (516, "AUTHENTICATION_FAILED"),
            Self::UnknownException => (1002, "UNKNOWN_EXCEPTION"),
        }
    }
}

/// One error as a client sees it: `Code: 62. DB::Exception: … (SYNTAX_ERROR)`.
#[derive(Debug, Clone, thiserror::Error)]
pub struct Exception {
    code: u16,
    message: String,
}

impl Exception {
    pub fn new(kind: Kind, text: impl fmt::Display) -> Self {
        let (code, name) = kind.code_and_name();
        Self { code, message: format!("Code: {code}. DB::Exception: {text}. ({name})") }
    }

    /// Takes the engine's own text; one without a number is an `UNKNOWN_EXCEPTION`.
    pub fn from_engine(text: &str) -> Self {
        let text = text.trim();
        let code =
            text.strip_prefix("Code: ").and_then(|rest| rest.split_once('.')).and_then(|(code, _)| code.parse().ok());
        match code {
            Some(code) => Self { code, message: text.to_owned() },
            None => Self::new(Kind::UnknownException, text.trim_end_matches('.')),
        }
    }

    pub const fn code(&self) -> u16 {
        self.code
    }

    /// The whole text with the server's version, as ClickHouse ends every error it sends.
    pub fn text(&self, version: &str) -> String {
        if self.message.contains(" (version ") {
            format!("{}\n", self.message)
        } else {
            format!("{} (version {version})\n", self.message)
        }
    }

    pub fn status(&self) -> StatusCode {
        status::of(self.code)
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_code_of_the_engines_text() {
        let exception =
            Exception::from_engine("Code: 60. DB::Exception: Table default.x does not exist. (UNKNOWN_TABLE)\n");
        assert_eq!(exception.code(), 60);
        assert_eq!(exception.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            exception.text("26.7"),
            "Code: 60. DB::Exception: Table default.x does not exist. (UNKNOWN_TABLE) (version 26.7)\n"
        );
    }

    #[test]
    fn a_text_without_a_code_is_an_unknown_exception() {
        let exception = Exception::from_engine("No active streaming query");
        assert_eq!(exception.code(), 1002);
        assert_eq!(exception.to_string(), "Code: 1002. DB::Exception: No active streaming query. (UNKNOWN_EXCEPTION)");
    }

    #[test]
    fn the_version_is_not_repeated() {
        let exception =
            Exception::from_engine("Code: 73. DB::Exception: Unknown format X. (UNKNOWN_FORMAT) (version 1.2)");
        assert_eq!(
            exception.text("3.4"),
            "Code: 73. DB::Exception: Unknown format X. (UNKNOWN_FORMAT) (version 1.2)\n"
        );
    }
}
