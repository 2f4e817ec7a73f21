//! What every handler can reach.

use crate::blobs::Blobs;
use crate::environment::Environment;
use crate::files::Files;
use crate::identity::Identity;
use crate::presence::Presence;
use crate::sync::{Movements, Settlements};
use crate::tenancy::Database;
use holdfast_sync::kind::Kinds;
use std::path::PathBuf;
use tokio::sync::watch;

/// The running server. Cloning it is cheap.
#[derive(Clone)]
pub struct App {
    /// The door to the tables.
    pub database: Database,
    /// Time and randomness.
    pub environment: Environment,
    /// Passwords and keys.
    pub identity: Identity,
    /// Whether browsers reach it over TLS.
    pub transport: Transport,
    /// Tells whoever listens that a tenant's feed moved.
    pub movements: Movements,
    /// Who has which record open.
    pub presence: Presence,
    /// The kinds of documents that are known, and what each module does with its own: [`Modules::ALL`], but where a proof brings its own.
    pub modules: Modules,
    /// The oldest app that may pull; older ones push and are told to update.
    pub oldest_app: u32,
    /// Where blobs are kept.
    pub blobs: Blobs,
    /// Where the files of records are kept.
    pub files: Files,
    /// The app's built files; none when only the API is served.
    pub app_folder: Option<PathBuf>,
    /// Becomes true when the server is asked to stop; whoever streams ends then.
    pub stopping: watch::Receiver<bool>,
}

/// What the server knows of documents.
#[derive(Clone, Copy)]
pub struct Modules {
    /// Their kinds.
    pub kinds: &'static Kinds,
    /// What becomes of them.
    pub settlements: &'static Settlements,
}

impl Modules {
    /// Those of the product.
    pub const ALL: Self = Self { kinds: &holdfast_domain::KINDS, settlements: &crate::SETTLEMENTS };
}

/// How browsers reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// HTTP, on this machine or behind something that ends TLS and is told so.
    Plain,
    /// HTTPS: cookies are `Secure`, and browsers are told to insist.
    Tls,
}
