//! The audit: what was done, by whom, from where, with what was before and what is after.
//!
//! An entry is written in the transaction of its act, so there is none without the other. Entries are never changed and never deleted: the database refuses
//! it to every role. [`Actor`] is what is known of whoever acts; a handler that writes takes it.

mod actor;
mod months;
mod queries;

pub use actor::Actor;
pub(crate) use months::keep_months;
pub(crate) use queries::{Entry, EntryRow, entries_of, write, write_own};
