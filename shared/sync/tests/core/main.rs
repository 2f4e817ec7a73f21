//! The sync core's rules, each proven by a test that bears its name.

mod lane;
mod support;
