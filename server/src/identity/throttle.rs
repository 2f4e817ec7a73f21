//! Slows down whoever guesses passwords: per account and address, and per address over all accounts.
//!
//! An attempt is counted before the password is looked at, so that many at once gain nothing, and taken back when it was right. There is no
//! count per account over all addresses: it would let a stranger lock somebody out.

use super::queries::{self, Attempts};
use crate::failure::{Failure, Refusal};
use crate::http::household;
use crate::tenancy::Database;
use holdfast_domain::identity::SignIn;
use holdfast_domain::kernel::Timestamp;
use holdfast_sync::bytes::Digest32;
use std::net::IpAddr;

/// Failures are forgotten after a day without another.
const MEMORY_MS: i64 = 24 * 60 * 60 * 1_000;
const FIRST_PAUSE_MS: i64 = 1_000;
const LONGEST_PAUSE_MS: i64 = 15 * 60 * 1_000;
/// Wrong passwords for one account from one address that cost nothing.
const FREE_PER_ACCOUNT: i32 = 4;
/// Wrong passwords from one address; a whole shop shares one.
const FREE_PER_ADDRESS: i32 = 40;

/// What one attempt counts against.
pub(super) struct Counters {
    account: Digest32,
    address: Digest32,
}

impl Counters {
    pub(super) fn of(sign_in: &SignIn, address: IpAddr) -> Self {
        let (tenant, email) = (sign_in.tenant.trim().to_lowercase(), sign_in.email.trim().to_lowercase());
        let address = household(address);
        Self {
            account: Digest32::of(format!("account\n{tenant}\n{email}\n{address}").as_bytes()),
            address: Digest32::of(format!("address\n{address}").as_bytes()),
        }
    }

    /// Counts an attempt, or refuses it because it comes too soon.
    pub(super) async fn count(&self, database: &Database, now: Timestamp) -> Result<(), Failure> {
        let mut tx = database.before_tenant().await?;
        let mut counted = [(self.account, FREE_PER_ACCOUNT), (self.address, FREE_PER_ADDRESS)];
        // Always in the same order, so that two attempts never wait for each other.
        counted.sort();
        for (key, free) in counted {
            let before = queries::lock_attempts(tx.connection(), key, now).await?;
            if before.blocked_until > now {
                return Err(too_soon(before.blocked_until.0 - now.0).into());
            }
            queries::store_attempts(tx.connection(), key, &after(&before, free, now)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Takes the attempt back: the password was right. One row at a time, so that it never holds one while it waits for another.
    pub(super) async fn take_back(&self, database: &Database, now: Timestamp) -> Result<(), Failure> {
        let mut tx = database.before_tenant().await?;
        queries::forget_attempts(tx.connection(), self.account).await?;
        tx.commit().await?;
        let mut tx = database.before_tenant().await?;
        queries::take_back_attempt(tx.connection(), self.address, now).await?;
        tx.commit().await?;
        let mut tx = database.before_tenant().await?;
        queries::forget_stale_attempts(tx.connection(), now.plus_ms(-MEMORY_MS)).await?;
        Ok(tx.commit().await?)
    }
}

fn after(before: &Attempts, free: i32, now: Timestamp) -> Attempts {
    let is_forgotten = before.last_at.plus_ms(MEMORY_MS) <= now;
    let failures = if is_forgotten { 1 } else { before.failures.saturating_add(1) };
    Attempts { failures, last_at: now, blocked_until: now.plus_ms(pause_ms(failures, free)) }
}

/// Nothing for the free ones, then doubling.
fn pause_ms(failures: i32, free: i32) -> i64 {
    let beyond = u32::try_from(failures - free).unwrap_or(0);
    match beyond {
        0 => 0,
        beyond => FIRST_PAUSE_MS.saturating_mul(1_i64.checked_shl(beyond - 1).filter(|factor| *factor > 0).unwrap_or(i64::MAX)).min(LONGEST_PAUSE_MS),
    }
}

fn too_soon(wait_ms: i64) -> Refusal {
    let seconds = u64::try_from(wait_ms).unwrap_or(0).div_ceil(1_000);
    let detail = format!("Wrong passwords were given several times. Try again in {seconds} seconds.");
    let mut refusal = Refusal::new(429, "sign_in_throttled", "Too many wrong passwords", detail);
    refusal.retry_after_s = Some(seconds);
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_and_stops_growing() {
        let pauses: Vec<i64> = (1..=16).map(|failures| pause_ms(failures, 4) / 1_000).collect();
        assert_eq!(pauses, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(pause_ms(i32::MAX, 4), LONGEST_PAUSE_MS);
    }

    #[test]
    fn after_a_quiet_day_it_begins_anew() {
        let noon = Timestamp(1_800_000_000_000);
        let before = Attempts { failures: 12, last_at: noon, blocked_until: noon };
        assert_eq!(after(&before, 4, noon.plus_ms(MEMORY_MS - 1)).failures, 13);
        assert_eq!(after(&before, 4, noon.plus_ms(MEMORY_MS)).failures, 1);
    }
}
