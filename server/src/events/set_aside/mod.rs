//! Events that a consumer did not work through in their turn.
//!
//! An event that a consumer fails on is set aside in a transaction of its own, which moves the cursor past it: everything else goes on. It is tried again
//! after a pause that doubles, [`MOST_TRIES`] times, and is then parked until a person has it tried again or gives it up. What comes after it in its lane
//! ([`Consumer::lane`](super::Consumer::lane)) is set aside untried, and goes on when it is done or given up. All of it is kept in the database, so that
//! neither a restart nor another server loses count. Rows are written under the lock of the consumer's cursor only.

mod parked;
mod queries;

use std::time::Duration;

pub(super) use parked::{dismiss, list, replay};
pub(super) use queries::{Standing, hold_back, leave, next_due, standing, taken_lanes};

use super::event::Event;
use super::{Consumer, queries as of_events};
use crate::failure::Fault;
use crate::tenancy::{Done, TenantTx};

/// How often an event is tried before it is parked: for some four minutes.
const MOST_TRIES: u32 = 10;
/// The wait after the first failure; it doubles from there.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The most that is kept of an error, in characters.
const LONGEST_ERROR: usize = 2_000;

/// How long to wait after so many tries; none where it is parked.
fn pause_after(tries: u32) -> Option<Duration> {
    (tries < MOST_TRIES).then(|| FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1)).min(LONGEST_PAUSE))
}

/// Sets an event aside that the consumer failed on, or counts another failure. How often it was tried; none where another server is at work with it or has
/// dealt with it.
pub(super) async fn set_aside(mut tx: TenantTx, consumer: &dyn Consumer, event: &Event, error: &str) -> Result<Done<Option<u32>>, Fault> {
    let Some(cursor) = of_events::lock_cursor(&mut tx, consumer.name()).await? else { return Ok(tx.done(None)) };
    let tried = queries::tries(&mut tx, consumer.name(), event.place).await?;
    if event.place > cursor {
        of_events::move_cursor(&mut tx, consumer.name(), event.place).await?;
    } else if tried.is_none() {
        return Ok(tx.done(None));
    }
    let tries = tried.unwrap_or(0) + 1;
    put_failure(&mut tx, consumer, event, (tries, error)).await?;
    Ok(tx.done(Some(tries)))
}

async fn put_failure(tx: &mut TenantTx, consumer: &dyn Consumer, event: &Event, (tries, error): (u32, &str)) -> Result<(), Fault> {
    let again_at = pause_after(tries).map(|pause| tx.now().plus_ms(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)));
    let error: String = error.chars().filter(|c| *c != '\0').take(LONGEST_ERROR).collect();
    let failure = queries::Failed { lane: consumer.lane(event), tries, error: &error, again_at };
    queries::put_failure(tx, consumer.name(), event, failure).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_tried_ten_times_over_some_four_minutes() {
        let pauses: Vec<_> = (1..).map_while(pause_after).map(|pause| pause.as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(pause_after(1_000), None);
    }
}
