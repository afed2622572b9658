//! A request's body: its media type, its encoding undone, within a limit.

use axum::body::Body;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use shared::problem::Problem;
use std::io::{self, Read};

/// Window of a zstd frame, as a power of two: 8 MiB, which every usual level keeps to. Bounds the decoder's memory.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How the body says it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaType {
    Json,
    /// One JSON value a line.
    Lines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

/// The body's media type and bytes; at most `limit` of them before and after decoding.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<(MediaType, Vec<u8>), Problem> {
    let media_type = media_type(headers)?;
    let encoding = encoding(headers)?;
    let bytes = match Limited::new(body, limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_large(limit)),
        Err(_) => {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "incomplete_body", "the body did not arrive whole"));
        }
    };
    let decoded = match encoding {
        Encoding::Identity => return Ok((media_type, bytes.into())),
        Encoding::Gzip => inflate(flate2::read::MultiGzDecoder::new(bytes.as_ref()), limit),
        Encoding::Zstd => zstd::stream::read::Decoder::with_buffer(bytes.as_ref()).and_then(|mut decoder| {
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            inflate(decoder, limit)
        }),
    };
    match decoded {
        Ok(Some(decoded)) => Ok((media_type, decoded)),
        Ok(None) => Err(too_large(limit)),
        Err(error) => {
            let detail = format!("the body is not what Content-Encoding says: {error}");
            Err(Problem::new(StatusCode::BAD_REQUEST, "invalid_encoding", detail))
        }
    }
}

/// `None` where there is more than `limit`: a bomb isn't decoded further than that.
fn inflate(decoder: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut decoded = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut decoded)?;
    Ok((decoded.len() <= limit).then_some(decoded))
}

fn too_large(limit: usize) -> Problem {
    let detail = format!("the body must have at most {} MiB, before and after decompression", limit >> 20);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

fn unsupported(detail: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
}

fn media_type(headers: &HeaderMap) -> Result<MediaType, Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(MediaType::Json) };
    let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| part.strip_prefix("charset=")).map(|charset| charset.trim_matches('"'));
    if charset.is_some_and(|charset| !matches!(charset, "utf-8" | "utf8" | "us-ascii")) {
        return Err(unsupported("Content-Type: the charset must be utf-8"));
    }
    match essence {
        "application/json" | "text/json" => Ok(MediaType::Json),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => {
            Ok(MediaType::Lines)
        }
        other if other.starts_with("application/") && other.ends_with("+json") => Ok(MediaType::Json),
        _ => Err(unsupported("Content-Type must be application/json or, for a batch, application/x-ndjson")),
    }
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Problem> {
    let mut named = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity");
    let (first, second) = (named.next(), named.next());
    match first.as_deref() {
        _ if second.is_some() => Err(unsupported("Content-Encoding must name one encoding")),
        None => Ok(Encoding::Identity),
        Some("gzip" | "x-gzip") => Ok(Encoding::Gzip),
        Some("zstd") => Ok(Encoding::Zstd),
        Some(_) => Err(unsupported("Content-Encoding must be gzip or zstd")),
    }
}
