//! Responses as ClickHouse sends them.

mod stream;
mod summary;

use std::io;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderName, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use crate::compression::http::Encoding;
use crate::compression::{ByteStream, native};
use crate::engine::{Outcome, Stats};
use crate::exception::Exception;
use crate::execute::Job;
use crate::info::ServerInfo;

pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// So much output is held back: an error in it, or behind it, still has its own status.
const HEAD: usize = 64 << 10;
/// The same with `wait_end_of_query`; a larger result streams all the same.
const WHOLE: usize = 256 << 20;

/// Seconds that an idle connection is kept; the server's own patience is longer.
const KEEP_ALIVE: &str = "timeout=30";

/// How a response is to look.
pub struct Reply {
    pub query_id: String,
    pub native_blocks: bool,
    pub encoding: Option<Encoding>,
    pub wait_end_of_query: bool,
}

impl Reply {
    /// The answer to a statement without output.
    pub fn done(&self, info: &ServerInfo, outcome: Outcome) -> Response<Body> {
        self.whole(info, None, outcome.stats, outcome.body.into())
    }

    /// The answer to a query: whole if it is short, else as it comes.
    pub async fn stream(
        &self,
        info: &ServerInfo,
        format: &str,
        mut pipe: pipe::Receiver,
        mut job: Job,
    ) -> Result<Response<Body>, Exception> {
        let limit = if self.wait_end_of_query { WHOLE } else { HEAD };
        let mut head = BytesMut::with_capacity(HEAD);
        while head.len() < limit {
            let read = pipe.read_buf(&mut head).await.map_err(stream::broken_pipe)?;
            if read == 0 {
                let outcome = job.outcome().await?;
                head.extend_from_slice(&outcome.body);
                // Clients take the format's header for the sign of a statement that gives rows.
                let format = outcome.gives_rows.then_some(format);
                return Ok(self.whole(info, format, outcome.stats, head.freeze()));
            }
        }
        let failed = stream::Failed::default();
        let tag = stream::exception_tag();
        let source = stream::source(head.freeze(), pipe, job, tag.clone(), info.version.clone(), failed.clone());
        let mut response = self.streamed(info, Some(format), Stats::default(), self.encode(source), failed);
        set(&mut response, "x-clickhouse-exception-tag", &tag);
        Ok(response)
    }

    fn whole(&self, info: &ServerInfo, format: Option<&str>, stats: Stats, body: Bytes) -> Response<Body> {
        if body.is_empty() || (!self.native_blocks && self.encoding.is_none()) {
            let mut response = Response::new(full(body));
            self.set_headers(&mut response, info, format, stats);
            response.headers_mut().remove(CONTENT_ENCODING);
            return response;
        }
        let source = Box::pin(futures::stream::iter([Ok(body)]));
        self.streamed(info, format, stats, self.encode(source), stream::Failed::default())
    }

    fn encode(&self, source: ByteStream) -> ByteStream {
        let source = if self.native_blocks { native::encode(source) } else { source };
        match self.encoding {
            Some(encoding) => crate::compression::http::encode(source, encoding),
            None => source,
        }
    }

    fn streamed(
        &self,
        info: &ServerInfo,
        format: Option<&str>,
        stats: Stats,
        body: ByteStream,
        failed: stream::Failed,
    ) -> Response<Body> {
        use futures::StreamExt;
        let frames = stream::with_abort(body, failed).map(|chunk| chunk.map(Frame::data));
        let mut response = Response::new(BodyExt::boxed_unsync(StreamBody::new(frames)));
        self.set_headers(&mut response, info, format, stats);
        response
    }

    fn set_headers(&self, response: &mut Response<Body>, info: &ServerInfo, format: Option<&str>, stats: Stats) {
        let content_type = format.map_or("text/plain; charset=UTF-8", |format| info.content_type(format));
        common(response, info, &self.query_id);
        set(response, CONTENT_TYPE.as_str(), content_type);
        set(response, "x-clickhouse-summary", &summary::json(&stats));
        if let Some(format) = format {
            set(response, "x-clickhouse-format", format);
        }
        if let Some(encoding) = self.encoding {
            set(response, CONTENT_ENCODING.as_str(), encoding.name());
        }
    }
}

/// The answer to a request that failed before anything was sent.
pub fn failure(info: &ServerInfo, query_id: &str, exception: &Exception) -> Response<Body> {
    let mut response = Response::new(full(exception.text(&info.version).into()));
    *response.status_mut() = exception.status();
    common(&mut response, info, query_id);
    set(&mut response, CONTENT_TYPE.as_str(), "text/plain; charset=UTF-8");
    set(&mut response, "x-clickhouse-exception-code", &exception.code().to_string());
    set(&mut response, "x-clickhouse-summary", &summary::json(&Stats::default()));
    if exception.status() == StatusCode::UNAUTHORIZED {
        set(&mut response, WWW_AUTHENTICATE.as_str(), "Basic realm=\"ClickHouse server HTTP API\"");
    }
    response
}

/// A fixed text, such as that of `/ping`.
pub fn text(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(full(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE.as_str(), "text/html; charset=UTF-8");
    keep_alive(&mut response);
    response
}

fn common(response: &mut Response<Body>, info: &ServerInfo, query_id: &str) {
    set(response, "x-clickhouse-query-id", query_id);
    set(response, "x-clickhouse-server-display-name", &info.display_name);
    set(response, "x-clickhouse-timezone", &info.timezone);
    keep_alive(response);
}

fn keep_alive(response: &mut Response<Body>) {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("Keep-Alive"));
    set(response, "keep-alive", KEEP_ALIVE);
}

/// Leaves out a value that no header can carry.
fn set(response: &mut Response<Body>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

fn full(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}
