//! What the company sees of itself: totals, kept from events.
//!
//! [`KeptTakings`] hears of orders and payments and keeps takings per till and local hour. Nothing here reads another module's tables, so what is
//! shown is what was told.

mod queries;
mod takings;

pub use takings::KeptTakings;
