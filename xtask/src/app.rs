//! Builds the app into the folder that the server serves.
//!
//! The folder is named after the build, and the build after everything it is made of, so that equal sources find each other's result:
//! ```text
//! <cache>/app/<build>/
//!   index.html             every page of the app                     served `no-cache`
//!   sw.js                  the service worker, scope /               served `no-cache`
//!   manifest.webmanifest                                             served `no-cache`
//!   <build>/…              scripts, wasm, styles, icons              immutable
//!   …each also as .br and .gz
//! ```
//! The page learns its build from `<meta name="holdfast-build">`; everything it loads, workers too, lies under `/<build>/`. So nothing of two builds
//! ever mixes, and no file needs a hash in its name (`filehash = false` in Trunk.toml).

mod arrange;
mod inputs;

use crate::fault::Fault;
use crate::install;
use crate::places::Places;
use crate::steps;
use std::path::{Path, PathBuf};

pub use inputs::short_hash;

/// How much the compiler is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// As shipped: small.
    Release,
    /// For the inner loop: quick to build, large, with the gallery.
    Dev,
}

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }
}

/// `cargo xtask app`: builds, and prints the folder on stdout.
pub fn print_folder(places: &Places, arguments: &[String]) -> Result<(), Fault> {
    let variant = match arguments {
        [] => Variant::Release,
        [flag] if flag == "--dev" => Variant::Dev,
        other => return Err(Fault::Usage(format!("app knows --dev only, not {other:?}"))),
    };
    println!("{}", build(places, variant)?.display());
    Ok(())
}

/// Builds the app where these sources were not built before; the answer is the folder to serve.
pub fn build(places: &Places, variant: Variant) -> Result<PathBuf, Fault> {
    let build = inputs::build_id(places, variant.name())?;
    let done = places.cache.join("app").join(&build);
    if done.is_dir() {
        steps::say(&format!("found            the app, build {build}"));
        return Ok(done);
    }
    install::for_app(places)?;
    let work = places.cache.join("app").join(format!(".{build}-{}", std::process::id()));
    let outcome = make(places, variant, &build, &work).and_then(|arranged| name_whole(&arranged, &done));
    if work.exists() {
        std::fs::remove_dir_all(&work).map_err(Fault::io("removing", &work))?;
    }
    outcome?;
    forget_old_builds(&places.cache.join("app"))?;
    Ok(done)
}

/// Makes the whole result below `work`; the answer is its folder.
fn make(places: &Places, variant: Variant, build: &str, work: &Path) -> Result<PathBuf, Fault> {
    let (bundled, arranged) = (work.join("trunk"), work.join("arranged"));
    bundle(places, variant, build, &bundled)?;
    if inputs::build_id(places, variant.name())? != build {
        return Err(Fault::Unexpected("the app's sources changed while it was built: run the command again".to_owned()));
    }
    arrange::arrange(places, build, &bundled, &arranged)?;
    compress(places, variant, &arranged)?;
    Ok(arranged)
}

/// Only a whole result gets the name; another process may have been quicker.
fn name_whole(arranged: &Path, done: &Path) -> Result<(), Fault> {
    match std::fs::rename(arranged, done) {
        Err(source) if !done.is_dir() => Err(Fault::io("renaming", arranged)(source)),
        _ => Ok(()),
    }
}

fn bundle(places: &Places, variant: Variant, build: &str, into: &Path) -> Result<(), Fault> {
    std::fs::create_dir_all(into).map_err(Fault::io("creating", into))?;
    let mut trunk = places.command(places.tool("trunk"));
    trunk.args(["build", "--config"]).arg(places.root.join("Trunk.toml"));
    trunk.args(["--public-url", &format!("/{build}/"), "--dist"]).arg(into);
    if variant == Variant::Release {
        trunk.args(["--release", "--cargo-profile", "wasm-release"]);
    }
    // Trunk takes NO_COLOR for a switch with a value.
    trunk.env_remove("NO_COLOR");
    steps::must(places, &format!("build the app ({})", variant.name()), trunk).map(|_| ())
}

/// Makes the `.br` and `.gz` beside each file. Node's zlib does it, because brotli's best quality takes minutes in an unoptimised xtask.
fn compress(places: &Places, variant: Variant, folder: &Path) -> Result<(), Fault> {
    let quality = if variant == Variant::Release { "11" } else { "4" };
    let mut node = places.command("node");
    node.args(["--input-type=module", "--eval", include_str!("app/compress.mjs"), "--"]).arg(folder).arg(quality);
    steps::must(places, "compress it", node).map(|_| ())
}

/// Keeps the newest builds only: each is a few megabytes.
fn forget_old_builds(folder: &Path) -> Result<(), Fault> {
    const KEPT: usize = 12;
    let entries = std::fs::read_dir(folder).map_err(Fault::io("reading", folder))?;
    let mut builds: Vec<_> = entries
        .flatten()
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    builds.sort();
    let excess = builds.len().saturating_sub(KEPT);
    builds.into_iter().take(excess).try_for_each(|(_, old)| std::fs::remove_dir_all(&old).map_err(Fault::io("removing", &old)))
}
