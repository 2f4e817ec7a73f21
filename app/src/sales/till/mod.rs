//! The till: everything a cashier sees.
//!
//! A frame holds the head, the scanner and the till's state; within it stand the sale, the session's tickets, one ticket, and the closing. While
//! the till is not open, the frame shows the opening instead. Screens hold no rule: they ask the engine and show its answer, and what it refuses
//! is said in words. Keys, scans and amounts are read by pure functions beside the screens that use them.
//! Absent on purpose: prices, totals and taxes worked out here. They come from the engine, which takes them from the ticket's facts.

mod acts;
mod cash;
mod close;
mod closed;
mod frame;
mod messages;
mod open;
mod pay;
mod print;
mod receipt;
mod sale;
mod store;
mod ticket;
mod tickets;

pub use close::CloseScreen;
pub use frame::TillFrame;
pub use sale::SaleScreen;
pub use ticket::TicketScreen;
pub use tickets::TicketsScreen;

/// The till's own style sheets.
pub const STYLES: &[&str] = &[
    include_str!("till.css"),
    include_str!("sale/sale.css"),
    include_str!("pay/pay.css"),
    include_str!("cash/cash.css"),
    include_str!("receipt.css"),
];
