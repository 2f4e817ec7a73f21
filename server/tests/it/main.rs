//! The server against a real Postgres. One binary, so that one Postgres serves all of it; one file per subject.

#[cfg(test)]
mod demo;
#[cfg(test)]
mod northwind;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod support;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod sync_refusals;
#[cfg(test)]
mod tenancy;
