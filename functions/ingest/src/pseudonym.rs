//! Device ids replaced by a keyed hash, where the deployment wants no plain ones.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;
use shared::config::{ConfigError, Env};

/// The key of `DEVICE_ID_HMAC_KEY`.
#[derive(Clone)]
pub struct DeviceIdKey(Hmac<Sha256>);

impl DeviceIdKey {
    /// `None` where the variable isn't set: device ids stay as they are.
    ///
    /// # Errors
    /// Names the variable if the key can't be used.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        let variable = "DEVICE_ID_HMAC_KEY";
        let Some(secret) = env.secret(variable) else { return Ok(None) };
        match Hmac::new_from_slice(secret.expose_secret().as_bytes()) {
            Ok(keyed) => Ok(Some(Self(keyed))),
            Err(error) => Err(ConfigError { variable, rule: error.to_string() }),
        }
    }

    /// HMAC-SHA-256 of the device id in hexadecimal digits.
    pub(crate) fn replace(&self, device_id: &str) -> String {
        hex::encode(self.0.clone().chain_update(device_id).finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_standard_hmac() {
        let env = Env::from_pairs([("DEVICE_ID_HMAC_KEY", "Jefe")]);
        let key = DeviceIdKey::from_env(&env).unwrap().unwrap();
        // RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(key.replace("what do ya want for nothing?"), expected);
    }
}
