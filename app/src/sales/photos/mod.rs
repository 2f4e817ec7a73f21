//! Photos of a count: taking them, and looking at them. Till and office show the same; both ask the engine, which knows what lies on the device and fetches the rest.

mod entry;
mod gallery;
mod messages;
mod queue;

pub use entry::{Draft, PhotoEntry};
pub use gallery::Photos;
pub use messages::t as words;
pub use queue::queued_photos;

/// The sheet.
pub const STYLES: &[&str] = &[include_str!("photos.css")];
