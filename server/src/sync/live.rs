//! `GET /api/v1/sync/live`: server-sent events that say only that the feed moved. Whoever hears it pulls. A line ends when its session, its account
//! or its device does.

use crate::failure::{Failure, Fault};
use crate::http::App;
use crate::identity::{self, SignedIn};
use crate::tenancy::TenantScope;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt as _};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Interval;

/// How often a quiet line is kept open, so that proxies do not close it and a device notices a dead one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often an open line is looked at: whether it may still stand, and that its device is there.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// An open line.
struct Line {
    app: App,
    whose: SignedIn,
    feed: watch::Receiver<u64>,
    rights: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    minute: Interval,
}

/// Why a line is looked at.
#[derive(PartialEq, Eq)]
enum Look {
    /// Somebody's rights changed.
    MayStand,
    /// It has stood for a while.
    IsThere,
}

/// The stream; its first event says that the line stands. It ends when the server stops, and when a request of the same session would be refused.
pub(super) async fn live(State(app): State<App>, whose: SignedIn) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    Ok(kept_open(moves(app, whose).await?.map(Ok)))
}

/// A stream of events that is kept open while nothing happens.
pub(crate) fn kept_open<S>(events: S) -> Sse<impl Stream<Item = Result<Event, Infallible>>>
where
    S: Stream<Item = Result<Event, Infallible>> + Send + 'static,
{
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// The moves of the feed, as events.
pub(crate) async fn moves(app: App, whose: SignedIn) -> Result<impl Stream<Item = Event> + Send + 'static, Failure> {
    let mut minute = tokio::time::interval(LOOK_AGAIN);
    // The first is due at once.
    minute.tick().await;
    let line = Line {
        feed: app.movements.listen(whose.tenant),
        rights: app.movements.listen_to_rights(whose.tenant),
        stopping: app.stopping.clone(),
        minute,
        app,
        whose,
    };
    line.note_contact().await?;
    Ok(futures::stream::unfold((line, true), |(mut line, first)| async move {
        if !first && !line.next_move().await {
            return None;
        }
        // With data, though it says nothing: a browser throws an event without any away.
        Some((Event::default().event("moved").data("feed"), (line, false)))
    }))
}

impl Line {
    /// Waits for a move; false where the line is at its end.
    async fn next_move(&mut self) -> bool {
        loop {
            let look = tokio::select! {
                moved = self.feed.changed() => return moved.is_ok(),
                _ = self.stopping.wait_for(|stop| *stop) => return false,
                _ = self.rights.changed() => Look::MayStand,
                _ = self.minute.tick() => Look::IsThere,
            };
            let stands = self.may_stand().await;
            if !stands || (look == Look::IsThere && self.note_contact().await.is_err()) {
                return false;
            }
        }
    }

    /// Where the answer cannot be had, the line ends too: its device opens it anew and is answered then.
    async fn may_stand(&self) -> bool {
        self.whose.still_stands(&self.app).await.unwrap_or(false)
    }

    async fn note_contact(&self) -> Result<(), Fault> {
        let mut tx = self.app.database.tenant(TenantScope::system(self.whose.tenant)).await?;
        identity::note_contact(&mut tx, self.whose.device).await?;
        tx.commit().await
    }
}
