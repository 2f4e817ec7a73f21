//! The server against a real Postgres. One binary, so that one Postgres serves all of it; one file per subject.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it says")]

mod api_page;
mod assets;
mod audiences;
mod audit;
mod bad_input;
mod blobs;
mod books;
mod broker;
mod cli;
mod conditions;
mod demo;
mod devices;
mod every_route;
mod field_keys;
mod guard;
mod held;
mod histories;
mod import;
mod lan;
mod log;
mod migrations;
mod northwind;
mod openapi;
mod own_roles;
mod personal;
mod postgres;
mod records;
mod reference;
mod restored;
mod restored_devices;
mod retention;
mod revocation;
mod roles;
mod sessions;
mod support;
mod sync;
mod sync_kinds;
mod sync_rebuild;
mod sync_refusals;
mod sync_together;
mod tenancy;
