//! Taking payment.

pub mod quick_amounts;
mod sheet;

pub use sheet::PaySheet;
