//! What needs the office: exceptions, what sync holds for a decision, how the devices stand, who may do what, and events that a part of the server could not work through.
//!
//! The addresses and their answers are `holdfast_domain::sales::exceptions`, `::held`, `::identity` and `::events`. Whatever changes something is asked for in one
//! dialog ([`acting`]), with a reason; the lists hear of it over the live line, like everybody else.

mod acting;
mod attention;
mod devices;
mod events;
mod exceptions;
mod hand_in;
mod held;
mod messages;
mod people;
mod roles;

pub use attention::AttentionPage;
pub use devices::DevicesPage;
pub use events::EventsPage;
pub use hand_in::HandInPage;
pub use messages::act as intent_in_words;
pub use people::PeoplePage;
pub use roles::RolesPage;

/// The screens' sheet.
pub const STYLES: &[&str] = &[include_str!("oversight.css")];
