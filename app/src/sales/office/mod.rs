//! Sales in the office: the day's takings and tickets, as they arrive.
//!
//! The addresses and their answers are `holdfast_domain::sales::office` and `holdfast_domain::reporting`. Screens read, keep what they read
//! while reading anew, and change nothing here.

mod closings;
mod day_choice;
mod history;
mod messages;
mod takings_chart;
mod ticket;
mod ticket_table;
mod tickets;
mod tills;
mod today;

pub use messages::ruling;
pub use ticket::TicketPage;
pub use tickets::TicketsPage;
pub use today::TodayPage;

/// The screens' sheet.
pub const STYLES: &[&str] = &[include_str!("office.css")];
