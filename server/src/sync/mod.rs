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
pub mod packed;
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
use crate::openapi::About;
use holdfast_sync::verify::WAIVABLE;
use serde_json::json;

pub(crate) use acts::{Act, ActPlace, Standing, WantedActs, acts};
pub use encoding::{Encoding, Wire};
pub use feed::{FeedBody, FeedEntry, To, append};
pub(crate) use history::{Filed, FiledOutcome, arrived, documents, facts, held, history};
pub(crate) use live::{kept_open, moves};
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
    let import = Routes::new()
        .post("/api/v1/sync/import", import::import)
        .told(
            About::new("sync.import", "Hands in a line of a device's outbox file")
                .refuses(&[(403, "import_of_another_company"), (409, "import_key_unknown"), (413, "push_too_large")])
                .refuses(&[(422, "import_malformed"), (422, "import_damaged"), (422, "import_version_unknown")]),
        )
        .body_limit(IMPORT_BYTES);
    Routes::new()
        .post("/api/v1/sync/push", push::push)
        .told(
            About::new("sync.push", "Takes in envelopes, and answers each")
                .detail("The answer comes in the encoding of the request. docs/SYNC.md says what is in an envelope.")
                .refuses(&[(413, "push_too_large")]),
        )
        .post("/api/v1/sync/pull", pull::pull)
        .told(About::new("sync.pull", "The next page of the feed").detail("The answer comes in the encoding of the request.").refuses(&[
            (400, "limit_out_of_range"),
            (403, "device_of_another_session"),
            (403, "till_of_another_site"),
        ]))
        .body_limit(BODY_BYTES)
        .merge(import)
        .get("/api/v1/sync/held", held::list)
        .told(
            About::new("sync.held.list", "What is held for a decision, was decided, or was refused")
                .refuses(&[(400, "limit_out_of_range"), (400, "cursor_malformed")]),
        )
        .post("/api/v1/sync/held/{intent}/release", held::release)
        .told(
            About::new("sync.held.release", "Lets a held envelope in, but for the reasons that are set aside")
                .refuses(&[(404, "held_unknown"), (422, "reason_missing"), (422, "waiver_unknown"), (409, "decided_already"), (409, "not_held")])
                .refuses(&[(409, "release_first"), (409, "release_waits"), (409, "release_impossible"), (409, "release_kind_unknown")])
                .refuses(&WAIVABLE.map(|code| (409, code))),
        )
        .post("/api/v1/sync/held/{intent}/reject", held::reject)
        .told(About::new("sync.held.reject", "Keeps a held envelope out for good").refuses(&[
            (404, "held_unknown"),
            (409, "decided_already"),
            (409, "not_held"),
            (422, "reason_missing"),
        ]))
        .get("/api/v1/sync/live", live::live)
        .told(
            About::new("sync.live", "Server-sent events that say that something moved")
                .detail("Each `moved` means: look. The line stays open as long as the session may stand.")
                .answers_as(
                    200,
                    "text/event-stream",
                    json!({ "type": "object", "properties": { "event": { "const": "moved" }, "data": { "const": "feed" } } }),
                ),
        )
}
