//! The audit in the office: what was done, newest first, narrowed by what the address says ([`query`]); each entry opens to all that is known of it ([`detail`]).
//!
//! The addresses and their answers are `holdfast_domain::audit`.

mod detail;
mod entries;
mod filters;
mod messages;
mod page;
mod query;
mod words;

pub use page::AuditPage;

/// The screen's sheet.
pub const STYLES: &[&str] = &[include_str!("audit.css")];
