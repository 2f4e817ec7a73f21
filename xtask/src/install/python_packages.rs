//! What PyPI brings: Schemathesis, which tries the API, in an environment of its own.

use super::system::{self, Need};
use crate::fault::Fault;
use crate::places::Places;
use crate::steps;
use std::path::PathBuf;

/// Schemathesis and all it needs, at the versions that the project is known to work with: `pip freeze` of an environment that has it.
const PACKAGES: &str = include_str!("python_packages.txt");

/// Installs Schemathesis; the answer is its program.
pub fn schemathesis(places: &Places) -> Result<PathBuf, Fault> {
    system::ensure(places, &[Need::Python])?;
    let folder = places.tools().join("schemathesis");
    let (program, installed) = (folder.join("bin/schemathesis"), folder.join("packages.txt"));
    let is_installed = || program.is_file() && std::fs::read_to_string(&installed).is_ok_and(|packages| packages == PACKAGES);
    if is_installed() {
        return Ok(program);
    }
    let mut environment = places.command("python3");
    environment.args(["-m", "venv", "--clear"]).arg(&folder);
    steps::must(places, "make a place for Python's packages", environment)?;
    let wanted = folder.join("wanted.txt");
    std::fs::write(&wanted, PACKAGES).map_err(Fault::io("writing", &wanted))?;
    let mut pip = places.command(folder.join("bin/pip"));
    pip.args(["install", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:", "--requirement"]).arg(&wanted);
    steps::must(places, "install Schemathesis", pip)?;
    // Renamed last: what broke off before is done again.
    std::fs::rename(&wanted, &installed).map_err(Fault::io("renaming", &wanted))?;
    if is_installed() { Ok(program) } else { Err(Fault::Unexpected("Schemathesis is not there after it was installed".to_owned())) }
}
