//! What a build is made of, and the name that follows from it.

use crate::fault::Fault;
use crate::places::Places;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Everything that can change the result. The pipeline itself is part of it.
const INPUTS: &[&str] = &[
    "app",
    "shared",
    "public",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "rust-toolchain.toml",
    ".cargo/config.toml",
    "xtask/src/app.rs",
    "xtask/src/app",
];

/// Twelve hex digits that name the build of these sources.
pub fn build_id(places: &Places, variant: &str) -> Result<String, Fault> {
    let mut hash = Sha256::new();
    hash.update(variant);
    for input in INPUTS {
        for file in files_below(&places.root.join(input))? {
            let bytes = std::fs::read(&file).map_err(Fault::io("reading", &file))?;
            let name = file.strip_prefix(&places.root).unwrap_or(&file).to_string_lossy().into_owned();
            // Lengths keep two neighbouring parts from reading as two others.
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(&bytes);
        }
    }
    Ok(hex(&hash.finalize(), 6))
}

/// Twelve hex digits of a content's hash.
pub fn short_hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content), 6)
}

/// The file itself, or all files below the folder, in the order of their names.
pub fn files_below(path: &Path) -> Result<Vec<PathBuf>, Fault> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(Fault::io("reading", path))?;
    let mut children: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    children.sort();
    let mut files = Vec::new();
    for child in children {
        files.append(&mut files_below(&child)?);
    }
    Ok(files)
}

fn hex(bytes: &[u8], count: usize) -> String {
    bytes.iter().take(count).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_content_has_an_equal_name_of_twelve_digits() {
        assert_eq!(short_hash(b"holdfast"), short_hash(b"holdfast"));
        assert_ne!(short_hash(b"holdfast"), short_hash(b"holdfasT"));
        assert_eq!(short_hash(b"").len(), 12);
    }
}
