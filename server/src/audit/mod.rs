//! The audit: what was done, by whom, from where, with what was before and what is after.
//!
//! An entry is written in the transaction of its act, so there is none without the other; a sign-in that failed has a transaction of its own. Entries are never
//! changed and never deleted: the database refuses it to every role. [`Actor`] is what is known of whoever acts; a handler that writes takes it.
//!
//! It is read newest first (`read`), together with what people did on documents: that is read from their envelopes, which are the record of it, and copied nowhere.
//!
//! Deliberately absent: what was typed into a sign-in that failed. It may be a password.

mod actor;
mod asked;
mod file;
mod months;
mod place;
mod queries;
mod read;
mod told;

pub(crate) use actor::By;
pub use actor::{Actor, Origin};
pub(crate) use months::keep_months;
pub(crate) use queries::{Entry, EntryRow, entries_of, write, write_as, write_own};
pub(crate) use told::says_something;

use crate::http::Routes;
use crate::openapi::About;
use holdfast_domain::kernel::resource::Values;
use serde_json::{Value, json};

/// `/api/v1/audit/…`
pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/audit/entries", read::entries)
        .told(About::new("audit.entry.list", "What was done, newest first").refuses(&[(400, "limit_out_of_range"), (400, "cursor_malformed")]))
        .get("/api/v1/audit/entries/file", file::file)
        .told(
            About::new("audit.entry.export", "What was done, as a file")
                .detail("Leave `after` and `limit` out. That it was taken out stands in the audit itself.")
                .answers_as(200, "text/csv", json!({ "type": "string" }))
                .refuses(&[(503, "exports_busy")]),
        )
}

/// What an entry says of fields.
pub(crate) fn fields<const N: usize>(fields: [(&str, Value); N]) -> Values {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
