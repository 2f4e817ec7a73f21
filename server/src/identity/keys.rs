//! The server's signing keys. They sign grants and the server's own envelopes. The first is made at the first start and kept in a table that
//! only the owner role reads; each is known by its `kid`, so that a new one can take over while the old one's signatures still count.

use super::grant::GrantError;
use super::queries;
use crate::environment::Environment;
use crate::failure::Fault;
use crate::tenancy::Database;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use holdfast_domain::identity::GrantClaims;
use holdfast_sync::bytes::{Bytes, Digest32};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use sqlx::Connection as _;

/// The key that signs, and those whose signatures count.
pub struct ServerKeys {
    current: ServerKey,
    retired: Vec<ServerKey>,
}

/// One Ed25519 key.
pub struct ServerKey {
    kid: String,
    pair: Ed25519KeyPair,
    verifying: ParsedPublicKey,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl ServerKeys {
    /// Loads them; makes the first one where there is none. Several servers that start at once agree on one.
    pub(super) async fn load(database: &Database, environment: &Environment) -> Result<Self, Fault> {
        let mut connection = database.as_owner().await?;
        let mut tx = connection.begin().await?;
        let mut stored = queries::lock_server_keys(&mut tx).await?;
        if stored.iter().all(|key| key.retired) {
            let pkcs8 = ServerKey::draw(environment)?;
            let kid = ServerKey::read(&pkcs8)?.kid;
            queries::insert_server_key(&mut tx, &kid, &pkcs8).await?;
            stored.push(queries::StoredServerKey { private_key: pkcs8, retired: false });
        }
        tx.commit().await?;
        connection.close().await?;
        let current = stored.iter().rfind(|key| !key.retired).ok_or_else(|| Fault::because("there is no signing key"))?;
        let current = ServerKey::read(&current.private_key)?;
        let others = stored.iter().map(|key| ServerKey::read(&key.private_key)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { retired: others.into_iter().filter(|key| key.kid != current.kid).collect(), current })
    }

    /// The key that signs now.
    pub fn current(&self) -> &ServerKey {
        &self.current
    }

    /// Whether a server of this installation signed exactly these bytes.
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool {
        self.all().any(|key| key.verifying.verify_sig(bytes, signature).is_ok())
    }

    /// Signs a grant.
    pub(super) fn issue(&self, claims: &GrantClaims) -> Result<String, Fault> {
        let header = Header { kid: Some(self.current.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &self.current.encoding).map_err(|error| Fault::new("sign a grant", error))
    }

    /// Reads a grant and checks who signed it, and nothing else: an expired grant still says what its holder was allowed.
    pub(super) fn read_grant(&self, jwt: &str) -> Result<GrantClaims, GrantError> {
        let header = jsonwebtoken::decode_header(jwt).map_err(|_| GrantError)?;
        let key = self.all().find(|key| Some(&key.kid) == header.kid.as_ref()).ok_or(GrantError)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode(jwt, &key.decoding, &validation).map(|token| token.claims).map_err(|_| GrantError)
    }

    fn all(&self) -> impl Iterator<Item = &ServerKey> {
        std::iter::once(&self.current).chain(&self.retired)
    }
}

impl ServerKey {
    /// Signs.
    pub fn sign(&self, bytes: &[u8]) -> Bytes {
        Bytes(self.pair.sign(bytes).as_ref().to_vec())
    }

    /// The public key, raw: 32 bytes.
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// A new private key, as PKCS #8.
    fn draw(environment: &Environment) -> Result<Vec<u8>, Fault> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&environment.bytes::<32>()).map_err(|error| Fault::new("make a signing key", error))?;
        Ok(pair.to_pkcs8v1().map_err(|error| Fault::new("write a signing key", error))?.as_ref().to_vec())
    }

    fn read(pkcs8: &[u8]) -> Result<Self, Fault> {
        let unreadable = |error| Fault::new("read a stored signing key", error);
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(unreadable)?;
        let public = pair.public_key().as_ref();
        let kid = Digest32::of(public).to_string()[..16].to_owned();
        let verifying = ParsedPublicKey::new(&ED25519, public).map_err(unreadable)?;
        let decoding = DecodingKey::from_ed_der(public);
        Ok(Self { kid, verifying, encoding: EncodingKey::from_ed_der(pkcs8), decoding, pair })
    }
}
