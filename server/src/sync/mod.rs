//! Sync on the server: envelopes in, one feed out.
//!
//! A push is read and its signatures are checked (`admission`); then each document's envelopes run through a lane (`lane`), one transaction each:
//! lock, judge, merge, settle, project, and last the feed's counter. A pull (`pull`) reads the feed by audience with live rights; `live`
//! says that it moved. What was held is decided by a person (`held`); what is old in the feed is dropped (`retention`). What a document means is its module's business (`settlement`). Absent on purpose: any knowledge of a module.

mod acts;
mod admission;
mod encoding;
mod feed;
mod held;
mod history;
mod import;
mod lane;
mod live;
mod movements;
mod proofs;
mod pull;
mod push;
mod queries;
mod relay;
mod replaced;
mod retention;
mod settle_again;
mod settlement;
mod waiting;

use crate::http::Routes;

pub(crate) use acts::{Act, ActPlace, Standing, WantedActs, acts};
pub use encoding::{Encoding, Wire};
pub use feed::{FeedBody, FeedEntry, To, append};
pub(crate) use history::{Filed, FiledOutcome, arrived, documents, facts, held, history};
pub use movements::{AllMovements, Movements};
pub use relay::Relay;
pub use retention::Retention;
pub(crate) use settle_again::{read_document, settle_again, settle_all_again};
pub use settlement::{Merged, MergedChange, Projected, Settlement, Settlements};
pub use waiting::{keep_looking, look_again};

/// The largest body of a push or a pull: 500 envelopes at their limit are more than any device has; a device sends less at once.
const BODY_BYTES: usize = 16 * 1024 * 1024;
/// The largest line of an outbox file: what a device pushes at once with its grants, as base64.
const IMPORT_BYTES: usize = 6 * 1024 * 1024;

/// `/api/v1/sync/…`
pub fn routes() -> Routes {
    let import = Routes::new().post("/api/v1/sync/import", import::import).body_limit(IMPORT_BYTES);
    Routes::new()
        .post("/api/v1/sync/push", push::push)
        .post("/api/v1/sync/pull", pull::pull)
        .body_limit(BODY_BYTES)
        .merge(import)
        .get("/api/v1/sync/held", held::list)
        .post("/api/v1/sync/held/{intent}/release", held::release)
        .post("/api/v1/sync/held/{intent}/reject", held::reject)
        .get("/api/v1/sync/live", live::live)
}
