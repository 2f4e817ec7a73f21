//! What becomes of merged tickets: rulings, tables, events, takings, and what the office reads of them.

mod cloud_events;
mod events;
mod exceptions;
mod numbers;
mod office;
mod rebuild;
mod rulings;
mod scene;
mod takings;
mod till_sessions;
