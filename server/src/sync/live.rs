//! `GET /api/v1/sync/live`: server-sent events that say only that the feed moved. Whoever hears it pulls.

use crate::http::App;
use crate::identity::SignedIn;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use holdfast_domain::kernel::TenantId;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How often a quiet line is kept open, so that proxies do not close it and a device notices a dead one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Tells whoever listens that a tenant's feed moved. Moves that come faster than a listener takes them are told once.
#[derive(Clone, Default)]
pub struct Movements {
    tenants: Arc<Mutex<BTreeMap<TenantId, watch::Sender<u64>>>>,
    any: Arc<watch::Sender<u64>>,
}

/// Learns which tenants' feeds moved.
pub struct AllMovements {
    movements: Movements,
    any: watch::Receiver<u64>,
    seen: BTreeMap<TenantId, u64>,
}

impl Movements {
    /// The feed moved.
    pub fn moved(&self, tenant: TenantId) {
        self.sender(tenant).send_modify(|count| *count += 1);
        self.any.send_modify(|count| *count += 1);
    }

    /// Learns of all tenants' moves from now on.
    pub fn listen_to_all(&self) -> AllMovements {
        AllMovements { any: self.any.subscribe(), seen: self.counts(), movements: self.clone() }
    }

    fn counts(&self) -> BTreeMap<TenantId, u64> {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.iter().map(|(tenant, sender)| (*tenant, *sender.borrow())).collect()
    }

    /// Learns of the moves from now on.
    pub fn listen(&self, tenant: TenantId) -> watch::Receiver<u64> {
        self.sender(tenant).subscribe()
    }

    fn sender(&self, tenant: TenantId) -> watch::Sender<u64> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.entry(tenant).or_insert_with(|| watch::Sender::new(0)).clone()
    }
}

impl AllMovements {
    /// Waits for a move, and says whose feeds moved since it was asked last.
    pub async fn next(&mut self) -> BTreeSet<TenantId> {
        self.any.changed().await.expect("the sender lives as long as the movements held here");
        let counts = self.movements.counts();
        let moved = counts.iter().filter(|(tenant, count)| self.seen.get(tenant) != Some(count)).map(|(tenant, _)| *tenant).collect();
        self.seen = counts;
        moved
    }
}

/// The stream; its first event says that the line stands.
pub(super) async fn live(State(app): State<App>, signed_in: SignedIn) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let listener = app.movements.listen(signed_in.tenant);
    let stopping = app.stopping.clone();
    let events = futures::stream::unfold((listener, stopping, true), |(mut listener, mut stopping, first)| async move {
        if !first {
            let stop = tokio::select! {
                moved = listener.changed() => moved.is_err(),
                _ = stopping.wait_for(|stop| *stop) => true,
            };
            if stop {
                return None;
            }
        }
        // With data, though it says nothing: a browser throws an event without any away.
        Some((Ok(Event::default().event("moved").data("feed")), (listener, stopping, false)))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}
