//! Node, and what npm brings: wasm-opt (Debian's binaryen is so old that it breaks the app silently) and Playwright.

use super::system::{self, Need};
use crate::fault::Fault;
use crate::places::{Places, on_path};
use crate::steps;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Playwright's oldest Node.
const OLDEST_NODE: u32 = 20;
/// Used where the system's Node is older, as Debian 12's is.
const OWN_NODE: &str = "24.21.0";
/// The version wasm-opt must say; Trunk.toml names the same.
const BINARYEN: &str = "132";

/// The installed packages of `e2e/package-lock.json`.
#[derive(Debug)]
pub struct Node {
    /// Playwright's command line.
    pub playwright: PathBuf,
    /// Prettier's.
    pub prettier: PathBuf,
    /// The TypeScript compiler's.
    pub typescript: PathBuf,
}

/// Makes sure that `node` and `npm` are on the path of [`Places::command`], and new enough.
pub fn node(places: &Places) -> Result<(), Fault> {
    system::ensure(places, &[Need::Node])?;
    if major(places).is_some_and(|major| major >= OLDEST_NODE) {
        return Ok(());
    }
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => return Err(Fault::Usage(format!("install Node {OLDEST_NODE} or later: there is no package of it for {other}"))),
    };
    let package = format!("node-linux-{arch}");
    let folder = places.tools().join("node");
    npm_install(places, &folder, &format!("{package}@{OWN_NODE}"))?;
    link(&folder.join("node_modules").join(package).join("bin"), &folder.join("bin"))?;
    match major(places) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        found => Err(Fault::Unexpected(format!("Node {OLDEST_NODE} or later is needed, found {found:?} after installing {OWN_NODE}"))),
    }
}

/// Installs wasm-opt.
pub fn wasm_opt(places: &Places) -> Result<(), Fault> {
    let says_version = || {
        let output = places.command(places.tool("wasm-opt")).arg("--version").output();
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).split_whitespace().any(|word| word == BINARYEN))
    };
    if says_version() {
        return Ok(());
    }
    let folder = places.tools().join("binaryen");
    npm_install(places, &folder, &format!("binaryen@{BINARYEN}.0.0"))?;
    link(&folder.join("node_modules/.bin/wasm-opt"), &places.tool("wasm-opt"))?;
    if says_version() { Ok(()) } else { Err(Fault::Unexpected(format!("wasm-opt does not say version {BINARYEN} after it was installed"))) }
}

/// Installs the packages of `e2e/package-lock.json` into the cache, and links them into `e2e/`.
pub fn locked(places: &Places) -> Result<Node, Fault> {
    node(places)?;
    let e2e = places.root.join("e2e");
    let lock = e2e.join("package-lock.json");
    let locked = std::fs::read(&lock).map_err(Fault::io("reading", &lock))?;
    let kept = places.cache.join("e2e");
    let folder = kept.join(crate::app::short_hash(&locked));
    if !folder.is_dir() {
        let unfinished = kept.join(format!(".{}", std::process::id()));
        std::fs::create_dir_all(&unfinished).map_err(Fault::io("creating", &unfinished))?;
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(e2e.join(file), unfinished.join(file)).map_err(Fault::io("copying", &e2e.join(file)))?;
        }
        let mut npm = places.command("npm");
        // The browser is Debian's: Playwright must not fetch its own.
        npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&unfinished).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        steps::must(places, "install Playwright and its kin", npm)?;
        std::fs::rename(&unfinished, &folder).map_err(Fault::io("naming", &folder))?;
    }
    let packages = folder.join("node_modules");
    link(&packages, &e2e.join("node_modules"))?;
    Ok(Node {
        playwright: packages.join("@playwright/test/cli.js"),
        prettier: packages.join("prettier/bin/prettier.cjs"),
        typescript: packages.join("typescript/bin/tsc"),
    })
}

fn npm_install(places: &Places, folder: &Path, package: &str) -> Result<(), Fault> {
    std::fs::create_dir_all(folder).map_err(Fault::io("creating", folder))?;
    let mut npm: Command = places.command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(folder).arg(package);
    steps::must(places, &format!("install {package}"), npm).map(|_| ())
}

fn major(places: &Places) -> Option<u32> {
    on_path(places, "node")?;
    let output = places.command("node").arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Makes `name` a symbolic link to `target`, whatever it was linked to before.
fn link(target: &Path, name: &Path) -> Result<(), Fault> {
    if std::fs::read_link(name).is_ok_and(|current| current == target) {
        return Ok(());
    }
    match std::fs::remove_file(name) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => return Err(Fault::io("replacing", name)(source)),
        _ => {}
    }
    std::os::unix::fs::symlink(target, name).map_err(Fault::io("linking", name))
}
