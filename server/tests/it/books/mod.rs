//! What becomes of merged tickets: rulings, tables, events, takings, and what the office reads of them.

mod catalogue;
mod cloud_events;
mod events;
mod exceptions;
mod listed;
mod numbers;
mod office;
mod parked;
mod rebuild;
mod rulings;
pub mod scene;
mod takings;
mod taxes;
mod till_sessions;
