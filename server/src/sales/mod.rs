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
use crate::openapi::About;

pub use rebuild::{Rebuilt, Rewriting, rebuild};
pub use ticket::{AwaitedSessions, TicketSettlement};
pub use till_session::{AwaitedTickets, TillSessionSettlement};

/// `/api/v1/sales/…`
pub fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/sales/number-blocks", number_block::reserve)
        .told(
            About::new("sales.number_block.reserve", "Reserves receipt numbers for a device")
                .statuses(&[200, 201])
                .refuses(&[(404, "till_unknown"), (404, "device_unknown")]),
        )
        .get("/api/v1/sales/tickets", office::tickets)
        .told(About::new("sales.ticket.list", "A day's tickets, newest first").refuses(&[(400, "limit_out_of_range"), (400, "cursor_malformed")]))
        .get("/api/v1/sales/tickets/{document}", office::ticket)
        .told(About::new("sales.ticket.read", "A ticket with its lines, payments and history").refuses(&[(404, "ticket_unknown")]))
        .get("/api/v1/sales/tills", office::tills)
        .told(About::new("sales.till.list", "The tills and how they stand"))
        .get("/api/v1/sales/closings", office::closings)
        .told(About::new("sales.closing.list", "The tills that were closed on a day, newest first"))
        .get("/api/v1/sales/exceptions", office::exceptions)
        .told(About::new("sales.exception.list", "What somebody has to look at").refuses(&[(400, "limit_out_of_range"), (400, "cursor_malformed")]))
        .post("/api/v1/sales/exceptions/{exception}/owner", office::assign)
        .told(About::new("sales.exception.assign", "Says who sees to an exception").refuses(&[
            (404, "exception_unknown"),
            (409, "exception_resolved"),
            (422, "owner_may_not"),
        ]))
        .post("/api/v1/sales/exceptions/{exception}/resolution", office::resolve)
        .told(About::new("sales.exception.resolve", "Resolves an exception, for good").refuses(&[
            (404, "exception_unknown"),
            (409, "exception_resolved"),
            (422, "reason_missing"),
        ]))
}
