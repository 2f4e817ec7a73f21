//! PINs: a courtesy lock between colleagues, nothing more. What proves who acted is the grant and the device's key.
//!
//! Each try is counted before it is judged, so that a reload does not win another; after three wrong ones the wait grows.

use super::{CryptoFault, key::bytes, object, subtle};
use crate::device::ids;
use holdfast_domain::kernel::Timestamp;
use holdfast_sync::bytes::Bytes;
use js_sys::{Array, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Rounds of PBKDF2 for a new PIN.
const ITERATIONS: u32 = 310_000;
/// Wrong tries before one has to wait.
const FREE_TRIES: u32 = 3;
/// The first wait.
const FIRST_WAIT_MS: i64 = 30_000;
/// The longest.
const LONGEST_WAIT_MS: i64 = 3_600_000;

/// A PIN as it is kept: salted and stretched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinRecord {
    salt: Bytes,
    iterations: u32,
    hash: Bytes,
    /// Tries since it was last right.
    pub attempts: Attempts,
}

/// How often it was tried in vain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// Tries since it was last right.
    pub failed: u32,
    /// No try before then.
    pub locked_until: Option<Timestamp>,
}

impl Attempts {
    /// Seconds to wait; none when it may be tried.
    pub fn wait_seconds(&self, now: Timestamp) -> Option<u64> {
        let left = self.locked_until?.0.saturating_sub(now.0);
        // A wait beyond the longest was set under a clock that has been put right since: it locks nobody out.
        u64::try_from(left).ok().filter(|left| (1..=LONGEST_WAIT_MS.unsigned_abs()).contains(left)).map(|left| left.div_ceil(1_000))
    }

    /// One more try, counted as wrong until it proves right.
    pub fn tried(&self, now: Timestamp) -> Self {
        let failed = self.failed.saturating_add(1);
        let wait = failed.checked_sub(FREE_TRIES).map(|beyond| FIRST_WAIT_MS.saturating_mul(1 << beyond.min(16)).min(LONGEST_WAIT_MS));
        Self { failed, locked_until: wait.map(|wait| now.plus_ms(wait)) }
    }
}

impl PinRecord {
    /// Keeps a new PIN.
    pub async fn of(pin: &str) -> Result<Self, CryptoFault> {
        let salt: [u8; 16] = ids::random();
        let hash = stretch(pin, &salt, ITERATIONS).await?;
        Ok(Self { salt: Bytes(salt.to_vec()), iterations: ITERATIONS, hash: Bytes(hash), attempts: Attempts::default() })
    }

    /// Whether it is that PIN.
    pub async fn is(&self, pin: &str) -> Result<bool, CryptoFault> {
        let hash = stretch(pin, &self.salt.0, self.iterations).await?;
        // Without an early end: how long it takes says nothing.
        let differing = hash.iter().zip(&self.hash.0).fold(0, |differing, (a, b)| differing | (a ^ b));
        Ok(differing == 0 && hash.len() == self.hash.0.len())
    }
}

/// Whether it may be a PIN: four to eight digits.
pub fn is_pin(text: &str) -> bool {
    (4..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

async fn stretch(pin: &str, salt: &[u8], iterations: u32) -> Result<Vec<u8>, CryptoFault> {
    let subtle = subtle()?;
    let usages: Array = [JsValue::from_str("deriveBits")].into_iter().collect();
    let raw = Uint8Array::from(pin.as_bytes());
    let key = JsFuture::from(subtle.import_key_with_str("raw", &raw, "PBKDF2", false, &usages)?).await?;
    let algorithm =
        object(&[("name", "PBKDF2".into()), ("hash", "SHA-256".into()), ("salt", Uint8Array::from(salt).into()), ("iterations", iterations.into())])?;
    bytes(JsFuture::from(subtle.derive_bits_with_object(&algorithm, key.unchecked_ref(), 256)?).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn after(tries: u32) -> Attempts {
        (0..tries).fold(Attempts::default(), |attempts, _| attempts.tried(NOW))
    }

    #[test]
    fn the_first_wrong_tries_cost_no_wait() {
        assert_eq!(after(0).wait_seconds(NOW), None);
        assert_eq!(after(2).wait_seconds(NOW), None);
    }

    #[test]
    fn the_wait_doubles_with_each_wrong_try_up_to_an_hour() {
        let waits: Vec<_> = (3..=12).map(|tries| after(tries).wait_seconds(NOW)).collect();
        assert_eq!(waits[..5], [Some(30), Some(60), Some(120), Some(240), Some(480)]);
        assert_eq!(waits[9], Some(3_600));
        assert_eq!(after(u32::from(u16::MAX)).wait_seconds(NOW), Some(3_600));
    }

    #[test]
    fn the_wait_ends_by_itself() {
        assert_eq!(after(3).wait_seconds(NOW.plus_ms(29_001)), Some(1));
        assert_eq!(after(3).wait_seconds(NOW.plus_ms(30_000)), None);
    }

    #[test]
    fn a_wait_set_by_a_clock_that_ran_ahead_ends_when_the_clock_is_put_right() {
        assert_eq!(after(3).wait_seconds(NOW.plus_ms(-LONGEST_WAIT_MS)), None);
        assert_eq!(after(3).wait_seconds(Timestamp(i64::MIN)), None);
        assert_eq!(after(3).wait_seconds(NOW.plus_ms(-1)), Some(31));
    }

    #[test]
    fn a_pin_has_four_to_eight_digits() {
        assert!(is_pin("1234") && is_pin("12345678"));
        for bad in ["", "123", "123456789", "12a4", "１２３４", "12 4"] {
            assert!(!is_pin(bad), "{bad:?}");
        }
    }
}
