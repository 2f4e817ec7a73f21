//! The server's keys that outboxes are sealed to when somebody else carries them: its part of `holdfast_sync::outbox_file`.
//!
//! Like the signing keys they belong to the installation, and the first is made at the first start. Devices get the current one with each grant; what was sealed to
//! a former one can be opened as long as its row is kept.

use super::queries;
use crate::environment::Environment;
use crate::failure::Fault;
use crate::tenancy::Database;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_sync::outbox_file::{Point, Protected, SealedPart, content_key};
use sqlx::Connection as _;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// The key that is given out, and those that still open.
pub struct SealingKeys {
    current: SealingKey,
    retired: Vec<SealingKey>,
}

/// The keys as this server knows them now. Another server on the same database may have made a newer one.
pub(super) struct SharedSealingKeys {
    keys: RwLock<Arc<SealingKeys>>,
    looked: Mutex<Option<Duration>>,
}

/// The database is not asked for keys more often, whatever strangers send.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(10);

impl SharedSealingKeys {
    pub(super) fn new(keys: SealingKeys) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), looked: Mutex::default() }
    }

    pub(super) fn current(&self) -> Arc<SealingKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn replace(&self, keys: SealingKeys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// Whether it has been a while; if so, it is now.
    pub(super) fn may_look_again(&self, environment: &Environment) -> bool {
        let now = environment.elapsed();
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let may = looked.is_none_or(|then| now.saturating_sub(then) >= LOOK_AGAIN_AFTER);
        if may {
            *looked = Some(now);
        }
        may
    }
}

/// One key pair of P-256.
struct SealingKey {
    private: PrivateKey,
    public: Point,
    kid: String,
}

/// Why a line is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// It is not sealed in the one way there is.
    #[error("it is not sealed the way this server opens")]
    Foreign,
    /// It is sealed to a key that is not here: of another server, or one that was thrown away.
    #[error("it is sealed to a key that this server does not have")]
    KeyUnknown,
    /// A byte of it is not as it was.
    #[error("it was damaged or changed on its way")]
    Damaged,
}

impl SealingKeys {
    /// Loads them; makes the first one where there is none. Several servers that start at once agree on one.
    pub(super) async fn load(database: &Database, environment: &Environment) -> Result<Self, Fault> {
        let mut connection = database.as_owner().await?;
        let mut tx = connection.begin().await?;
        let mut stored = queries::lock_sealing_keys(&mut tx).await?;
        if stored.iter().all(|key| key.retired) {
            let private_key = draw(environment);
            queries::insert_sealing_key(&mut tx, &SealingKey::read(&private_key)?.kid, &private_key).await?;
            stored.push(queries::StoredServerKey { private_key, retired: false });
        }
        tx.commit().await?;
        connection.close().await?;
        let current = stored.iter().rposition(|key| !key.retired).ok_or_else(|| Fault::because("there is no sealing key"))?;
        let mut keys = stored.iter().map(|key| SealingKey::read(&key.private_key)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { current: keys.swap_remove(current), retired: keys })
    }

    /// What devices seal to from now on.
    pub fn public(&self) -> &Point {
        &self.current.public
    }

    /// Opens a line of an outbox file.
    pub fn open(&self, sealed: &SealedPart) -> Result<Vec<u8>, Unopened> {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Unopened::Damaged);
        let header: Protected = serde_json::from_slice(&bytes(&sealed.protected)?).map_err(|_| Unopened::Foreign)?;
        if !header.is_ours() {
            return Err(Unopened::Foreign);
        }
        let sender = header.epk.uncompressed().map_err(|_| Unopened::Foreign)?;
        let key = self.all().find(|key| key.kid == header.kid).ok_or(Unopened::KeyUnknown)?;
        let (iv, tag) = (bytes(&sealed.iv)?, bytes(&sealed.tag)?);
        let key = agree(&key.private, &sender).map_err(|_| Unopened::Damaged)?;
        let content = Content { iv: &iv, ciphertext: bytes(&sealed.ciphertext)?, tag: &tag, covered: sealed.protected.as_bytes() };
        decrypt(&key, content).ok_or(Unopened::Damaged)
    }

    fn all(&self) -> impl Iterator<Item = &SealingKey> {
        std::iter::once(&self.current).chain(&self.retired)
    }
}

