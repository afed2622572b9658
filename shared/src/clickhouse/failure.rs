//! What an error of ClickHouse means for the caller. The client gives errors as text: `Code: N. DB::Exception: …`.

use clickhouse::error::Error;

/// Why ClickHouse didn't do what it was asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No answer: connection refused, cut, or timed out. The outcome is unknown; asking again is right.
    Unreachable,
    /// It answered that it can't now (memory, too many parts or queries, a timeout, no quorum…). Asking again later is right.
    Busy { code: u32 },
    /// It answered that the database or a table isn't there: the schema hasn't been applied yet.
    NotMigrated { code: u32 },
    /// It won't take this statement or this data, now or later. `code` is 0 where the client itself couldn't make sense of either.
    Refused { code: u32 },
}

impl Failure {
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Network(_) | Error::TimedOut => Self::Unreachable,
            Error::BadResponse(text) => code(text).map_or(Self::Unreachable, Self::from_code),
            _ => Self::Refused { code: 0 },
        }
    }

    fn from_code(code: u32) -> Self {
        match code {
            60 | 81 => Self::NotMigrated { code },
            // TIMEOUT_EXCEEDED, TOO_MANY_SIMULTANEOUS_QUERIES, SOCKET_TIMEOUT, NETWORK_ERROR, NO_ZOOKEEPER, CANNOT_ALLOCATE_MEMORY,
            // TABLE_IS_READ_ONLY, MEMORY_LIMIT_EXCEEDED, NOT_ENOUGH_SPACE, TOO_MANY_PARTS, ALL_CONNECTION_TRIES_FAILED,
            // TOO_FEW_LIVE_REPLICAS, UNSATISFIED_QUORUM, UNKNOWN_STATUS_OF_INSERT, TIMEOUT (ZooKeeper), QUERY_WAS_CANCELLED, KEEPER_EXCEPTION
            159 | 202 | 209 | 210 | 225 | 173 | 242 | 241 | 243 | 252 | 279 | 285 | 286 | 319 | 394 | 999 => {
                Self::Busy { code }
            }
            _ => Self::Refused { code },
        }
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        match self {
            Self::Unreachable | Self::Busy { .. } | Self::NotMigrated { .. } => true,
            Self::Refused { .. } => false,
        }
    }
}

/// `N` of `Code: N.`
fn code(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("Code: ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_from_the_text() {
        let of = |text: &str| Failure::of(&Error::BadResponse(text.to_owned()));
        assert_eq!(of("Code: 252. DB::Exception: Too many parts"), Failure::Busy { code: 252 });
        assert_eq!(of("Code: 60. DB::Exception: Unknown table"), Failure::NotMigrated { code: 60 });
        assert_eq!(of("Code: 62. DB::Exception: Syntax error"), Failure::Refused { code: 62 });
        assert_eq!(of("502 Bad Gateway"), Failure::Unreachable);
        assert!(!of("Code: 27. DB::Exception: Cannot parse").is_transient());
    }
}
