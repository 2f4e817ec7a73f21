//! The keys that encrypted fields are kept under (`Sealed<…>` in a declaration): AES-256-GCM-SIV with a key of the company's own, which is derived (HKDF-SHA256, RFC 5869) from a key of
//! the installation's.
//!
//! The installation's keys lie in a file of the data folder ([`file`]), never in the database, which knows only which ones it needs ([`known`]): whoever has a copy of the database alone reads nothing. A value names the key that
//! it was sealed under, so a newer one can take over while what was sealed before still opens. It is bound to its place, company, kind, record and field: moved anywhere else, it does not open.

mod file;
mod known;
mod queries;

use crate::environment::Environment;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_domain::kernel::TenantId;
use holdfast_sync::bytes::Digest32;
use std::fmt;
use uuid::Uuid;

/// What a sealed value begins with: the way in which it is sealed.
const VERSION: &str = "v1";
/// What keys are derived for, and values bound to, beside their place.
const PURPOSE: &[u8] = b"holdfast encrypted field v1";

/// The installation's keys. There is at least one.
#[derive(Clone)]
pub struct FieldKeys {
    environment: Environment,
    /// In the order in which they were made: the last one seals.
    keys: Vec<FieldKey>,
}

/// One of them.
#[derive(Clone)]
struct FieldKey {
    /// What values name it by: it follows from the secret, and says nothing of it.
    id: String,
    secret: [u8; 32],
}

/// Where a value belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The company.
    pub tenant: TenantId,
    /// The kind of record, such as `procurement.supplier`.
    pub kind: &'a str,
    /// Which.
    pub record: Uuid,
    /// The field.
    pub field: &'a str,
}

/// Why a value is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// It is not sealed in the one way there is.
    #[error("it is not sealed the way this server opens")]
    Foreign,
    /// It is sealed under a key that is not in the file.
    #[error("it is sealed under a key that is not among those of the data folder")]
    KeyUnknown,
    /// It was changed, or belongs elsewhere.
    #[error("it was changed, or sealed for another place")]
    Damaged,
}

impl FieldKeys {
    /// One that nobody keeps: for a server that ends with its database.
    pub fn passing(environment: &Environment) -> Self {
        Self::of(vec![environment.bytes::<32>()], environment)
    }

    /// These and a newer one, which nobody keeps either.
    #[must_use]
    pub fn and_passing(&self) -> Self {
        let secrets = self.keys.iter().map(|key| key.secret).chain([self.environment.bytes::<32>()]);
        Self::of(secrets.collect(), &self.environment)
    }

    /// Where there is no file: nothing seals or opens.
    fn none(environment: &Environment) -> Self {
        Self { environment: environment.clone(), keys: Vec::new() }
    }

    fn of(secrets: Vec<[u8; 32]>, environment: &Environment) -> Self {
        let key = |secret: [u8; 32]| FieldKey {
            id: Digest32::of(&[b"holdfast field key id ".as_slice(), &secret].concat()).to_string()[..12].to_owned(),
            secret,
        };
        Self { environment: environment.clone(), keys: secrets.into_iter().map(key).collect() }
    }

    /// What these keys are known by, the one that seals last.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.id.as_str())
    }

    /// The value as it is kept: `v1.<key>.<nonce, ciphertext and tag, in base64url>`.
    pub fn seal(&self, place: &Place<'_>, value: &str) -> String {
        let key = self.keys.last().expect("there is at least one key");
        let nonce = self.environment.bytes::<NONCE_LEN>();
        let mut sealed = value.as_bytes().to_vec();
        key.of_tenant(place.tenant)
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place.covered()), &mut sealed)
            .expect("a value is far shorter than what can be sealed");
        format!("{VERSION}.{}.{}", key.id, URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// The way back.
    pub fn open(&self, place: &Place<'_>, sealed: &str) -> Result<String, Unopened> {
        let mut parts = sealed.split('.');
        let (Some(VERSION), Some(id), Some(bytes), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(Unopened::Foreign);
        };
        let key = self.keys.iter().find(|key| key.id == id).ok_or(Unopened::KeyUnknown)?;
        let bytes = URL_SAFE_NO_PAD.decode(bytes).map_err(|_| Unopened::Damaged)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(Unopened::Damaged)?;
        let mut opened = sealed.to_vec();
        let value = key
            .of_tenant(place.tenant)
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place.covered()), &mut opened)
            .map_err(|_| Unopened::Damaged)?;
        String::from_utf8(value.to_vec()).map_err(|_| Unopened::Damaged)
    }
}

