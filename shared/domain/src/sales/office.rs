//! What the office reads of sales over HTTP. Needs [`super::READ`]; only sites of the account's are told.
//!
//! - `GET /api/v1/sales/tickets?day=2026-11-20&till=<id>&after=<cursor>&limit=50` → [`TicketsPage`], newest first. `till`, `after` and `limit`
//!   (1 to 200, 50 by default) may be left out. The day is that of each ticket's own site.
//! - `GET /api/v1/sales/tickets/<document>` → [`TicketDetail`]
//! - `GET /api/v1/sales/tills` → [`TillsOverview`]
//! - `GET /api/v1/sales/closings?day=2026-11-20` → [`Closings`], newest first, up to 200
//!
//! Problems: `not_signed_in` (401), `permission_missing` (403), `ticket_unknown` (404, also for another tenant's or site's), `invalid_query`,
//! `limit_out_of_range`, `cursor_malformed` (400).

use super::ticket::{Payment, TicketFact, TicketRuling, TicketStatus};
use crate::catalog::Unit;
use crate::kernel::{BlobRef, Day, DocumentId, FactId, IntentId, Money, ProductId, Quantity, Rate, SiteId, TillId, Timestamp};
use serde::{Deserialize, Serialize};

/// The tills that were closed on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Closings {
    /// The day that was asked for.
    pub day: Day,
    /// Newest first.
    pub closings: Vec<ClosingInList>,
}

/// A closing count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClosingInList {
    /// The till session.
    pub document: DocumentId,
    /// The site's name.
    pub site_name: String,
    /// IANA name of the site's time zone.
    pub time_zone: String,
    /// The till's name.
    pub till_name: String,
    /// The name of who had opened it.
    pub opened_by: String,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// What should have been in the drawer, as the device reckoned.
    pub expected: Money,
    /// What was counted.
    pub counted: Money,
    /// How many tickets the device knew.
    pub tickets: u32,
    /// Photos of the count.
    pub photos: Vec<BlobRef>,
}

/// A page of a day's tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketsPage {
    /// The day that was asked for.
    pub day: Day,
    /// Newest first.
    pub tickets: Vec<TicketInList>,
    /// For `after`, where there are more.
    pub next: Option<String>,
}

/// A ticket in the office's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketInList {
    /// The ticket.
    pub document: DocumentId,
    /// How far it is.
    pub status: TicketStatus,
    /// The receipt's number as printed, once completed.
    pub receipt: Option<String>,
    /// The site.
    pub site: SiteId,
    /// Its name.
    pub site_name: String,
    /// IANA name of the site's time zone.
    pub time_zone: String,
    /// The till.
    pub till: TillId,
    /// Its name.
    pub till_name: String,
    /// Completed or put away; begun, while it is open.
    pub at: Timestamp,
    /// The name of who served.
    pub by: String,
    /// How many lines stand.
    pub lines: u32,
    /// To pay, tax included.
    pub total: Money,
    /// Stable codes of the rulings on it, without repeats; empty where all is well.
    pub rulings: Vec<String>,
    /// How many of its envelopes are held for a decision.
    pub held: u32,
}

impl TicketInList {
    /// Whether a person in the office should look at it.
    pub fn needs_attention(&self) -> bool {
        self.held > 0 || !self.rulings.is_empty()
    }
}

/// One ticket in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketDetail {
    /// As the list has it.
    pub ticket: TicketInList,
    /// The till session it belongs to.
    pub till_session: DocumentId,
    /// In the order they were rung up, the removed too.
    pub lines: Vec<TicketLine>,
    /// The tax contained, per rate.
    pub taxes: Vec<TicketTax>,
    /// What was paid.
    pub payments: Vec<TicketPayment>,
    /// What the server found, oldest first.
    pub rulings: Vec<TicketFinding>,
    /// Intent by intent, in effective order; the held and the refused too.
    pub history: Vec<TicketAct>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketLine {
    /// The fact that added it.
    pub id: FactId,
    /// The product.
    pub product: ProductId,
    /// Its name, as printed.
    pub name: String,
    /// What one of it is; none where the product is not known any more.
    pub unit: Option<Unit>,
    /// How many, after all changes.
    pub quantity: Quantity,
    /// Each, tax included.
    pub unit_price: Money,
    /// The line's sum, tax included.
    pub gross: Money,
    /// The tax in it.
    pub tax_rate: Rate,
    /// Whether it was taken off.
    pub removed: bool,
}

/// The tax of one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketTax {
    /// The rate.
    pub rate: Rate,
    /// Tax included.
    pub gross: Money,
    /// The tax in it.
    pub tax: Money,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketPayment {
    /// The fact.
    pub id: FactId,
    /// Effective time.
    pub at: Timestamp,
    /// How much, and how.
    pub payment: Payment,
}

/// A ruling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketFinding {
    /// When.
    pub at: Timestamp,
    /// Its stable code, as in lists.
    pub code: String,
    /// What was found.
    pub ruling: TicketRuling,
}

/// An intent in the ticket's history: who, on which device, when, what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketAct {
    /// The intent.
    pub intent: IntentId,
    /// Its name, such as `sales.ticket.add_line`.
    pub name: String,
    /// Who: a person's name; for the server's own acts the module's name.
    pub by: String,
    /// Whether the server itself acted.
    pub by_system: bool,
    /// The device's name; none for the server's own acts.
    pub device: Option<String>,
    /// Its number in the device's chain.
    pub device_seq: Option<u64>,
    /// Effective time.
    pub at: Timestamp,
    /// When it reached the server.
    pub arrived_at: Timestamp,
    /// What became of it.
    pub outcome: ActOutcome,
    /// What it did: its facts, from the merged change. Empty where it is merged nowhere.
    pub facts: Vec<TicketFact>,
}

/// What became of an intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ActOutcome {
    /// Merged.
    Accepted {
        /// Feed position.
        position: u64,
    },
    /// Kept for a decision.
    Held {
        /// Stable code.
        code: String,
    },
    /// Never merged.
    Refused {
        /// Stable code.
        code: String,
    },
}

/// The tills and how they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TillsOverview {
    /// By site, then name.
    pub tills: Vec<TillStanding>,
}

/// A till, now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TillStanding {
    /// The till.
    pub till: TillId,
    /// Its name.
    pub name: String,
    /// The site.
    pub site: SiteId,
    /// Its name.
    pub site_name: String,
    /// IANA name of the site's time zone.
    pub time_zone: String,
    /// The open till session, as far as the server knows.
    pub session: Option<OpenTillSession>,
    /// When a device of the till last pulled, pushed or listened, to the minute.
    pub last_contact: Option<Timestamp>,
    /// The site's day that the counts are of.
    pub today: Day,
    /// Completed tickets today.
    pub tickets: u32,
    /// Their sum; none where nothing was sold yet.
    pub takings: Option<Money>,
}

/// An open till session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenTillSession {
    /// The document.
    pub document: DocumentId,
    /// Since when.
    pub opened_at: Timestamp,
    /// By whom.
    pub opened_by: String,
    /// The counted float.
    pub float: Money,
}
