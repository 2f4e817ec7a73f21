//! The outbox as a file: what a device has not had decided, for somebody else to carry to the server.
//!
//! A file is lines of text. Each line stands alone: one push (its grants and envelopes), sealed to the server's public key as a JWE in the flattened JSON serialization (RFC 7516, 7.2.2)
//! by `ECDH-ES` over P-256 and `A256GCM` (RFC 7518, 4.6 and 5.3). Whoever carries it can neither read nor change it, and nobody has to remember a
//! password. What is inside proves itself: each envelope is signed by its device.
//!
//! Here is the form, and the one calculation that both sides make; elliptic curve and cipher are WebCrypto's on a device and the server's library's there.

use crate::bytes::Digest32;
use crate::envelope::Envelope;
use crate::ids::{DeviceId, TenantId};
use crate::time::Timestamp;
use crate::wire::PushRequest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The version of [`Part`] this code writes.
pub const FILE_VERSION: u8 = 1;
/// How the key is agreed on.
pub const ALG: &str = "ECDH-ES";
/// How the content is encrypted.
pub const ENC: &str = "A256GCM";
/// What is sealed.
pub const TYP: &str = "holdfast-outbox+jwe";
/// The most lines of one file: far more than any device ever holds back.
pub const MAX_PARTS: u32 = 10_000;

/// A point of P-256, as a JWK says it (RFC 7518, 6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// `P-256`.
    pub crv: String,
    /// `EC`.
    pub kty: String,
    /// 32 bytes, base64url.
    pub x: String,
    /// 32 bytes, base64url.
    pub y: String,
}

/// What a line says in the clear, and what its seal covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protected {
    /// [`TYP`].
    pub typ: String,
    /// [`ALG`].
    pub alg: String,
    /// [`ENC`].
    pub enc: String,
    /// Which of the server's keys it is sealed to: its thumbprint.
    pub kid: String,
    /// The sender's key of this one line.
    pub epk: Point,
}

/// A line of the file. All four are base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SealedPart {
    /// [`Protected`], as JSON; its text is what the seal covers.
    pub protected: String,
    /// 12 bytes.
    pub iv: String,
    /// [`Part`], as CBOR, encrypted.
    pub ciphertext: String,
    /// 16 bytes.
    pub tag: String,
}

/// What is sealed in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// [`FILE_VERSION`].
    pub v: u8,
    /// The company.
    pub tenant: TenantId,
    /// The device that wrote the file.
    pub device: DeviceId,
    /// When, by its corrected clock.
    pub exported_at_ms: Timestamp,
    /// Which line of the file this is, from 1.
    pub part: u32,
    /// How many lines it has.
    pub parts: u32,
    /// As in a push.
    pub grants: Vec<String>,
    /// As in a push.
    pub envelopes: Vec<Envelope>,
}

/// A text that is no point of P-256. Whether the point lies on the curve is for the library to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no point of P-256")]
pub struct BadPoint;

impl Point {
    /// From an uncompressed point: 4 ‖ x ‖ y.
    pub fn of(uncompressed: &[u8]) -> Result<Self, BadPoint> {
        match uncompressed {
            [4, coordinates @ ..] if coordinates.len() == 64 => {
                let (x, y) = coordinates.split_at(32);
                let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
                Ok(Self { crv: "P-256".to_owned(), kty: "EC".to_owned(), x: text(x), y: text(y) })
            }
            _ => Err(BadPoint),
        }
    }

    /// As an uncompressed point.
    pub fn uncompressed(&self) -> Result<Vec<u8>, BadPoint> {
        let coordinate = |text: &str| URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 32).ok_or(BadPoint);
        if (self.kty.as_str(), self.crv.as_str()) != ("EC", "P-256") {
            return Err(BadPoint);
        }
        Ok([vec![4], coordinate(&self.x)?, coordinate(&self.y)?].concat())
    }

    /// The key's name: its thumbprint (RFC 7638).
    pub fn thumbprint(&self) -> String {
        let Self { crv, kty, x, y } = self;
        let members = format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#);
        URL_SAFE_NO_PAD.encode(Digest32::of(members.as_bytes()).0)
    }
}

impl Protected {
    /// For a line sealed to `recipient` with the sender's key `epk`.
    pub fn to(recipient: &Point, epk: Point) -> Self {
        Self { typ: TYP.to_owned(), alg: ALG.to_owned(), enc: ENC.to_owned(), kid: recipient.thumbprint(), epk }
    }

    /// Whether it is sealed in the one way there is.
    pub fn is_ours(&self) -> bool {
        (self.typ.as_str(), self.alg.as_str(), self.enc.as_str()) == (TYP, ALG, ENC)
    }
}

impl Part {
    /// What it asks of the server: a push like any other.
    pub fn into_push(self) -> PushRequest {
        PushRequest { grants: self.grants, envelopes: self.envelopes }
    }
}

/// Concat KDF with SHA-256 (NIST SP 800-56A, 5.8.1, as RFC 7518, 4.6.2 uses it), for keys of up to 256 bits: one round.
pub fn concat_kdf(shared_secret: &[u8], algorithm: &str, (apu, apv): (&[u8], &[u8]), bits: u32) -> Vec<u8> {
    // None of them is anywhere near 4 GiB.
    let sized = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes(), bytes].concat();
    let round = [&1_u32.to_be_bytes(), shared_secret, &sized(algorithm.as_bytes()), &sized(apu), &sized(apv), &bits.to_be_bytes()].concat();
    let mut key = Digest32::of(&round).0.to_vec();
    key.truncate(bits as usize / 8);
    key
}

/// The key of a line's content.
pub fn content_key(shared_secret: &[u8]) -> Vec<u8> {
    concat_kdf(shared_secret, ENC, (&[], &[]), 256)
}
