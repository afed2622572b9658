//! Which updates a query over `updates.sql` looks at. Fewer is quicker; which of them count is the query's own matter.

use clickhouse::query::Query;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updates {
    All,
    /// Those with a failure at this time (ms since 1970) or later.
    FailedSince(i64),
    /// Those with a rollback at this time (ms since 1970) or later.
    RolledBackSince(i64),
}

impl Updates {
    pub fn bind(self, query: Query) -> Query {
        let (failed_since, rolled_back_since) = match self {
            Self::All => (-1, -1),
            Self::FailedSince(ms) => (ms.max(0), -1),
            Self::RolledBackSince(ms) => (-1, ms.max(0)),
        };
        query.param("failed_since", failed_since).param("rolled_back_since", rolled_back_since)
    }
}
