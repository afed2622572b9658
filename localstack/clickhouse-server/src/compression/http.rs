//! HTTP's content encodings.

use std::io;

use async_compression::Level;
use async_compression::tokio::bufread::{
    BrotliDecoder, BrotliEncoder, GzipDecoder, GzipEncoder, Lz4Decoder, Lz4Encoder, ZlibDecoder, ZlibEncoder,
    ZstdDecoder, ZstdEncoder,
};
use futures::StreamExt;
use tokio::io::{AsyncRead, BufReader};
use tokio_util::io::{ReaderStream, StreamReader};

use super::ByteStream;
use crate::exception::{Exception, Kind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Zstd,
    Brotli,
    Lz4,
    Gzip,
    Deflate,
}

impl Encoding {
    /// In order of preference, as ClickHouse has it.
    const ALL: [Self; 5] = [Self::Zstd, Self::Brotli, Self::Lz4, Self::Gzip, Self::Deflate];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Lz4 => "lz4",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    /// The best encoding of an `Accept-Encoding` header.
    pub fn accepted(header: &str) -> Option<Self> {
        let accepts = |encoding: &Self| {
            header
                .split(',')
                .filter_map(|item| item.split(';').next())
                .any(|name| name.trim().eq_ignore_ascii_case(encoding.name()))
        };
        Self::ALL.into_iter().find(accepts)
    }

    /// The encoding of a `Content-Encoding` header; `None` for an unencoded body.
    pub fn of_body(header: &str) -> Result<Option<Self>, Exception> {
        let name = header.trim();
        if name.is_empty() || name.eq_ignore_ascii_case("identity") {
            return Ok(None);
        }
        Self::ALL.into_iter().find(|encoding| name.eq_ignore_ascii_case(encoding.name())).map(Some).ok_or_else(|| {
            Exception::new(Kind::NotImplemented, format!("Unknown compression method {name:?} of the request's body"))
        })
    }
}

const CHUNK: usize = 64 << 10;

pub fn encode(body: ByteStream, encoding: Encoding) -> ByteStream {
    let reader = BufReader::with_capacity(CHUNK, StreamReader::new(body));
    match encoding {
        // Level 1 costs least of the time that matters on one machine.
        Encoding::Zstd => stream(ZstdEncoder::with_quality(reader, Level::Precise(1))),
        Encoding::Brotli => stream(BrotliEncoder::with_quality(reader, Level::Precise(1))),
        Encoding::Lz4 => stream(Lz4Encoder::new(reader)),
        Encoding::Gzip => stream(GzipEncoder::with_quality(reader, Level::Fastest)),
        // What HTTP calls deflate is zlib's format.
        Encoding::Deflate => stream(ZlibEncoder::with_quality(reader, Level::Fastest)),
    }
}

pub fn decode(body: ByteStream, encoding: Encoding) -> ByteStream {
    let reader = BufReader::with_capacity(CHUNK, StreamReader::new(body));
    let decoded = match encoding {
        Encoding::Zstd => {
            let mut decoder = ZstdDecoder::new(reader);
            decoder.multiple_members(true);
            stream(decoder)
        }
        Encoding::Brotli => stream(BrotliDecoder::new(reader)),
        Encoding::Lz4 => {
            let mut decoder = Lz4Decoder::new(reader);
            decoder.multiple_members(true);
            stream(decoder)
        }
        Encoding::Gzip => {
            let mut decoder = GzipDecoder::new(reader);
            decoder.multiple_members(true);
            stream(decoder)
        }
        Encoding::Deflate => stream(ZlibDecoder::new(reader)),
    };
    decoded.map(|chunk| chunk.map_err(broken)).boxed()
}

fn stream(reader: impl AsyncRead + Send + 'static) -> ByteStream {
    ReaderStream::with_capacity(reader, CHUNK).boxed()
}

fn broken(error: io::Error) -> io::Error {
    if error.get_ref().is_some_and(|inner| inner.is::<Exception>()) {
        return error;
    }
    io::Error::other(Exception::new(Kind::CannotDecompress, format!("Cannot decompress the request's body: {error}")))
}

#[cfg(test)]
mod tests {
    use futures::{TryStreamExt, stream};

    use super::*;

    #[test]
    fn the_best_accepted_encoding_is_taken() {
        assert_eq!(Encoding::accepted("gzip, zstd;q=0.5, br"), Some(Encoding::Zstd));
        assert_eq!(Encoding::accepted("lz4,GZIP"), Some(Encoding::Lz4));
        assert_eq!(Encoding::accepted("identity"), None);
    }

    #[tokio::test]
    async fn every_encoding_comes_back() {
        let data = bytes::Bytes::from(b"0123456789".repeat(50_000));
        for encoding in Encoding::ALL {
            let body = stream::iter([Ok(data.clone()), Ok(data.clone())]).boxed();
            let decoded: Vec<bytes::Bytes> = decode(encode(body, encoding), encoding).try_collect().await.unwrap();
            assert_eq!(decoded.concat().len(), 2 * data.len(), "{encoding:?}");
        }
    }

    #[tokio::test]
    async fn a_broken_body_is_an_exception() {
        let body = stream::iter([Ok(bytes::Bytes::from_static(b"no gzip at all"))]).boxed();
        let error = decode(body, Encoding::Gzip).try_collect::<Vec<_>>().await.unwrap_err();
        assert!(error.to_string().contains("CANNOT_DECOMPRESS"), "{error}");
    }
}
