//! Sync on the server: envelopes in, one feed out.
//!
//! A push is read and its signatures are checked (`admission`); then each document's envelopes run through a lane (`lane`), one transaction each:
//! lock, judge, merge, settle, project, and last the feed's counter. A pull (`pull`) reads the feed by audience with live rights; `live`
//! says that it moved. What a document means is its module's business (`settlement`). Absent on purpose: any knowledge of a module.

mod admission;
mod encoding;
mod feed;
mod lane;
mod live;
mod observe;
mod pull;
mod push;
mod queries;
mod settlement;

use crate::environment::Environment;
use crate::identity::{GrantKeys, ServerKey};
use crate::tenancy::Database;
use axum::Router;
use axum::routing::{get, post};
use holdfast_sync::kind::Kinds;
use std::sync::Arc;
use tokio::sync::watch;

pub use encoding::{Encoding, Wire};
pub use feed::{FeedBody, FeedEntry, To, append};
pub use live::Movements;
pub use settlement::{Merged, MergedChange, Projected, Settlement, Settlements};

/// What sync works with.
#[derive(Clone)]
pub struct Hub {
    /// The door to the tables.
    pub database: Database,
    /// Time and randomness.
    pub environment: Environment,
    /// Every document kind.
    pub kinds: &'static Kinds,
    /// What the modules do with their documents.
    pub settlements: Settlements,
    /// Signs the server's own changes.
    pub key: Arc<ServerKey>,
    /// Checks grants.
    pub grant_keys: Arc<GrantKeys>,
    /// Tells listeners.
    pub movements: Movements,
    /// Becomes true when the server stops: open lines are closed then.
    pub stopping: watch::Receiver<bool>,
}

/// The addresses of sync.
pub fn routes(hub: Hub) -> Router {
    Router::new()
        .route("/api/v1/sync/push", post(push::push))
        .route("/api/v1/sync/pull", post(pull::pull))
        .route("/api/v1/sync/live", get(live::live))
        .with_state(hub)
}
