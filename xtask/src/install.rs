//! Installs what is missing, and only that: system packages with apt, build tools with cargo and npm into the cache.

mod cargo_tools;
mod node_packages;
mod python_packages;
mod system;

use crate::fault::Fault;
use crate::places::Places;

pub use node_packages::Node;
pub use system::Need;

/// What building the app needs: the wasm target, Trunk, the matching wasm-bindgen, wasm-opt, Node.
pub fn for_app(places: &Places) -> Result<(), Fault> {
    node_packages::node(places)?;
    cargo_tools::wasm_target(places)?;
    node_packages::wasm_opt(places)?;
    cargo_tools::install(places, &cargo_tools::WASM_BINDGEN)?;
    cargo_tools::install(places, &cargo_tools::TRUNK)
}

/// What running the server needs.
pub fn for_server(places: &Places) -> Result<(), Fault> {
    system::ensure(places, &[Need::Postgres])
}

/// What testing and measuring the server needs.
pub fn for_server_tests(places: &Places) -> Result<(), Fault> {
    system::ensure(places, &[Need::Postgres, Need::RabbitMq, Need::Curl])
}

/// What the checks need that compile nothing.
pub fn for_lint(places: &Places) -> Result<(), Fault> {
    cargo_tools::wasm_target(places)?;
    cargo_tools::install(places, &cargo_tools::CARGO_DENY)
}

/// What testing in a browser needs, without a server.
pub fn for_wasm_tests(places: &Places) -> Result<(), Fault> {
    system::ensure(places, &[Need::Chromium, Need::Chromedriver])?;
    cargo_tools::wasm_target(places)?;
    cargo_tools::install(places, &cargo_tools::WASM_BINDGEN)
}

/// What the end-to-end tests need.
pub fn for_e2e(places: &Places) -> Result<Node, Fault> {
    system::ensure(places, &[Need::Postgres, Need::Chromium])?;
    node_packages::locked(places)
}

/// What trying the API needs; the answer is Schemathesis.
pub fn for_api_tests(places: &Places) -> Result<std::path::PathBuf, Fault> {
    system::ensure(places, &[Need::Postgres, Need::Python])?;
    python_packages::schemathesis(places)
}

/// What checks the scripts: the same packages, without a browser.
pub fn for_scripts(places: &Places) -> Result<Node, Fault> {
    node_packages::locked(places)
}

/// All system packages that `up` needs, in one call of the installer: who must ask someone for them, asks once.
pub fn packages_for_up(places: &Places) -> Result<(), Fault> {
    system::ensure(places, &[Need::Postgres, Need::Node])
}

/// All system packages that `test` needs, likewise.
pub fn packages_for_test(places: &Places) -> Result<(), Fault> {
    system::ensure(places, &[Need::Postgres, Need::RabbitMq, Need::Node, Need::Chromium, Need::Chromedriver, Need::Python, Need::Curl])
}

/// Everything.
pub fn everything(places: &Places) -> Result<(), Fault> {
    packages_for_test(places)?;
    for_app(places)?;
    for_lint(places)?;
    for_e2e(places)?;
    for_api_tests(places).map(|_| ())
}
