//! Build tools that cargo compiles into the cache, at the versions the project is known to work with.

use crate::fault::Fault;
use crate::places::Places;
use crate::steps;
use std::process::Stdio;

/// A tool of a certain version.
#[derive(Debug)]
pub struct Tool {
    package: &'static str,
    version: &'static str,
    program: &'static str,
    flags: &'static [&'static str],
}

/// Bundles the app. It declares a newer compiler than it needs, and its default features bring OpenSSL.
pub const TRUNK: Tool = Tool {
    package: "trunk",
    version: "0.22.1",
    program: "trunk",
    flags: &["--locked", "--ignore-rust-version", "--no-default-features", "--features", "rustls"],
};

/// Must be the version of the `wasm-bindgen` crate in Cargo.lock; brings the test runner too. Its own lock file does not resolve, hence no `--locked`.
pub const WASM_BINDGEN: Tool = Tool { package: "wasm-bindgen-cli", version: "0.2.130", program: "wasm-bindgen", flags: &[] };

/// Checks licences, sources and bans of the dependencies.
pub const CARGO_DENY: Tool = Tool { package: "cargo-deny", version: "0.20.2", program: "cargo-deny", flags: &["--locked"] };

/// Installs the tool where it is missing or of another version.
pub fn install(places: &Places, tool: &Tool) -> Result<(), Fault> {
    if is_installed(places, tool) {
        return Ok(());
    }
    let mut cargo = places.command("cargo");
    cargo.args(["install", tool.package, "--version", tool.version, "--force", "--root"]).arg(places.tools()).args(tool.flags);
    // Tools run for seconds and compile for minutes: compile them fast.
    cargo.env("CARGO_TARGET_DIR", places.tools().join("build"));
    cargo.env("CARGO_BUILD_BUILD_DIR", places.tools().join("build"));
    cargo.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    steps::must(places, &format!("install {} {} (minutes, once)", tool.package, tool.version), cargo)?;
    if is_installed(places, tool) {
        return Ok(());
    }
    Err(Fault::Unexpected(format!("{} does not run in version {} after it was installed", tool.program, tool.version)))
}

/// Adds the target that the app is compiled to.
pub fn wasm_target(places: &Places) -> Result<(), Fault> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let sysroot = places.command("rustc").args(["--print", "sysroot"]).output();
    let sysroot = sysroot.map_err(|source| Fault::Io { doing: "running rustc".to_owned(), source })?;
    let sysroot = String::from_utf8_lossy(&sysroot.stdout).trim().to_owned();
    if std::path::Path::new(&sysroot).join("lib/rustlib").join(TARGET).join("lib").is_dir() {
        return Ok(());
    }
    let mut rustup = places.command("rustup");
    rustup.args(["target", "add", TARGET]);
    steps::must(places, &format!("add the target {TARGET}"), rustup).map(|_| ())
}

fn is_installed(places: &Places, tool: &Tool) -> bool {
    let program = places.tool(tool.program);
    let output = places.command(program).arg("--version").stderr(Stdio::null()).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).split_whitespace().any(|word| word == tool.version))
}
