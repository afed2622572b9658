//! How a client proves who it is, and whether the way there is encrypted.

use crate::config::{ConfigError, Env};
use secrecy::SecretString;

/// `KAFKA_SECURITY_PROTOCOL` and what belongs to it. No TLS and no SASL is `PLAINTEXT`.
#[derive(Debug, Clone, Default)]
pub struct Security {
    pub tls: Option<Tls>,
    pub sasl: Option<Sasl>,
}

/// TLS towards the brokers; their certificates are always verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// A file or folder of trusted certificates (`KAFKA_SSL_CA_LOCATION`); the system's where `None`.
    pub ca_location: Option<String>,
}

#[derive(Debug, Clone)]
pub enum Sasl {
    Password {
        mechanism: PasswordMechanism,
        username: String,
        password: SecretString,
    },
    /// `AWS_MSK_IAM`: tokens signed with the process's AWS credentials.
    MskIam {
        region: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMechanism {
    Plain,
    ScramSha256,
    ScramSha512,
}

impl PasswordMechanism {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl Security {
    /// The protocol follows from a mechanism or a certificate where it isn't named.
    pub(super) fn from_env(env: &Env, region: Option<&str>) -> Result<Self, ConfigError> {
        let mechanism = env.text("KAFKA_SASL_MECHANISMS").map(|name| name.to_ascii_uppercase());
        let ca_location = env.text("KAFKA_SSL_CA_LOCATION");
        let protocol = env.text("KAFKA_SECURITY_PROTOCOL").map(|name| name.to_ascii_uppercase());
        let implied = match (&mechanism, &ca_location) {
            (Some(_), _) => "SASL_SSL",
            (None, Some(_)) => "SSL",
            (None, None) => "PLAINTEXT",
        };
        let (encrypted, authenticated) = match protocol.as_deref().unwrap_or(implied) {
            "PLAINTEXT" => (false, false),
            "SSL" => (true, false),
            "SASL_PLAINTEXT" => (false, true),
            "SASL_SSL" => (true, true),
            other => {
                let rule = format!("must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL, got {other:?}");
                return Err(ConfigError { variable: "KAFKA_SECURITY_PROTOCOL", rule });
            }
        };
        if ca_location.is_some() && !encrypted {
            return Err(wrong("KAFKA_SSL_CA_LOCATION", "needs KAFKA_SECURITY_PROTOCOL SSL or SASL_SSL"));
        }
        let sasl = match (mechanism, authenticated) {
            (Some(mechanism), true) => Some(Sasl::from_env(env, &mechanism, encrypted, region)?),
            (Some(_), false) => {
                return Err(wrong("KAFKA_SECURITY_PROTOCOL", "must be SASL_SSL or SASL_PLAINTEXT with a mechanism"));
            }
            (None, true) => return Err(wrong("KAFKA_SASL_MECHANISMS", "is needed for SASL")),
            (None, false) if env.text("KAFKA_SASL_USERNAME").is_some() => {
                return Err(wrong("KAFKA_SASL_MECHANISMS", "is needed with KAFKA_SASL_USERNAME"));
            }
            (None, false) => None,
        };
        Ok(Self { tls: encrypted.then_some(Tls { ca_location }), sasl })
    }
}

impl Sasl {
    fn from_env(env: &Env, mechanism: &str, encrypted: bool, region: Option<&str>) -> Result<Self, ConfigError> {
        let mechanism = match mechanism {
            "PLAIN" => PasswordMechanism::Plain,
            "SCRAM-SHA-256" => PasswordMechanism::ScramSha256,
            "SCRAM-SHA-512" => PasswordMechanism::ScramSha512,
            "AWS_MSK_IAM" if encrypted => {
                let region = region.ok_or_else(|| wrong("AWS_REGION", "is needed for AWS_MSK_IAM"))?.to_owned();
                return Ok(Self::MskIam { region });
            }
            "AWS_MSK_IAM" => return Err(wrong("KAFKA_SECURITY_PROTOCOL", "must be SASL_SSL for AWS_MSK_IAM")),
            other => {
                let rule = format!("must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or AWS_MSK_IAM, got {other:?}");
                return Err(ConfigError { variable: "KAFKA_SASL_MECHANISMS", rule });
            }
        };
        let needed = |variable| wrong(variable, &format!("is needed for {}", mechanism.as_str()));
        Ok(Self::Password {
            mechanism,
            username: env.text("KAFKA_SASL_USERNAME").ok_or_else(|| needed("KAFKA_SASL_USERNAME"))?,
            password: env.secret("KAFKA_SASL_PASSWORD").ok_or_else(|| needed("KAFKA_SASL_PASSWORD"))?,
        })
    }
}

fn wrong(variable: &'static str, rule: &str) -> ConfigError {
    ConfigError { variable, rule: rule.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn security(pairs: &[(&str, &str)]) -> Result<Security, ConfigError> {
        Security::from_env(&Env::from_pairs(pairs.iter().copied()), None)
    }

    #[rstest]
    #[case(&[("KAFKA_SECURITY_PROTOCOL", "TLS")], "KAFKA_SECURITY_PROTOCOL")]
    #[case(&[("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")], "KAFKA_SASL_MECHANISMS")]
    #[case(&[("KAFKA_SASL_USERNAME", "u")], "KAFKA_SASL_MECHANISMS")]
    #[case(&[("KAFKA_SASL_MECHANISMS", "GSSAPI")], "KAFKA_SASL_MECHANISMS")]
    #[case(&[("KAFKA_SASL_MECHANISMS", "PLAIN")], "KAFKA_SASL_USERNAME")]
    #[case(&[("KAFKA_SASL_MECHANISMS", "PLAIN"), ("KAFKA_SASL_USERNAME", "u")], "KAFKA_SASL_PASSWORD")]
    #[case(&[("KAFKA_SASL_MECHANISMS", "PLAIN"), ("KAFKA_SECURITY_PROTOCOL", "SSL")], "KAFKA_SECURITY_PROTOCOL")]
    #[case(&[("KAFKA_SASL_MECHANISMS", "AWS_MSK_IAM")], "AWS_REGION")]
    #[case(
        &[("KAFKA_SASL_MECHANISMS", "AWS_MSK_IAM"), ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")],
        "KAFKA_SECURITY_PROTOCOL"
    )]
    #[case(
        &[("KAFKA_SSL_CA_LOCATION", "/ca.pem"), ("KAFKA_SECURITY_PROTOCOL", "PLAINTEXT")],
        "KAFKA_SSL_CA_LOCATION"
    )]
    fn a_wrong_combination_names_the_variable(#[case] pairs: &[(&str, &str)], #[case] variable: &str) {
        assert_eq!(security(pairs).unwrap_err().variable, variable);
    }

    #[test]
    fn the_protocol_follows_from_what_is_given() {
        let plain = security(&[]).unwrap();
        assert!(plain.tls.is_none() && plain.sasl.is_none());
        let tls = security(&[("KAFKA_SSL_CA_LOCATION", "/ca.pem")]).unwrap();
        assert_eq!(tls.tls, Some(Tls { ca_location: Some("/ca.pem".to_owned()) }));
        let pairs = [
            ("KAFKA_SASL_MECHANISMS", "scram-sha-512"),
            ("KAFKA_SASL_USERNAME", "u"),
            ("KAFKA_SASL_PASSWORD", "hunter2"),
        ];
        let scram = security(&pairs).unwrap();
        assert!(scram.tls.is_some());
        let Some(Sasl::Password { mechanism, .. }) = &scram.sasl else { panic!("{scram:?}") };
        assert_eq!(*mechanism, PasswordMechanism::ScramSha512);
        assert!(!format!("{scram:?}").contains("hunter2"));
    }
}
