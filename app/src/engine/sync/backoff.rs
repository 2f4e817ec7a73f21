//! How long to wait before the server is tried again.

/// The first wait.
const FIRST_MS: u32 = 1_000;
/// The longest: a till that comes back should not stand waiting.
const LONGEST_MS: u32 = 20_000;

/// The wait after so many failures in a row: doubling, and somewhere between half and all of it, so that the devices of a shop that lost its network
/// together do not come back together.
pub fn wait_ms(failures: u32, random: u32) -> u32 {
    let full = FIRST_MS.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_MS);
    full / 2 + random % (full / 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_bound() {
        let longest: Vec<_> = (1..=7).map(|failures| (0..=30_000).map(|random| wait_ms(failures, random)).max().unwrap()).collect();
        assert_eq!(longest, [1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
        assert!(wait_ms(u32::MAX, u32::MAX) <= LONGEST_MS);
    }

    #[test]
    fn devices_do_not_come_back_together() {
        let waits: std::collections::BTreeSet<_> = (0..100).map(|random| wait_ms(5, random * 97)).collect();
        assert!(waits.len() > 50);
        assert!(waits.iter().all(|wait| (8_000..=16_000).contains(wait)));
    }
}
