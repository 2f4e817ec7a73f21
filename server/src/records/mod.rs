//! Records of resources: one set of handlers for everything that `shared/domain` declares.
//!
//! A declaration names the table, its columns and what each holds; [`statement`] turns it into SQL, in which nothing but declared names is ever spelled out and
//! every value is a parameter. A write checks rights, version and values, stores, writes the audit and a change event, and tells the feed, in one transaction.
//! What a module does beside (a catalogue's rows for devices) it says in [`EFFECTS`](crate::EFFECTS).

mod about;
mod alike;
mod beside;
mod bulk;
mod cell;
mod effect;
mod export;
mod files;
mod import;
mod list;
mod live;
mod names;
mod order;
mod queries;
mod read;
mod refusal;
mod routes;
pub mod schema;
mod sealed;
mod search;
mod statement;
mod timeline;
mod views;
mod within;
mod write;

pub(crate) use cell::harmless;
pub use effect::{Effect, Proposed, Written};
pub(crate) use queries::reached;
pub(crate) use read::as_they_are;
pub use routes::routes;
use write::Hand;
