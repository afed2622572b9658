//! A request taken apart: parameters, body, and the tables that a form may bring.

mod form;
mod params;

use std::io;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http_body_util::BodyExt;
use hyper::body::Incoming;

pub use self::form::ExternalTable;
pub use self::params::Params;
use crate::compression::http::Encoding;
use crate::compression::{ByteStream, native};
use crate::exception::{Exception, Kind};
use crate::sql::InsertHead;

/// ClickHouse parses this much of a statement (`max_query_size`); in an `INSERT` all behind it is data.
const STATEMENT_SIZE: usize = 256 << 10;
/// The longest statement that is taken at all, such as an `INSERT … SELECT` with literals.
const MAX_STATEMENT: usize = 64 << 20;

/// Reads the form of a request, if it is one, into the parameters. Gives back what is left of the body.
pub async fn read(
    headers: &HeaderMap,
    body: Incoming,
    params: &mut Params,
) -> Result<(ByteStream, Vec<ExternalTable>), Exception> {
    let body = decode(headers, body.into_data_stream().map_err(io::Error::other).boxed(), params.decompress)?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match multer::parse_boundary(content_type) {
        Ok(boundary) => {
            let tables = form::read(body, boundary, params).await?;
            Ok((futures::stream::empty().boxed(), tables))
        }
        Err(_) => Ok((body, Vec::new())),
    }
}

fn decode(headers: &HeaderMap, body: ByteStream, native_blocks: bool) -> Result<ByteStream, Exception> {
    let encoding = headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?")).unwrap_or_default();
    let body = match Encoding::of_body(encoding)? {
        Some(encoding) => crate::compression::http::decode(body, encoding),
        None => body,
    };
    Ok(if native_blocks { native::decode(body) } else { body })
}

/// A statement with the beginning of the data that may follow it.
pub struct Statement {
    /// The URL's `query`, a line's end, and the body as far as it was read
    pub text: BytesMut,
    /// The body behind that
    pub rest: ByteStream,
}

impl Statement {
    /// Reads as much as a statement may have before its data.
    pub async fn read(query: &str, mut body: ByteStream) -> Result<Self, Exception> {
        let mut text = BytesMut::from(query);
        let mut separated = query.is_empty();
        while text.len() < STATEMENT_SIZE
            && let Some(chunk) = next(&mut body).await?
        {
            if !separated && !chunk.is_empty() {
                text.extend_from_slice(b"\n");
                separated = true;
            }
            text.extend_from_slice(&chunk);
        }
        Ok(Self { text, rest: body })
    }

    /// An insert's head, its format, and its data.
    pub fn split(self, insert: &InsertHead) -> Result<(String, Option<String>, ByteStream), Exception> {
        let text = self.text.freeze();
        let head = text.get(..insert.head_end).map(<[u8]>::to_vec).unwrap_or_default();
        let head = String::from_utf8(head).map_err(|_| not_utf8())?;
        let first = text.slice(insert.data_start.min(text.len())..);
        let first = futures::stream::iter((!first.is_empty()).then_some(Ok(first)));
        Ok((head, insert.format.clone(), first.chain(self.rest).boxed()))
    }

    /// The whole text of a statement without data.
    pub async fn into_text(mut self) -> Result<String, Exception> {
        while let Some(chunk) = next(&mut self.rest).await? {
            if self.text.len() + chunk.len() > MAX_STATEMENT {
                return Err(Exception::new(
                    Kind::QueryIsTooLarge,
                    format!("A statement has over {MAX_STATEMENT} bytes"),
                ));
            }
            self.text.extend_from_slice(&chunk);
        }
        String::from_utf8(self.text.into()).map_err(|_| not_utf8())
    }
}

fn not_utf8() -> Exception {
    Exception::new(Kind::BadArguments, "The statement is not UTF-8")
}

async fn next(body: &mut ByteStream) -> Result<Option<Bytes>, Exception> {
    body.try_next().await.map_err(body_exception)
}

/// What went wrong with a body: our own exception from decoding it, or the connection.
pub fn body_exception(error: io::Error) -> Exception {
    match error.downcast::<Exception>() {
        Ok(exception) => exception,
        Err(error) => Exception::new(Kind::NetworkError, format!("Cannot read the request's body: {error}")),
    }
}
