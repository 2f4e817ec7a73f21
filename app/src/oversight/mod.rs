//! What needs the office: exceptions, what sync holds for a decision, and how the devices stand.
//!
//! The addresses and their answers are `holdfast_domain::sales::exceptions`, `::held` and `::identity`. Whatever changes something is asked for in one
//! dialog ([`acting`]), with a reason; the lists hear of it over the live line, like everybody else.

mod acting;
mod attention;
mod devices;
mod exceptions;
mod hand_in;
mod held;
mod messages;

pub use attention::AttentionPage;
pub use devices::DevicesPage;
pub use hand_in::HandInPage;

/// The screens' sheet.
pub const STYLES: &[&str] = &[include_str!("oversight.css")];
