//! Compression of bodies: ClickHouse's own blocks, and HTTP's content encodings. Both can be on at once.

pub mod http;
pub mod native;

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures::Stream;

/// A body on its way, in either direction.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;
