//! Randomness, and the ids made of it. The core takes ids as parameters; here they are born.

use uuid::Uuid;

/// Fresh random bytes from the browser.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, reason = "randomness enters the device here; everything else takes it as a parameter")]
    getrandom::fill(&mut bytes).expect("a browser always has a source of randomness");
    bytes
}

/// A random id (UUID version 4).
pub fn fresh() -> Uuid {
    uuid::Builder::from_random_bytes(random()).into_uuid()
}
