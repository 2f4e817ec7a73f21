//! Cash: what circulates, and counting it.

mod denominations;
mod entry;
mod tally;

pub use denominations::Denominations;
pub use entry::CashEntry;
pub use tally::Tally;
