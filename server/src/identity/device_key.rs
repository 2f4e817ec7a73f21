//! A device's public key.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, VerificationAlgorithm};
use holdfast_domain::identity::KeyAlgorithm;

/// A key that signatures can be checked with.
pub struct DeviceKey {
    algorithm: KeyAlgorithm,
    bytes: Vec<u8>,
    parsed: ParsedPublicKey,
}

/// The bytes are no public key of that algorithm, or one that anybody could sign for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the public key is not one")]
pub struct BadKey;

impl DeviceKey {
    /// Reads a public key: 32 bytes for Ed25519, the uncompressed point of 65 bytes for P-256.
    pub fn read(algorithm: KeyAlgorithm, bytes: &[u8]) -> Result<Self, BadKey> {
        let (length, verification): (usize, &'static dyn VerificationAlgorithm) = match algorithm {
            KeyAlgorithm::Ed25519 => (32, &ED25519),
            KeyAlgorithm::P256 => (65, &ECDSA_P256_SHA256_FIXED),
        };
        if bytes.len() != length || (algorithm == KeyAlgorithm::Ed25519 && has_small_order(bytes)) {
            return Err(BadKey);
        }
        let parsed = ParsedPublicKey::new(verification, bytes).map_err(|_| BadKey)?;
        Ok(Self { algorithm, bytes: bytes.to_vec(), parsed })
    }

    /// Whether the device signed exactly these bytes.
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(bytes, signature).is_ok()
    }

    /// How it signs.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The public key, raw.
    pub fn public_key(&self) -> &[u8] {
        &self.bytes
    }
}

/// Under a point of small order one signature fits many messages, so that its owner could later deny what they signed. These are the
/// encodings of all such points, the sign bit aside (libsodium, `ge25519_has_small_order`).
fn has_small_order(key: &[u8]) -> bool {
    const ORDER_EIGHT: [&str; 2] =
        ["26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"];
    let mut unsigned = key.to_vec();
    unsigned[31] &= 0x7f;
    let is_few_then_zeroes = unsigned[0] <= 1 && unsigned[1..].iter().all(|byte| *byte == 0);
    // p - 1, p and p + 1.
    let is_around_p = (0xec..=0xee).contains(&unsigned[0]) && unsigned[1..31].iter().all(|byte| *byte == 0xff) && unsigned[31] == 0x7f;
    is_few_then_zeroes || is_around_p || ORDER_EIGHT.contains(&hex::encode(unsigned).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};

    #[test]
    fn a_signature_counts_for_its_bytes_and_its_key_only() {
        let ours = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        let other = Ed25519KeyPair::from_seed_unchecked(&[2; 32]).unwrap();
        let key = DeviceKey::read(KeyAlgorithm::Ed25519, ours.public_key().as_ref()).unwrap();
        assert!(key.verify(b"sold", ours.sign(b"sold").as_ref()));
        assert!(!key.verify(b"sold!", ours.sign(b"sold").as_ref()));
        assert!(!key.verify(b"sold", other.sign(b"sold").as_ref()));
        assert!(!key.verify(b"sold", b""));
    }

    #[test]
    fn both_algorithms_of_browsers_are_understood() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let key = DeviceKey::read(KeyAlgorithm::P256, pair.public_key().as_ref()).unwrap();
        let signature = pair.sign(&SystemRandom::new(), b"sold").unwrap();
        assert!(key.verify(b"sold", signature.as_ref()));
        assert!(!key.verify(b"lost", signature.as_ref()));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let mut off_the_curve = pair.public_key().as_ref().to_vec();
        off_the_curve[40] ^= 1;
        let bad: &[(KeyAlgorithm, &[u8])] = &[
            (KeyAlgorithm::Ed25519, &[]),
            (KeyAlgorithm::Ed25519, &[1; 31]),
            (KeyAlgorithm::Ed25519, &[1; 33]),
            (KeyAlgorithm::P256, &[4; 65]),
            (KeyAlgorithm::P256, &off_the_curve),
            (KeyAlgorithm::P256, &pair.public_key().as_ref()[1..]),
        ];
        for (algorithm, bytes) in bad {
            assert!(DeviceKey::read(*algorithm, bytes).is_err(), "{algorithm:?} {bytes:?}");
        }
    }

    #[test]
    fn a_key_that_anybody_could_sign_for_is_refused() {
        let mut minus_one = [0xff; 32];
        (minus_one[0], minus_one[31]) = (0xec, 0x7f);
        let mut one = [0; 32];
        one[0] = 1;
        let mut negative = one;
        negative[31] = 0x80;
        let eight = hex::decode("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05").unwrap();
        for weak in [&[0; 32], &one, &negative, &minus_one, eight.as_slice().try_into().unwrap()] {
            assert!(DeviceKey::read(KeyAlgorithm::Ed25519, weak).is_err(), "{weak:?}");
        }
    }
}
