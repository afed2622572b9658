//! An answer: `data`, and `meta` that says what it is about; as JSON or its main list as CSV.

pub mod csv;
mod limited;
mod meta;
mod number;

pub use limited::{OTHER, limited};
pub use meta::Meta;
pub use number::{rate, rounded};

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use csv::{Csv, Table};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct Answer<D> {
    pub data: D,
    pub meta: Meta,
}

impl<D: Serialize + Table> Answer<D> {
    /// As CSV where the client would rather have that, else as JSON.
    pub fn respond(&self, headers: &HeaderMap) -> Response {
        let mut response = if csv::is_preferred(headers) {
            let body = Csv::of(&self.data);
            ([(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present")], body.into_text()).into_response()
        } else {
            Json(self).into_response()
        };
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
        response
    }
}

/// RFC 3339 in UTC, to the millisecond.
pub fn instant(ms: i64) -> Result<String, jiff::Error> {
    Ok(Timestamp::from_millisecond(ms)?.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}
