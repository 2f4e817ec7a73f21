//! What the tests stand on: a real Postgres with one fresh database per test, a clock that stands still until told, people who talk to the
//! server over HTTP, and tills that work offline.

mod company;
mod database;
mod environment;

pub use company::Company;
pub use database::TestDatabase;
pub use holdfast_server::rehearsal::{Client, Till};
