//! Lays what Trunk made, and `public/`, out as the server serves it, and writes the service worker's list of files.

use super::inputs::files_below;
use crate::fault::Fault;
use crate::places::Places;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Stands for the build's name in `index.html`, `sw.js` and the manifest.
const BUILD: &str = "__HOLDFAST_BUILD__";
/// Stands for the list of files in `sw.js`.
const FILES: &str = "\"__HOLDFAST_FILES__\"";
/// What of `public/` lies at the root, because its address must never change; all else lies under the build.
const AT_ROOT: &[&str] = &["sw.js", "manifest.webmanifest"];

/// Fills `into` from Trunk's result and `public/`.
pub fn arrange(places: &Places, build: &str, bundled: &Path, into: &Path) -> Result<(), Fault> {
    let below = into.join(build);
    let public = places.root.join("public");
    for file in files_below(bundled)? {
        let name = file.strip_prefix(bundled).unwrap_or(&file);
        let is_trunks_own = name.to_string_lossy().starts_with('.');
        if name != Path::new("index.html") && !is_trunks_own {
            copy(&file, &below.join(name))?;
        }
    }
    for file in files_below(&public)? {
        let name = file.strip_prefix(&public).unwrap_or(&file);
        if !AT_ROOT.iter().any(|root| name == Path::new(root)) {
            copy(&file, &below.join(name))?;
        }
    }
    let page = read(&bundled.join("index.html"))?.replace(BUILD, build);
    refuse_inline_script(&page)?;
    write(&into.join("index.html"), &page)?;
    write(&into.join("manifest.webmanifest"), &read(&public.join("manifest.webmanifest"))?.replace(BUILD, build))?;
    let list = precache_list(build, into)?;
    let worker = read(&public.join("sw.js"))?;
    for placeholder in [BUILD, FILES] {
        if !worker.contains(placeholder) {
            return Err(Fault::Unexpected(format!("public/sw.js lacks {placeholder}")));
        }
    }
    write(&into.join("sw.js"), &worker.replace(BUILD, build).replace(FILES, &list))
}

/// The address and the hash of every file that the app needs without a network. The page itself is asked for as `/`.
fn precache_list(build: &str, folder: &Path) -> Result<String, Fault> {
    let mut list = vec![entry("/", &folder.join("index.html"))?, entry("/manifest.webmanifest", &folder.join("manifest.webmanifest"))?];
    for file in files_below(&folder.join(build))? {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().into_owned();
        list.push(entry(&format!("/{name}"), &file)?);
    }
    serde_json::to_string_pretty(&list).map_err(|error| Fault::Unexpected(format!("the list of files is no JSON: {error}")))
}

fn entry(address: &str, file: &Path) -> Result<serde_json::Value, Fault> {
    let bytes = std::fs::read(file).map_err(Fault::io("reading", file))?;
    let integrity = format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(&bytes)));
    Ok(serde_json::json!({ "url": address, "integrity": integrity }))
}

/// The server's Content-Security-Policy forbids inline script; a page that holds some would be a blank one in the browser only.
fn refuse_inline_script(page: &str) -> Result<(), Fault> {
    let inline = page.split("<script").skip(1).find(|rest| !rest.split('>').next().unwrap_or_default().contains("src="));
    match inline {
        None => Ok(()),
        Some(rest) => Err(Fault::Unexpected(format!("index.html holds an inline script, which the policy forbids: <script{:.80}", rest))),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(Fault::io("creating", folder))?;
    }
    std::fs::copy(from, to).map(|_| ()).map_err(Fault::io("copying", from))
}

fn read(file: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(file).map_err(Fault::io("reading", file))
}

fn write(file: &Path, text: &str) -> Result<(), Fault> {
    std::fs::write(file, text).map_err(Fault::io("writing", file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_inline_script_is_refused() {
        assert!(refuse_inline_script("<head><script>go()</script></head>").is_err());
        assert!(refuse_inline_script("<script type=\"module\">import './src=x'</script>").is_err());
    }

    #[test]
    fn a_page_whose_scripts_are_files_passes() {
        assert!(refuse_inline_script("<head><script type=\"module\" src=\"/b/start.js\"></script></head>").is_ok());
        assert!(refuse_inline_script("<p>no script at all</p>").is_ok());
    }
}
