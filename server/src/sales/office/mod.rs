//! What the office reads of sales. Every transaction here sees only the sites at which the account may read, so a ticket elsewhere is not there.

mod closings;
mod exception_queries;
mod exceptions;
mod names;
mod queries;
mod ticket;
mod tickets;
mod tills;

pub(super) use closings::closings;
pub(super) use exceptions::{assign, exceptions, resolve};
pub(super) use ticket::ticket;
pub(super) use tickets::tickets;
pub(super) use tills::tills;
