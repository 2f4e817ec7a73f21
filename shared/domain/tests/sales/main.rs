//! Tickets and till sessions: their rules, their sums, and the bytes that are frozen.

#[cfg(test)]
mod breaks;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod totals;
