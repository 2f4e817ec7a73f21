//! The server's program: built with a profile that compiles in a third of the time of `release` and runs nearly as fast.

use crate::fault::Fault;
use crate::install;
use crate::places::{Places, is_root};
use crate::steps;
use std::path::PathBuf;

/// Builds `holdfast`; the answer is the program.
pub fn build(places: &Places) -> Result<PathBuf, Fault> {
    let mut cargo = places.cargo();
    cargo.args(["build", "--package", "holdfast-server", "--bin", "holdfast", "--profile", "server", "--locked"]);
    steps::must(places, "build the server", cargo)?;
    Ok(target_folder(places)?.join("server").join("holdfast"))
}

/// Where `up` keeps its data unless told otherwise. Postgres does not run as root, so root's data must not lie below root's private home.
pub fn default_data() -> Result<PathBuf, Fault> {
    if is_root() {
        return Ok(PathBuf::from("/var/lib/holdfast"));
    }
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map(|folder| folder.join("holdfast"))
        .ok_or_else(|| Fault::Usage("say where the data lies with --data DIR: there is no HOME".to_owned()))
}

/// `cargo xtask seed`: hands its arguments to the server's own command.
pub fn seed(places: &Places, arguments: &[String]) -> Result<(), Fault> {
    install::for_server(places)?;
    let program = build(places)?;
    let mut seed = places.command(program);
    seed.arg("seed").args(arguments);
    if !arguments.iter().any(|argument| argument == "--data" || argument.starts_with("--data=")) {
        seed.arg("--data").arg(default_data()?);
    }
    let status = seed.status().map_err(|source| Fault::Io { doing: "running holdfast seed".to_owned(), source })?;
    if status.success() { Ok(()) } else { Err(Fault::Unexpected("holdfast seed failed".to_owned())) }
}

/// Cargo's folder of finished programs, wherever the user's configuration puts it.
pub fn target_folder(places: &Places) -> Result<PathBuf, Fault> {
    let output = places.cargo().args(["metadata", "--no-deps", "--format-version", "1", "--offline"]).output();
    let output = output.map_err(|source| Fault::Io { doing: "running cargo metadata".to_owned(), source })?;
    let metadata: Option<serde_json::Value> = serde_json::from_slice(&output.stdout).ok();
    let folder = metadata.as_ref().and_then(|metadata| metadata.get("target_directory")).and_then(serde_json::Value::as_str);
    folder.map(PathBuf::from).ok_or_else(|| Fault::Unexpected("cargo metadata does not say where finished programs lie".to_owned()))
}
