//! Where the broker is, and as whom to speak to it.

use crate::failure::Fault;
use lapin::auth::AuthProvider;
use lapin::types::LongString;
use lapin::uri::{AMQPUri, AMQPUserInfo, SASLMechanism};
use std::fmt;

/// An address such as `amqps://user:password@broker.example/vhost`. The password is told to the broker only: it stands in no log, no error, no `Debug`.
#[derive(Clone)]
pub struct BrokerAddress {
    /// Without the password.
    uri: AMQPUri,
    secret: Secret,
}

/// A name and its password.
#[derive(Clone)]
struct Secret {
    name: String,
    password: String,
}

impl BrokerAddress {
    /// Reads an address. What is wrong with it is not repeated: it may be the password.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let malformed = |_| Fault::because("AMQP_URL is no address of a broker, such as amqps://user:password@broker.example:5671/vhost");
        let mut uri: AMQPUri = text.trim().parse().map_err(malformed)?;
        let AMQPUserInfo { username: name, password } = uri.authority.userinfo.clone();
        uri.authority.userinfo.password = String::new();
        Ok(Self { uri, secret: Secret { name, password } })
    }

    /// Without the password.
    pub(super) fn uri(&self) -> AMQPUri {
        self.uri.clone()
    }

    /// As whom; none where the broker is to look at the certificate.
    pub(super) fn auth(&self) -> Option<impl AuthProvider> {
        (self.uri.query.auth_mechanism.unwrap_or_default() == SASLMechanism::Plain).then(|| self.secret.clone())
    }
}

impl AuthProvider for Secret {
    fn mechanism(&self) -> lapin::types::ShortString {
        SASLMechanism::Plain.name().into()
    }

    fn auth_starter(&self) -> Result<LongString, String> {
        Ok(format!("\0{}\0{}", self.name, self.password).into())
    }
}

impl fmt::Debug for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uri.authority.host, self.uri.authority.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_told_to_the_broker_only() {
        let address = BrokerAddress::read("amqps://holdfast:hunter2@broker.example/events").unwrap();
        assert_eq!(format!("{address:?}"), "broker.example:5671");
        assert!(!format!("{:?}", address.uri()).contains("hunter2"));
        assert_eq!(address.auth().unwrap().auth_starter().unwrap(), "\0holdfast\0hunter2".into());
    }

    #[test]
    fn what_is_wrong_with_an_address_is_not_repeated() {
        for wrong in ["", "hunter2", "http://holdfast:hunter2@broker.example", "amqp://holdfast:hunter2@broker.example:port"] {
            let said = BrokerAddress::read(wrong).map(|_| ()).unwrap_err().to_string();
            assert!(said.starts_with("AMQP_URL is no address") && !said.contains("hunter2"), "{wrong}: {said}");
        }
    }
}
