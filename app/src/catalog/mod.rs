//! The catalogue in the office, beside what every resource has.

mod messages;
mod prices;
mod variants;

pub use prices::prices_of;
pub use variants::variants_of;

/// The screens' sheet.
pub const STYLES: &[&str] = &[include_str!("catalog.css")];
