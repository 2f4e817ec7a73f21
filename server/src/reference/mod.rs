//! Reference rows: what the office and the server write and devices read, such as products and prices.
//!
//! [`write`] is the one way in: it gives each changed row its next version, keeps the old ones, and tells the feed. [`kept`] answers what
//! a version said and when it was in force, for settling what a device took from it. [`pack::manifest`] serves a first load: an audience's rows
//! in immutable compressed pages; what changed since follows from [`rows_after`].
//! Absent on purpose: the rows' meaning. A module owns its tables and hands over bodies.

mod kept;
pub mod pack;
mod page;
mod queries;
mod write;

pub use kept::{Kept, in_force, in_force_each, kept, standing};
pub use page::routes;
pub use queries::{RowsOf, rows_after};
pub use write::{RowWrite, write, write_with};
