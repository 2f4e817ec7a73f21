//! Taking payment.

pub mod quick_amounts;
