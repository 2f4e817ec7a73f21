//! What the tests stand on: a real Postgres with one fresh database per test, a clock that stands still until told, people who talk to the
//! server over HTTP, and tills that work offline.

mod client;
mod company;
mod database;
mod environment;
mod till;

pub use client::Client;
pub use company::Company;
pub use database::TestDatabase;
pub use till::Till;
