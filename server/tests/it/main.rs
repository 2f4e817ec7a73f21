//! The server against a real Postgres. One binary, so that one Postgres serves all of it; one file per subject.

mod demo;
mod northwind;
mod postgres;
mod reference;
mod support;
mod sync;
mod sync_refusals;
mod tenancy;
