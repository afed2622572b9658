//! AWS's side of MSK: the SDK's configuration, and tokens for IAM authentication.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long MSK takes a token, from its signature on.
const LIFETIME: Duration = Duration::from_secs(900);

/// The default chain of credentials, over a TLS that is small enough for a Lambda function.
pub(super) async fn config(region: Option<Region>) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http).region(region).load().await
}

/// A token that MSK takes for these credentials' identity, and when it ends (ms since 1970).
pub(super) async fn msk_token(region: Region) -> Result<(String, i64), Box<dyn Error + Send + Sync>> {
    let config = config(Some(region.clone())).await;
    let provider = config.credentials_provider().ok_or("no credentials are configured")?;
    signed(&region, provider.provide_credentials().await?, SystemTime::now())
}

/// The token is a presigned request to connect, in base64:
/// <https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html>
fn signed(
    region: &Region,
    credentials: Credentials,
    now: SystemTime,
) -> Result<(String, i64), Box<dyn Error + Send + Sync>> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(LIFETIME);
    let identity = credentials.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region.as_ref())
        .name("kafka-cluster")
        .time(now)
        .settings(settings)
        .build()?;
    let url = format!("https://kafka.{region}.amazonaws.com/?Action=kafka-cluster%3AConnect");
    let mut request = http::Request::get(&url).body(())?;
    let signable = SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::Bytes(&[]))?;
    sign(signable, &params.into())?.into_parts().0.apply_to_request_http1x(&mut request);
    let url = format!("{}&User-Agent=ota-analytics", request.uri());
    let ends = now.duration_since(UNIX_EPOCH)? + LIFETIME;
    Ok((URL_SAFE_NO_PAD.encode(url), i64::try_from(ends.as_millis())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_presigned_request_to_connect() {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session/token".to_owned()), None, "test");
        let now = UNIX_EPOCH + Duration::from_secs(1_764_000_000);
        let (token, ends_ms) = signed(&Region::new("eu-central-1"), credentials, now).unwrap();
        assert_eq!(ends_ms, 1_764_000_900_000);
        let url = String::from_utf8(URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap();
        let (address, query) = url.split_once('?').unwrap();
        assert_eq!(address, "https://kafka.eu-central-1.amazonaws.com/");
        let mut parts: Vec<&str> = query.split('&').collect();
        assert_eq!(parts.pop(), Some("User-Agent=ota-analytics"), "not signed");
        parts.sort_unstable();
        // The signature was computed by another implementation.
        let expected = [
            "Action=kafka-cluster%3AConnect",
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "X-Amz-Credential=AKIDEXAMPLE%2F20251124%2Feu-central-1%2Fkafka-cluster%2Faws4_request",
            "X-Amz-Date=20251124T160000Z",
            "X-Amz-Expires=900",
            "X-Amz-Security-Token=session%2Ftoken",
            "X-Amz-Signature=02b67279eef9404fe20c160132375e9c1e3817adb62a5c8eb508cf52c4ae0c64",
            "X-Amz-SignedHeaders=host",
        ];
        assert_eq!(parts, expected);
    }
}
