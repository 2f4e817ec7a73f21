//! Tickets and till sessions: their rules, their sums, and the bytes that are frozen.

mod golden;
mod rules;
mod scene;
mod totals;
