//! What a till shows: its session, its tickets, what it sells.

use holdfast_domain::catalog::{Picture, Unit};
use holdfast_domain::kernel::{BlobRef, DocumentId, FactId, ProductId, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The till as it stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TillState {
    /// The open till session.
    pub session: Option<TillSessionView>,
    /// The open ticket.
    pub ticket: Option<TicketView>,
    /// What the last closing found, until the till opens again.
    pub closed: Option<ClosingView>,
}

/// An open till session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TillSessionView {
    /// The document.
    pub document: DocumentId,
    /// Since when.
    pub opened_at: Timestamp,
    /// By whom.
    pub opened_by: String,
    /// The float, in minor units.
    pub float_minor: i64,
    /// Cash taken, in minor units.
    pub cash_minor: i64,
    /// What should be in the drawer, in minor units.
    pub expected_minor: i64,
    /// Completed tickets.
    pub tickets: u32,
}

/// A closing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClosingView {
    /// The document.
    pub document: DocumentId,
    /// When.
    pub closed_at: Timestamp,
    /// What should have been there.
    pub expected_minor: i64,
    /// What was.
    pub counted_minor: i64,
    /// How many tickets the session had.
    pub tickets: u32,
    /// How many of them the server has not confirmed yet.
    pub unsent: u32,
    /// Photos of the count.
    #[serde(default)]
    pub photos: Vec<BlobRef>,
}

/// A ticket in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketView {
    /// The document.
    pub document: DocumentId,
    /// Its lines, in order of entry, without the removed.
    pub lines: Vec<LineView>,
    /// Sum, tax included, in minor units.
    pub total_minor: i64,
    /// Tax contained, per rate.
    pub taxes: Vec<TaxView>,
    /// How far it is.
    pub status: TicketStatus,
    /// The receipt's number, once completed.
    pub receipt_number: Option<String>,
    /// What was handed over.
    pub tendered_minor: Option<i64>,
    /// What was given back.
    pub change_minor: Option<i64>,
    /// Begun.
    pub opened_at: Timestamp,
    /// Completed.
    pub completed_at: Option<Timestamp>,
    /// Who served.
    pub by: String,
    /// How far it has come.
    pub progress: Progress,
    /// What the server ruled on it, as message keys.
    pub rulings: Vec<String>,
}

/// How far a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Being rung up.
    Open,
    /// Paid.
    Completed,
    /// Put away unsold.
    Abandoned,
}

/// How far what was done here has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Durable on this device.
    SavedHere,
    /// On its way; not confirmed yet.
    Sent,
    /// In the books.
    Accepted,
    /// Held, refused, or ruled against.
    NeedsAttention,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineView {
    /// The fact that added it.
    pub id: FactId,
    /// The product.
    pub product: ProductId,
    /// Its name at the time.
    pub name: String,
    /// What one of it is; none where the catalogue does not know it, or is being read.
    pub unit: Option<Unit>,
    /// How many.
    pub quantity: Decimal,
    /// Each, tax included, in minor units.
    pub unit_minor: i64,
    /// The line's sum, in minor units.
    pub gross_minor: i64,
    /// The tax rate in percent.
    pub tax_percent: Decimal,
}

/// The tax of one rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaxView {
    /// In percent.
    pub percent: Decimal,
    /// Tax included, in minor units.
    pub gross_minor: i64,
    /// The tax in it, in minor units.
    pub tax_minor: i64,
}

/// A ticket in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketRow {
    /// The document.
    pub document: DocumentId,
    /// The receipt's number.
    pub receipt_number: Option<String>,
    /// The till that rang it up.
    pub till_name: String,
    /// Completed, or begun.
    pub at: Timestamp,
    /// Who served.
    pub by: String,
    /// How many lines.
    pub lines: u32,
    /// In minor units.
    pub total_minor: i64,
    /// How far it is.
    pub status: TicketStatus,
    /// How far it has come.
    pub progress: Progress,
}

/// A page of found products.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProductsPage {
    /// At most as many as were wanted, after those skipped.
    pub products: Vec<ProductView>,
    /// How many were found in all.
    pub of: u32,
}

/// A product in the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProductView {
    /// The product.
    pub id: ProductId,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Tax included, in minor units; none where it has no price.
    pub price_minor: Option<i64>,
    /// What one of it is.
    pub unit: Unit,
    /// How its tile looks.
    pub picture: Picture,
    /// One of its barcodes.
    pub barcode: Option<String>,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryView {
    /// Its name.
    pub name: String,
    /// How many products.
    pub products: u32,
}

/// Which tickets a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketsOf {
    /// Those of this till's session, the open one too.
    Session,
    /// All completed ones of the site, whichever till rang them up.
    Site,
}
