//! A body that streams, and what happens to it when the query fails on the way.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use crate::compression::ByteStream;
use crate::exception::{Exception, Kind};
use crate::execute::Job;

const CHUNK: usize = 64 << 10;

/// Time for the exception to leave before the connection is broken behind it.
const BEFORE_ABORT: Duration = Duration::from_millis(20);

/// Set once the query has failed: its body then ends without HTTP's end.
#[derive(Debug, Clone, Default)]
pub struct Failed(Arc<AtomicBool>);

enum Step {
    Head(Bytes),
    Pipe,
    Outcome,
    End,
}

/// The output of a query: what was held back, the pipe, then what the outcome has, or its exception.
pub fn source(head: Bytes, pipe: pipe::Receiver, job: Job, tag: String, version: String, failed: Failed) -> ByteStream {
    let state = (Step::Head(head), pipe, job);
    stream::unfold(state, move |(mut step, mut pipe, mut job)| {
        let (tag, version, failed) = (tag.clone(), version.clone(), failed.clone());
        async move {
            loop {
                let chunk = match step {
                    Step::Head(head) => {
                        step = Step::Pipe;
                        head
                    }
                    Step::Pipe => {
                        let mut chunk = BytesMut::with_capacity(CHUNK);
                        match pipe.read_buf(&mut chunk).await {
                            Ok(0) => step = Step::Outcome,
                            Ok(_) => {}
                            Err(error) => return Some((Err(error), (Step::End, pipe, job))),
                        }
                        chunk.freeze()
                    }
                    Step::Outcome => {
                        step = Step::End;
                        match job.outcome().await {
                            Ok(outcome) => outcome.body.into(),
                            Err(exception) => {
                                failed.0.store(true, Ordering::Release);
                                tagged(&exception.text(&version), &tag).into()
                            }
                        }
                    }
                    Step::End => return None,
                };
                if !chunk.is_empty() {
                    return Some((Ok(chunk), (step, pipe, job)));
                }
            }
        }
    })
    .boxed()
}

/// Ends a failed body with an error, so that no client takes it for whole.
pub fn with_abort(body: ByteStream, failed: Failed) -> ByteStream {
    let abort = stream::once(async move {
        if !failed.0.load(Ordering::Acquire) {
            return None;
        }
        tokio::time::sleep(BEFORE_ABORT).await;
        Some(Err(io::Error::other("the query failed")))
    });
    body.chain(abort.filter_map(|end| async move { end })).boxed()
}

/// Sixteen random letters that mark an exception in the middle of data.
pub fn exception_tag() -> String {
    uuid::Uuid::new_v4().simple().to_string().chars().take(16).collect()
}

/// An exception as it stands at the end of a broken body since ClickHouse 25.11; the length is the text's.
fn tagged(text: &str, tag: &str) -> String {
    format!("\r\n__exception__\r\n{tag}\r\n{text}{} {tag}\r\n__exception__\r\n", text.len())
}

pub fn broken_pipe(error: io::Error) -> Exception {
    Exception::new(Kind::UnknownException, format!("Cannot read the query's output: {error}"))
}
