use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, timeout_at};

use super::setup::{Ready, Setup};
use super::{Piece, gather};
use crate::compression::ByteStream;
use crate::engine::Outcome;
use crate::exception::{Exception, Kind};
use crate::request::body_exception;
use crate::running::Ticket;

/// Chunks of the body that wait for the engine.
const QUEUE: usize = 4;
/// How long a body is read to its end after its insert has failed, so that the client hears why.
const DRAIN: Duration = Duration::from_secs(10);

/// Runs an insert over the data of a body.
pub async fn insert(
    setup: Setup,
    ticket: Ticket,
    head: String,
    format: String,
    bindings: Vec<(String, String)>,
    mut data: ByteStream,
) -> Result<Outcome, Exception> {
    if bindings.is_empty()
        && let Some((statement, limits)) = gather::wanted(&setup, &head, &format)
    {
        match gather::whole(data).await? {
            Ok(chunks) => return gather::insert(setup.state, statement, limits, chunks).await,
            Err(too_large) => data = too_large,
        }
    }
    let (sender, receiver) = mpsc::channel(QUEUE);
    let permit = Arc::clone(&setup.state.permits).acquire_owned().await;
    let task = tokio::task::spawn_blocking(move || {
        let head = ticket.mark().apply(&head);
        let result = setup.run(|ready| take(ready, &head, &format, &bindings, receiver));
        drop((ticket, permit));
        result
    });
    let sent = send(data, sender).await;
    let outcome =
        task.await.unwrap_or_else(|_| Err(Exception::new(Kind::UnknownException, "The insert's thread has failed")));
    match sent {
        // A body that can't be decoded is the cause of what the engine then says.
        Err(broken) => Err(broken),
        Ok(()) => outcome,
    }
}

/// Hands the body over, as fast as the engine takes it.
async fn send(mut data: ByteStream, sender: mpsc::Sender<Piece>) -> Result<(), Exception> {
    while let Some(chunk) = data.try_next().await.map_err(body_exception)? {
        if sender.send(Piece::Data(chunk)).await.is_err() {
            let deadline = Instant::now() + DRAIN;
            while let Ok(Some(Ok(_))) = timeout_at(deadline, data.next()).await {}
            return Ok(());
        }
    }
    // A closed channel means that the insert has failed: its outcome says why.
    sender.send(Piece::End).await.unwrap_or_default();
    Ok(())
}

fn take(
    ready: Ready<'_>,
    head: &str,
    format: &str,
    bindings: &[(String, String)],
    mut data: mpsc::Receiver<Piece>,
) -> Result<Outcome, Exception> {
    ready.refuse_change()?;
    let mut insert = ready.connection.insert(head, format, bindings)?;
    loop {
        match data.blocking_recv() {
            Some(Piece::Data(chunk)) if insert.append(&chunk) => {}
            // Failed, or complete: the end tells which.
            Some(Piece::Data(_) | Piece::End) => break,
            // Dropping the insert cancels it.
            None => return Err(Exception::new(Kind::NetworkError, "The client left before its data was complete")),
        }
    }
    let mut stats = insert.finish()?;
    // What a client sent counts as read, as on a server.
    (stats.read_rows, stats.read_bytes) = (stats.written_rows, stats.written_bytes);
    (stats.result_rows, stats.result_bytes) = (stats.written_rows, stats.written_bytes);
    Ok(Outcome { stats, ..Outcome::default() })
}
