//! From our configuration to librdkafka's, with the brokers looked up where only the cluster is named.

use super::{Brokers, Config, Sasl, Security, aws, context::Context};
use aws_config::Region;
use aws_sdk_kafka::error::DisplayErrorContext;
use rdkafka::ClientConfig;
use secrecy::ExposeSecret;

/// A client that can't be made. Brokers that don't answer are not among these: clients wait for them.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("the Kafka client refuses its configuration: {0}")]
    Client(#[from] rdkafka::error::KafkaError),
    #[error("MSK_CLUSTER_ARN: the brokers can't be looked up: {0}")]
    Lookup(String),
    #[error("MSK_CLUSTER_ARN: the cluster has no listener for {0}")]
    NoListener(&'static str),
}

/// What every client has in common.
pub(super) async fn client_config(config: &Config) -> Result<(ClientConfig, Context), ConnectError> {
    let brokers = match &config.brokers {
        Brokers::List(list) => list.clone(),
        Brokers::MskCluster(arn) => look_up(arn, &config.security).await?,
    };
    let mut client = ClientConfig::new();
    client
        .set("bootstrap.servers", brokers)
        .set("client.id", "ota-analytics")
        // After a freeze or a broker's restart the first attempts fail: be back soon.
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000")
        .set("socket.connection.setup.timeout.ms", "5000")
        .set("socket.keepalive.enable", "true")
        .set("socket.nagle.disable", "true")
        // MSK closes idle connections; that is no news.
        .set("log.connection.close", "false");
    let region = secure(&mut client, &config.security);
    Ok((client, Context::new(region)))
}

fn secure(client: &mut ClientConfig, security: &Security) -> Option<Region> {
    let protocol = match (&security.tls, &security.sasl) {
        (None, None) => "PLAINTEXT",
        (Some(_), None) => "SSL",
        (None, Some(_)) => "SASL_PLAINTEXT",
        (Some(_), Some(_)) => "SASL_SSL",
    };
    client.set("security.protocol", protocol);
    if let Some(tls) = &security.tls {
        // OpenSSL is linked in and has no folder of its own: `probe` looks where distributions keep theirs.
        client.set("ssl.ca.location", tls.ca_location.as_deref().unwrap_or("probe"));
    }
    match &security.sasl {
        None => None,
        Some(Sasl::Password { mechanism, username, password }) => {
            client
                .set("sasl.mechanisms", mechanism.as_str())
                .set("sasl.username", username)
                .set("sasl.password", password.expose_secret());
            None
        }
        Some(Sasl::MskIam { region }) => {
            client.set("sasl.mechanisms", "OAUTHBEARER");
            Some(Region::new(region.clone()))
        }
    }
}

/// The bootstrap brokers of the listener that fits how we authenticate.
async fn look_up(arn: &str, security: &Security) -> Result<String, ConnectError> {
    let region = arn.split(':').nth(3).map(|region| Region::new(region.to_owned()));
    let aws = aws::config(region).await;
    let answer = aws_sdk_kafka::Client::new(&aws)
        .get_bootstrap_brokers()
        .cluster_arn(arn)
        .send()
        .await
        .map_err(|error| ConnectError::Lookup(DisplayErrorContext(error).to_string()))?;
    let (listener, brokers) = match (&security.sasl, &security.tls) {
        (Some(Sasl::MskIam { .. }), _) => ("AWS_MSK_IAM", answer.bootstrap_broker_string_sasl_iam()),
        (Some(Sasl::Password { .. }), _) => ("SASL/SCRAM", answer.bootstrap_broker_string_sasl_scram()),
        (None, Some(_)) => ("SSL", answer.bootstrap_broker_string_tls()),
        (None, None) => ("PLAINTEXT", answer.bootstrap_broker_string()),
    };
    brokers.filter(|list| !list.is_empty()).map(str::to_owned).ok_or(ConnectError::NoListener(listener))
}
