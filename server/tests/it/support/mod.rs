//! What the tests stand on: a real Postgres with one fresh database per test, a clock that stands still until told, people who talk to the
//! server over HTTP, and tills that work offline.

mod actor;
mod companies;
mod company;
mod database;
pub mod described;
mod environment;
pub mod flood;
pub mod parking;
mod program;
mod server;

pub use actor::{Actor, Answer};
pub use companies::{DEPOT_TILL, HARBOUR, PASSWORD, QUARRY, QUARRY_TILL, SHOP, SHOP_TILL};
pub use company::{Company, FIRST_SITE, PASSWORD as COMPANY_PASSWORD};
pub use database::TestDatabase;
pub use described::as_described;
pub use holdfast_server::rehearsal::{Client, Response, Till};
pub use program::{Program, eventually};
pub use server::TestServer;