impl SealingKey {
    /// From the private scalar, 32 bytes.
    fn read(scalar: &[u8]) -> Result<Self, Fault> {
        let private = PrivateKey::from_private_key(&ECDH_P256, scalar).map_err(|error| Fault::new("read a stored sealing key", error))?;
        let public = private.compute_public_key().map_err(|error| Fault::new("compute a public key", error))?;
        let public = Point::of(public.as_ref()).map_err(|error| Fault::new("compute a public key", error))?;
        Ok(Self { kid: public.thumbprint(), private, public })
    }
}

/// A new private key. One of 2^32 draws is no scalar of the curve.
fn draw(environment: &Environment) -> Vec<u8> {
    loop {
        let scalar = environment.bytes::<32>();
        if PrivateKey::from_private_key(&ECDH_P256, &scalar).is_ok() {
            return scalar.to_vec();
        }
    }
}

/// The content's key, from our private key and the sender's public point, which is refused unless it lies on the curve.
fn agree(private: &PrivateKey, sender: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
    let sender = UnparsedPublicKey::new(&ECDH_P256, sender);
    agreement::agree(private, sender, aws_lc_rs::error::Unspecified, |secret| Ok(content_key(secret)))
}

/// What AES-GCM takes.
struct Content<'a> {
    iv: &'a [u8],
    ciphertext: Vec<u8>,
    tag: &'a [u8],
    covered: &'a [u8],
}

fn decrypt(key: &[u8], Content { iv, mut ciphertext, tag, covered }: Content<'_>) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let nonce = Nonce::assume_unique_for_key(<[u8; NONCE_LEN]>::try_from(iv).ok()?);
    if tag.len() != AES_256_GCM.tag_len() {
        return None;
    }
    ciphertext.extend_from_slice(tag);
    let length = key.open_in_place(nonce, Aad::from(covered), &mut ciphertext).ok()?.len();
    ciphertext.truncate(length);
    Some(ciphertext)
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_sync::outbox_file::concat_kdf;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    #[test]
    fn keys_are_agreed_on_as_rfc_7518_appendix_c_says() {
        let bob = SealingKey::read(&bytes("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw")).unwrap();
        assert_eq!(bob.public.x, "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ");
        assert_eq!(bob.public.y, "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
        let (x, y) = ("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps");
        let alice = Point { crv: "P-256".to_owned(), kty: "EC".to_owned(), x: x.to_owned(), y: y.to_owned() }.uncompressed().unwrap();
        let derive = |secret: &[u8]| Ok(concat_kdf(secret, "A128GCM", (b"Alice", b"Bob"), 128));
        let key = agreement::agree(&bob.private, UnparsedPublicKey::new(&ECDH_P256, &alice), aws_lc_rs::error::Unspecified, derive).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(key), "VqqN6vgjbSBcIijNcacQGg");
    }

    #[test]
    fn content_is_encrypted_as_rfc_7516_appendix_a_1_says() {
        let key = [
            177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112, 46, 34, 105, 47, 130, 203, 46, 122,
            234, 64, 252,
        ];
        let (iv, tag) = (bytes("48V1_ALb6US04U3b"), bytes("XFBoMYUZodetZdvTiFvSkQ"));
        let ciphertext = bytes("5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A");
        let covered = b"eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ";
        let content = |tag| Content { iv: &iv, ciphertext: ciphertext.clone(), tag, covered };
        let plain = decrypt(&key, content(&tag)).unwrap();
        assert_eq!(plain, b"The true sign of intelligence is not knowledge but imagination.");
        assert_eq!(decrypt(&key, content(&tag[..15])), None, "a shortened tag proves less");
    }

    #[test]
    fn a_point_beside_the_curve_is_refused() {
        let bob = SealingKey::read(&bytes("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw")).unwrap();
        let mut beside = bob.public.uncompressed().unwrap();
        beside[64] ^= 1;
        assert!(agree(&bob.private, &beside).is_err());
    }
}
