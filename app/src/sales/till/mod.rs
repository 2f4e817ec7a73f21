//! The till: everything a cashier sees.

pub mod cash;
pub mod pay;
