//! The engine in a real browser: its database, its keys, its till. No server is needed for any of it.

#![cfg(target_arch = "wasm32")]

mod crypto;
mod feed;
mod people;
mod speed;
mod store;
mod support;
mod till;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
