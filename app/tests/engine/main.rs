//! The engine in a real browser: its database, its keys, its till. No server is needed for any of it.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod blobs;
mod crypto;
mod feed;
mod leave;
mod outbox_file;
mod people;
mod personal;
mod queue;
mod rebuild;
mod restored;
mod speed;
mod store;
mod support;
mod till;
mod tries;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
