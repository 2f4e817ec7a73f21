//! `cargo xtask sqlx`: writes the description of the database that the SQL is compiled against (`.sqlx`), from the migrations alone.

use crate::fault::Fault;
use crate::install;
use crate::places::Places;
use crate::postgres::ThrowAway;
use crate::steps;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Rewrites `.sqlx`; with `--check`, fails where it is not what the migrations and the queries yield.
pub fn sqlx(places: &Places, arguments: &[String]) -> Result<(), Fault> {
    let check = match arguments {
        [] => false,
        [flag] if flag == "--check" => true,
        other => return Err(Fault::Usage(format!("sqlx knows --check only, not {other:?}"))),
    };
    install::for_server(places)?;
    let fresh = places.cache.join(format!("sqlx-{}", std::process::id()));
    std::fs::create_dir(&fresh).map_err(Fault::io("creating", &fresh))?;
    let outcome = describe(places, &fresh).and_then(|()| if check { compare(places, &fresh) } else { replace(places, &fresh) });
    std::fs::remove_dir_all(&fresh).map_err(Fault::io("removing", &fresh))?;
    outcome
}

/// Compiles the server against a database made of the migrations; the macros leave a file per query in `into`.
fn describe(places: &Places, into: &Path) -> Result<(), Fault> {
    let database = ThrowAway::start(places)?;
    database.migrate(&places.root.join("migrations"))?;
    touch_sources(&places.root.join("server"))?;
    let mut cargo = places.cargo();
    cargo.args(["check", "--package", "holdfast-server", "--all-targets"]);
    cargo.env("DATABASE_URL", database.owner_url()).env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", into);
    steps::must(places, "compile the SQL against it", cargo).map(|_| ())
}

/// The macros run only where cargo believes that a target changed.
fn touch_sources(server: &Path) -> Result<(), Fault> {
    let tests = std::fs::read_dir(server.join("tests")).into_iter().flatten().flatten().map(|entry| entry.path());
    let roots = [server.join("src/lib.rs"), server.join("src/main.rs")].into_iter().chain(tests.filter(|path| path.is_file()));
    roots.into_iter().try_for_each(|file| {
        let opened = std::fs::File::options().append(true).open(&file).map_err(Fault::io("opening", &file))?;
        opened.set_modified(std::time::SystemTime::now()).map_err(Fault::io("touching", &file))
    })
}

fn replace(places: &Places, fresh: &Path) -> Result<(), Fault> {
    let kept = places.root.join(".sqlx");
    let (new, old) = (queries(fresh)?, queries(&kept)?);
    std::fs::create_dir_all(&kept).map_err(Fault::io("creating", &kept))?;
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        let stale = kept.join(name);
        std::fs::remove_file(&stale).map_err(Fault::io("removing", &stale))?;
    }
    for (name, bytes) in new.iter().filter(|(name, bytes)| old.get(*name) != Some(bytes)) {
        let file = kept.join(name);
        std::fs::write(&file, bytes).map_err(Fault::io("writing", &file))?;
    }
    steps::say(&format!("{} queries described in .sqlx", new.len()));
    Ok(())
}

fn compare(places: &Places, fresh: &Path) -> Result<(), Fault> {
    if queries(fresh)? == queries(&places.root.join(".sqlx"))? {
        return Ok(());
    }
    Err(Fault::Unexpected(".sqlx is not what the migrations and the queries yield: run cargo xtask sqlx and commit it".to_owned()))
}

fn queries(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, Fault> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let files = entries.filter(|path| path.extension().is_some_and(|end| end == "json"));
    files.map(|path| Ok((PathBuf::from(path.file_name().unwrap_or_default()), std::fs::read(&path).map_err(Fault::io("reading", &path))?))).collect()
}
