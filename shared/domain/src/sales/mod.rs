//! Selling: tills and till sessions, tickets, receipt numbers.
//!
//! Flow: a till session is opened with a counted float; each customer is a ticket (a document) whose lines, payment and completion
//! are facts; the session is closed with a count. Prices and tax rates travel with the row and version they were taken from, so that the
//! server can judge them later; what it finds becomes a ruling on the ticket, never a change of it.
//! Absent on purpose: stored totals, a stored status. Both are computed from the facts, wherever they are needed.

mod customer;
mod events;
pub mod exceptions;
pub mod office;
mod receipt;
pub mod ticket;
mod till;
pub mod till_session;

use crate::identity::Permission;

pub use customer::{Customer, CustomerGroup};
pub use events::{Channel, Fulfilment, OrderCreated, OrderLine, OrderTax, PaymentReceived, TillClosed, TillOpened};
pub use receipt::{BlockRequest, ReceiptBlock, ReceiptNumber};
pub use till::Till;

/// What `Principal::System` calls this module.
pub const SYSTEM_NAME: &str = "sales";

/// Ring up, take payment, abandon.
pub static SELL: Permission = Permission::new("sales.ticket.sell");
/// See the site's tickets, till sessions and takings in the office.
pub static READ: Permission = Permission::new("sales.ticket.read");
/// Open a till session.
pub static OPEN_TILL: Permission = Permission::new("sales.till_session.open");
/// Close a till session.
pub static CLOSE_TILL: Permission = Permission::new("sales.till_session.close");

/// See to what the rulings leave for the office: take it on, resolve it.
pub static RESOLVE: Permission = Permission::new("sales.exception.resolve");

/// What roles can be given here.
pub static PERMISSIONS: &[&Permission] = &[&SELL, &READ, &OPEN_TILL, &CLOSE_TILL, &RESOLVE];
