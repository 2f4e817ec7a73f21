//! Why a command ended early.

use std::fmt::{Display, Formatter};
use std::path::{Path, PathBuf};

/// Why a command ended early, in words for whoever typed it.
#[derive(Debug)]
pub enum Fault {
    /// The command line asks for something that does not exist.
    Usage(String),
    /// The machine lacks something that only its owner can install: the exact line to run.
    Needs {
        /// What is missing.
        missing: String,
        /// The line that installs it.
        line: String,
    },
    /// A file or a program could not be reached.
    Io {
        /// Such as "reading Trunk.toml".
        doing: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A step's program ended with an error; its output's tail was shown already.
    Step {
        /// The step.
        name: String,
        /// Its whole output.
        log: PathBuf,
    },
    /// What a tool made is not what the next step needs.
    Unexpected(String),
}

impl Fault {
    /// For `map_err`: what was being done to which file.
    pub fn io(doing: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let doing = format!("{doing} {}", path.display());
        move |source| Self::Io { doing, source }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usage(words) | Self::Unexpected(words) => f.write_str(words),
            Self::Needs { missing, line } => {
                write!(f, "{missing} is missing, and only root may install it. Run this line, then the command again:\n\n    {line}\n")
            }
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
            Self::Step { name, log } => write!(f, "the step \"{name}\" failed; all it said is in {}", log.display()),
        }
    }
}
