//! ClickHouse's compressed blocks: a CityHash128 (of version 1.0.2) of what follows, then method, both sizes, data.

use std::io;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::io::{AsyncBufReadExt, AsyncReadExt};
use tokio_util::io::StreamReader;

use super::ByteStream;
use crate::exception::{Exception, Kind};

const CHECKSUM: usize = 16;
/// Method, compressed size with this header, decompressed size
const HEADER: usize = 9;
const NONE: u8 = 0x02;
const LZ4: u8 = 0x82;
const ZSTD: u8 = 0x90;
/// Far above any client's blocks (1 MiB is usual); ClickHouse's own limit is 1 GiB.
const MAX_BLOCK: usize = 256 << 20;

/// One block, LZ4.
pub fn compress(data: &[u8]) -> io::Result<Bytes> {
    let compressed = lz4_flex::block::compress(data);
    let size = |length: usize| u32::try_from(length).map_err(io::Error::other);
    let mut body = Vec::with_capacity(HEADER + compressed.len());
    body.push(LZ4);
    body.extend_from_slice(&size(compressed.len() + HEADER)?.to_le_bytes());
    body.extend_from_slice(&size(data.len())?.to_le_bytes());
    body.extend_from_slice(&compressed);
    let mut block = Vec::with_capacity(CHECKSUM + body.len());
    block.extend_from_slice(&checksum(&body));
    block.extend_from_slice(&body);
    Ok(block.into())
}

/// A block for each chunk of the body.
pub fn encode(body: ByteStream) -> ByteStream {
    body.and_then(|chunk| async move { compress(&chunk) }).boxed()
}

/// The blocks' data; LZ4, ZSTD or uncompressed.
pub fn decode(body: ByteStream) -> ByteStream {
    let reader = StreamReader::new(body);
    stream::try_unfold(reader, |mut reader| async move {
        if reader.fill_buf().await?.is_empty() {
            return Ok(None);
        }
        let mut expected = [0; CHECKSUM];
        let mut body = vec![0; HEADER];
        reader.read_exact(&mut expected).await?;
        reader.read_exact(&mut body).await?;
        let (size, decompressed_size) = sizes(&body)?;
        body.resize(size, 0);
        reader.read_exact(body.get_mut(HEADER..).unwrap_or_default()).await?;
        if checksum(&body) != expected {
            return Err(failure(Kind::ChecksumDoesntMatch, "Checksum doesn't match: corrupted data"));
        }
        let data = decompress(&body, decompressed_size)?;
        Ok(Some((Bytes::from(data), reader)))
    })
    .boxed()
}

fn sizes(header: &[u8]) -> io::Result<(usize, usize)> {
    let number = |at: usize| {
        let bytes = header.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok())?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    match (number(1), number(5)) {
        (Some(size), Some(decompressed)) if (HEADER..=MAX_BLOCK).contains(&size) && decompressed <= MAX_BLOCK => {
            Ok((size, decompressed))
        }
        _ => Err(failure(
            Kind::CannotDecompress,
            "Sizes of a compressed block are out of range: most likely corrupted data",
        )),
    }
}

fn decompress(body: &[u8], size: usize) -> io::Result<Vec<u8>> {
    let data = body.get(HEADER..).unwrap_or_default();
    let decompressed = match body.first() {
        Some(&LZ4) => lz4_flex::block::decompress(data, size).ok(),
        Some(&ZSTD) => zstd::bulk::decompress(data, size).ok(),
        Some(&NONE) => Some(data.to_vec()),
        _ => {
            return Err(failure(Kind::UnknownCompressionMethod, "Unknown compression method of a block"));
        }
    };
    decompressed
        .filter(|decompressed| decompressed.len() == size)
        .ok_or_else(|| failure(Kind::CannotDecompress, "Cannot decompress a block"))
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM] {
    // The crate gives the halves the other way round.
    cityhash_rs::cityhash_102_128(body).rotate_left(64).to_le_bytes()
}

/// The exception travels inside the stream's error to whoever answers the request.
fn failure(kind: Kind, text: &str) -> io::Error {
    io::Error::other(Exception::new(kind, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn decode_all(blocks: Vec<Bytes>) -> io::Result<Vec<u8>> {
        let body = stream::iter(blocks.into_iter().map(Ok)).boxed();
        decode(body)
            .try_fold(Vec::new(), |mut all, chunk| async move {
                all.extend_from_slice(&chunk);
                Ok(all)
            })
            .await
    }

    /// A block as ClickHouse itself writes it.
    const KNOWN: &[u8] = &[
        245, 5, 222, 235, 225, 158, 59, 108, 225, 31, 65, 215, 66, 66, 36, 92, 0x82, 34, 0, 0, 0, 23, 0, 0, 0, 240, 8,
        1, 0, 2, 255, 255, 255, 255, 0, 1, 1, 1, 115, 6, 83, 116, 114, 105, 110, 103, 3, 97, 98, 99,
    ];

    #[tokio::test]
    async fn the_format_is_clickhouses() {
        let data = decode_all(vec![Bytes::from_static(KNOWN)]).await.unwrap();
        assert_eq!(data, b"\x01\0\x02\xff\xff\xff\xff\0\x01\x01\x01s\x06String\x03abc");
        assert_eq!(compress(&data).unwrap(), KNOWN);
        assert!(decode_all(vec![Bytes::from_static(&KNOWN[..30])]).await.is_err(), "a cut block");
    }

    #[tokio::test]
    async fn blocks_come_back_whole_however_they_are_cut() {
        let data = b"abcabcabcabcabcabc".repeat(1000);
        let block = compress(&data).unwrap();
        let pieces = block.chunks(7).chain(block.chunks(1000)).map(Bytes::copy_from_slice).collect();
        assert_eq!(decode_all(pieces).await.unwrap(), [data.clone(), data].concat());
    }

    #[tokio::test]
    async fn a_changed_byte_is_noticed() {
        let mut block = compress(b"some data").unwrap().to_vec();
        *block.last_mut().unwrap() ^= 1;
        let error = decode_all(vec![block.into()]).await.unwrap_err();
        assert!(error.to_string().contains("CHECKSUM_DOESNT_MATCH"), "{error}");
    }
}
