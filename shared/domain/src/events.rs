//! Events as integrators read them.
//!
//! `GET /api/v1/events?after=<sequence>&limit=100` answers `application/cloudevents-batch+json`: CloudEvents 1.0 in the order in which they were
//! published, from the one after `after` (the `sequence` of the last that was read), 1 to 500 of them, 100 by default. An empty batch means that there is
//! nothing more now. The bodies' JSON Schemas lie in `docs/events`. Needs [`READ`] everywhere.
//!
//! Problems: `not_signed_in` (401), `permission_missing` (403), `invalid_query`, `limit_out_of_range`, `cursor_malformed` (400).

use crate::identity::Permission;

/// Read all that the company publishes, of all its sites.
pub static READ: Permission = Permission::new("events.event.read");
