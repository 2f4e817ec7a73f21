//! Processor time that one piece of work takes on the server, whichever threads it runs on and however often it waits in between.

use rustix::time::{ClockId, clock_gettime};
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

thread_local! {
    /// What the work that this thread is at had taken before, and the thread's clock when it went on.
    static AT_WORK: Cell<Option<(Duration, Duration)>> = const { Cell::new(None) };
}

/// Meters `work`; within it, [`taken`] tells.
pub(crate) fn metered<W: Future>(work: W) -> Metered<W> {
    Metered { work: Box::pin(work), taken: Duration::ZERO }
}

/// What the metered work around this has taken so far; none where nothing is metered.
pub(crate) fn taken() -> Option<Duration> {
    AT_WORK.get().map(|(before, since)| before + clock().saturating_sub(since))
}

/// Work under a meter.
pub(crate) struct Metered<W> {
    work: Pin<Box<W>>,
    taken: Duration,
}

impl<W: Future> Future for Metered<W> {
    type Output = W::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<W::Output> {
        let around = AT_WORK.replace(Some((self.taken, clock())));
        let answer = self.work.as_mut().poll(context);
        self.taken = taken().unwrap_or(self.taken);
        AT_WORK.set(around);
        answer
    }
}

/// Runs while this thread does.
fn clock() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some microseconds of it.
    fn reckon() -> u64 {
        (0..200_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n.wrapping_mul(31)))
    }

    #[tokio::test]
    async fn what_is_metered_is_told_within_it_and_grows_over_its_waits() {
        assert_eq!(taken(), None);
        let (first, second) = metered(async {
            reckon();
            let first = taken().unwrap();
            tokio::task::yield_now().await;
            reckon();
            (first, taken().unwrap())
        })
        .await;
        assert!(first > Duration::ZERO && second > first, "{first:?}, {second:?}");
        assert_eq!(taken(), None);
    }

    #[tokio::test]
    async fn what_others_do_meanwhile_is_not_counted() {
        let waits = metered(async {
            let before = taken().unwrap();
            tokio::task::yield_now().await;
            (before, taken().unwrap())
        });
        let works = async {
            let before = clock();
            reckon();
            clock() - before
        };
        let ((before, after), of_others) = tokio::join!(waits, works);
        assert!(after - before < of_others, "{before:?}, {after:?}, others {of_others:?}");
    }
}