impl FieldKey {
    fn of_tenant(&self, tenant: TenantId) -> LessSafeKey {
        let info = [PURPOSE, tenant.0.as_bytes()];
        let extracted = Salt::new(HKDF_SHA256, &[]).extract(&self.secret);
        let key = extracted.expand(&info, &AES_256_GCM_SIV).expect("a key is far shorter than what can be derived");
        LessSafeKey::new(UnboundKey::from(key))
    }
}

impl Place<'_> {
    /// The place as bytes: each part behind its length, so that no two places are the same ones.
    fn covered(&self) -> Vec<u8> {
        let parts = [PURPOSE, self.tenant.0.as_bytes(), self.kind.as_bytes(), self.record.as_bytes(), self.field.as_bytes()];
        parts.iter().flat_map(|part| (part.len() as u64).to_be_bytes().into_iter().chain(part.iter().copied())).collect()
    }
}

impl fmt::Debug for FieldKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: Uuid = Uuid::from_u128(7);

    fn place() -> Place<'static> {
        Place { tenant: TenantId(Uuid::from_u128(1)), kind: "procurement.supplier", record: RECORD, field: "iban" }
    }

    #[test]
    fn a_value_opens_at_its_place_and_nowhere_else() {
        let keys = FieldKeys::of(vec![[1; 32]], &Environment::system());
        let sealed = keys.seal(&place(), "DE89370400440532013000");
        assert!(sealed.starts_with("v1.") && !sealed.contains("3704"), "{sealed}");
        assert_eq!(keys.open(&place(), &sealed).as_deref(), Ok("DE89370400440532013000"));
        for elsewhere in [
            Place { tenant: TenantId(Uuid::from_u128(2)), ..place() },
            Place { kind: "sales.customer", ..place() },
            Place { record: Uuid::from_u128(8), ..place() },
            Place { field: "notes", ..place() },
            // The same letters, cut otherwise.
            Place { kind: "procurement.supplie", field: "riban", ..place() },
        ] {
            assert_eq!(keys.open(&elsewhere, &sealed), Err(Unopened::Damaged), "{elsewhere:?}");
        }
    }

    #[test]
    fn the_same_value_is_sealed_otherwise_each_time() {
        let keys = FieldKeys::of(vec![[1; 32]], &Environment::system());
        assert_ne!(keys.seal(&place(), "x"), keys.seal(&place(), "x"));
    }

    #[test]
    fn what_a_former_key_sealed_opens_as_long_as_the_key_is_there() {
        let (former, both) = (FieldKeys::of(vec![[1; 32]], &Environment::system()), FieldKeys::of(vec![[1; 32], [2; 32]], &Environment::system()));
        let sealed = former.seal(&place(), "x");
        assert_eq!(both.open(&place(), &sealed).as_deref(), Ok("x"));
        let anew = both.seal(&place(), "x");
        assert_eq!((former.open(&place(), &anew), both.open(&place(), &anew).as_deref()), (Err(Unopened::KeyUnknown), Ok("x")));
        assert_eq!(FieldKeys::of(vec![[2; 32]], &Environment::system()).open(&place(), &sealed), Err(Unopened::KeyUnknown));
    }

    #[test]
    fn what_was_changed_or_is_none_does_not_open() {
        let keys = FieldKeys::of(vec![[1; 32]], &Environment::system());
        let sealed = keys.seal(&place(), "x");
        let (head, body) = sealed.rsplit_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(body).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            assert_eq!(keys.open(&place(), &format!("{head}.{}", URL_SAFE_NO_PAD.encode(&bytes))), Err(Unopened::Damaged), "byte {at}");
            bytes[at] ^= 1;
        }
        for (text, why) in [
            ("", Unopened::Foreign),
            ("x", Unopened::Foreign),
            ("v2.a.b", Unopened::Foreign),
            ("v1.a.b", Unopened::KeyUnknown),
            ("v1.a.b.c", Unopened::Foreign),
        ] {
            assert_eq!(keys.open(&place(), text), Err(why), "{text}");
        }
        for body in ["", "AAAA", "!"] {
            assert_eq!(keys.open(&place(), &format!("{head}.{body}")), Err(Unopened::Damaged), "{body}");
        }
    }
}
