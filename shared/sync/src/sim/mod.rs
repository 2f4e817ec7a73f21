//! The simulator: devices, a network and a server in memory, driven by a seed, checked against a model that calls none of our code.
//!
//! Behind the feature `sim`, so that the server's tests run the same histories against Postgres.

pub mod device;
pub mod tally;
