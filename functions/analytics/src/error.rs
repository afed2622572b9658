//! Why a question got no answer, and what the client is told.

use axum::response::{IntoResponse, Response};
use shared::{clickhouse::Failure, problem::Problem};

/// Seconds after which asking again may help.
const RETRY_AFTER: u32 = 5;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the question is at fault")]
    Question(Problem),
    #[error("ClickHouse: {0}")]
    ClickHouse(#[from] clickhouse::error::Error),
    #[error("no answer in time")]
    TooSlow,
    #[error("time arithmetic: {0}")]
    Time(jiff::Error),
    #[error("a row that the query can't give: {0}")]
    Row(&'static str),
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Question(problem)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let problem = match &self {
            Self::Question(problem) => return problem.clone().into_response(),
            Self::ClickHouse(error) => match Failure::of(error) {
                Failure::Unreachable => Problem::unavailable("the analytics store can't be reached", RETRY_AFTER),
                Failure::Busy { .. } => Problem::unavailable("the analytics store is overloaded", RETRY_AFTER),
                Failure::NotMigrated { .. } => {
                    Problem::unavailable("the analytics store isn't set up yet", RETRY_AFTER)
                }
                Failure::Refused { .. } => Problem::internal(),
            },
            Self::TooSlow => Problem::unavailable("the answer took too long; a shorter window takes less", RETRY_AFTER),
            Self::Time(_) | Self::Row(_) => Problem::internal(),
        };
        if problem.status().as_u16() == 503 {
            tracing::warn!(error = %self, "no answer");
        } else {
            tracing::error!(error = %self, "no answer");
        }
        problem.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clickhouse::error::Error as ClickHouseError;
    use rstest::rstest;

    #[rstest]
    #[case(Error::TooSlow, 503)]
    #[case(Error::Row("none"), 500)]
    #[case(Error::ClickHouse(ClickHouseError::TimedOut), 503)]
    #[case(Error::ClickHouse(ClickHouseError::BadResponse("Code: 159. DB::Exception: Timeout".to_owned())), 503)]
    #[case(Error::ClickHouse(ClickHouseError::BadResponse("Code: 60. DB::Exception: Unknown table".to_owned())), 503)]
    #[case(Error::ClickHouse(ClickHouseError::BadResponse("Code: 62. DB::Exception: Syntax error".to_owned())), 500)]
    fn a_status_for_each(#[case] error: Error, #[case] status: u16) {
        let response = error.into_response();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers().contains_key("retry-after"), status == 503);
    }
}
