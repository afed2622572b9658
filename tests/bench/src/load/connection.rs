//! A kept HTTP/1.1 connection that sends bytes made beforehand and reads no more of an answer than it must.

use anyhow::{Context, bail};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const HEADERS: usize = 32;

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// An answer's head: how much of the buffer it takes, and how long the body behind it is.
struct Head {
    status: u16,
    length: usize,
    body: usize,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("{address} can't be reached"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 256 * 1024], filled: 0 })
    }

    /// Sends a whole request and waits for the whole answer: its status.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request).await?;
        self.filled = 0;
        let head = loop {
            if let Some(head) = parse(self.buffer.get(..self.filled).unwrap_or_default())? {
                break head;
            }
            self.filled += self.read(self.filled).await?;
        };
        let mut missing = (head.length + head.body).saturating_sub(self.filled);
        while missing > 0 {
            missing = missing.saturating_sub(self.read(0).await?);
        }
        Ok(head.status)
    }

    async fn read(&mut self, from: usize) -> anyhow::Result<usize> {
        let room =
            self.buffer.get_mut(from..).filter(|room| !room.is_empty()).context("the answer's head is too long")?;
        match self.stream.read(room).await? {
            0 => bail!("the connection was closed"),
            read => Ok(read),
        }
    }
}

fn parse(bytes: &[u8]) -> anyhow::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = response.parse(bytes).context("not HTTP")? else { return Ok(None) };
    let status = response.code.unwrap_or(0);
    let body = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let body = body.and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok());
    Ok(Some(Head { status, length, body: body.context("an answer without content-length")? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_how_much_follows() {
        let answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 12\r\n\r\nhello";
        let head = parse(answer).unwrap().unwrap();
        assert_eq!((head.status, head.body, head.length), (202, 12, answer.len() - 5));
        assert!(parse(b"HTTP/1.1 202 Acc").unwrap().is_none());
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
