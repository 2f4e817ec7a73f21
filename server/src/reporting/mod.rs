//! What the company sees of itself: totals, kept from events.
//!
//! [`KeptTakings`] hears of orders and payments and keeps takings per till and local hour. Nothing here reads another module's tables, so what is
//! shown is what was told.

mod office;
mod queries;
mod takings;

use crate::http::Routes;
use crate::openapi::About;

pub use takings::KeptTakings;

/// `/api/v1/reporting/…`
pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/reporting/takings", office::takings)
        .told(About::new("reporting.takings.read", "A day's takings by site, till and hour"))
}
