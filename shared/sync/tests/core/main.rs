//! The sync core's rules, each proven by a test that bears its name.

mod cbor;
mod forge;
mod golden;
mod lane;
mod lies;
mod moves;
mod noise;
mod outbox;
mod outbox_file;
mod rebuild;
mod release;
mod restored;
mod rights;
mod support;
