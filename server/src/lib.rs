//! The Holdfast server: verifies what devices send, merges it, projects it into tables that no other tenant sees, and tells who must know.

pub mod audit;
mod bench;
pub mod blobs;
pub mod catalog;
pub mod cli;
pub mod demo;
pub mod environment;
pub mod events;
pub mod failure;
pub mod field_keys;
pub mod files;
pub mod http;
pub mod identity;
mod lan;
pub mod metrics;
pub mod openapi;
pub mod postgres;
pub mod presence;
mod processor;
pub mod records;
pub mod reference;
pub mod rehearsal;
pub mod reporting;
pub mod sales;
pub mod sync;
pub mod tenancy;

use events::Consumer;
use http::App;
use std::sync::Arc;
use sync::Settlements;

/// What each module does with its documents: one line per kind.
pub static SETTLEMENTS: Settlements = Settlements(&[&sales::TillSessionSettlement, &sales::TicketSettlement]);

/// What each module does beside when one of its records is written: one line per kind that needs it.
pub static EFFECTS: &[&dyn records::Effect] =
    &[&catalog::Products, &catalog::Categories, &catalog::TaxRates, &catalog::TaxChanges, &catalog::PriceLists, &catalog::PriceListLines];

/// Who hears of events: one line per consumer.
pub fn consumers(app: &App) -> Vec<Arc<dyn Consumer>> {
    vec![Arc::new(reporting::KeptTakings), Arc::new(sales::AwaitedTickets::new(app.clone())), Arc::new(sales::AwaitedSessions::new(app.clone()))]
}
