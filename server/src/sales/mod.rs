//! The books of selling: what becomes of merged tickets and till sessions, and which receipt numbers a device may give.
//!
//! Flow: sync merges a document and asks its settlement what to rule ([`ticket`], [`till_session`]); what stands is projected into tables and told
//! as events, all in the transaction of the merge. The tables hold nothing that the documents do not say, so they can be written again
//! ([`rebuild`]). Invariant: money in the books is the sum of the payments' facts. Absent on purpose: any way to change a sale here; resolving an exception
//! says what was found, and changes nothing of what was sold.

mod exception;
mod number_block;
mod office;
mod queries;
mod reading;
mod rebuild;
mod ticket;
mod till_session;

use crate::http::Routes;

pub use rebuild::{Rebuilt, Rewriting, rebuild};
pub use ticket::{AwaitedSessions, TicketSettlement};
pub use till_session::{AwaitedTickets, TillSessionSettlement};

/// `/api/v1/sales/…`
pub fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/sales/number-blocks", number_block::reserve)
        .get("/api/v1/sales/tickets", office::tickets)
        .get("/api/v1/sales/tickets/{document}", office::ticket)
        .get("/api/v1/sales/tills", office::tills)
        .get("/api/v1/sales/closings", office::closings)
        .get("/api/v1/sales/exceptions", office::exceptions)
        .post("/api/v1/sales/exceptions/{exception}/owner", office::assign)
        .post("/api/v1/sales/exceptions/{exception}/resolution", office::resolve)
}
