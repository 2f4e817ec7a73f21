//! The schema's steps, compiled in.

/// All migrations, in order.
pub(super) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");
