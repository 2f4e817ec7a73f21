//! The only door to tenant tables.
//!
//! A [`Database`] keeps its pools to itself. It hands out [`TenantTx`], a transaction that has already bound `app.tid`, `app.account` and
//! `app.sites`; row-level security, enabled and forced on every tenant table, shows it that tenant's rows at those sites and no others, and
//! the role it runs under owns nothing and cannot bypass it. A tenant transaction cannot be pointed at a second tenant.
//! [`BeforeTenant`] is the same role with no tenant bound: no tenant table shows it a row.
//!
//! A new tenant table is `create table …` with `tid` leading its key, then `call tenant_table('…')`.

mod database;
mod instant;
mod migrations;
mod queries;
mod transaction;

pub use database::{Connections, Database, PATIENCE};
pub use instant::{from_stored, from_stored_day, to_stored, to_stored_day};
pub use transaction::{BeforeTenant, Cause, Done, Sites, TenantScope, TenantTx};
