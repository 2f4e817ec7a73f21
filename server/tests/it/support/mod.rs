//! What the tests stand on: a real Postgres with one fresh database per test, and a clock that stands still until told.

mod database;
mod environment;

pub use database::TestDatabase;
