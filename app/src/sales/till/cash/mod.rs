//! Cash: what circulates, and counting it.

mod denominations;
mod tally;

pub use denominations::Denominations;
pub use tally::Tally;
