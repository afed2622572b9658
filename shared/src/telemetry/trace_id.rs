//! The W3C trace id of the request at hand.

use http::HeaderMap;
use std::fmt;
use uuid::Uuid;

tokio::task_local! {
    static CURRENT: TraceId;
}

/// 16 bytes as 32 lower-case hexadecimal digits (W3C Trace Context).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u128);

impl TraceId {
    /// From `traceparent` or `X-Amzn-Trace-Id`; a new one where neither gives a valid id.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        text("traceparent")
            .and_then(Self::from_traceparent)
            .or_else(|| text("x-amzn-trace-id").and_then(Self::from_amazon))
            .unwrap_or_else(Self::random)
    }

    /// `00-<32 hex>-<16 hex>-<2 hex>`; later versions may append fields.
    #[must_use]
    pub fn from_traceparent(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        (version.len() == 2 && version != "ff" && span.len() == 16).then_some(())?;
        Self::from_hex(trace)
    }

    /// `Root=1-<8 hex>-<24 hex>;…`
    fn from_amazon(text: &str) -> Option<Self> {
        let root = text.split(';').find_map(|part| part.trim().strip_prefix("Root="))?;
        let (time, unique) = root.strip_prefix("1-")?.split_once('-')?;
        (time.len() == 8).then_some(())?;
        Self::from_hex(&format!("{time}{unique}"))
    }

    fn from_hex(hex: &str) -> Option<Self> {
        let valid = hex.len() == 32 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        valid.then(|| u128::from_str_radix(hex, 16).ok()).flatten().filter(|id| *id != 0).map(Self)
    }

    /// Of the request that this task serves.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|id| *id).ok()
    }

    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4().as_u128())
    }

    /// A `traceparent` value for what we call or answer, with a span of our own.
    #[must_use]
    pub fn traceparent(self) -> String {
        let (span, _) = Uuid::new_v4().as_u64_pair();
        format!("00-{self}-{:016x}-01", span.max(1))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The trace id of the request this task serves.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    TraceId::current().map(|id| id.to_string())
}

/// Runs `work` as part of the trace.
pub async fn with_trace_id<F: Future>(id: TraceId, work: F) -> F::Output {
    CURRENT.scope(id, work).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    #[case("traceparent", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", false)]
    #[case("traceparent", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false)]
    #[case("traceparent", "nonsense", false)]
    #[case("x-amzn-trace-id", "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Sampled=1", true)]
    #[case("x-amzn-trace-id", "Self=1-4bf92f35-77b34da6a3ce929d0e0e4736", false)]
    fn is_read_from_headers_or_made(#[case] name: &'static str, #[case] value: &'static str, #[case] taken: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(name, http::HeaderValue::from_static(value));
        let id = TraceId::from_headers(&headers);
        assert_eq!(id.to_string() == "4bf92f3577b34da6a3ce929d0e0e4736", taken);
        assert_eq!(TraceId::from_traceparent(&id.traceparent()), Some(id));
    }
}
