//! Passwords: argon2id with OWASP's parameters, off the threads that serve, a few at a time.

use crate::environment::Environment;
use crate::failure::Fault;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes and checks. Cloning it is cheap.
#[derive(Clone)]
pub struct Passwords {
    environment: Environment,
    /// As many at once as there are cores; the others wait their turn.
    turns: Arc<Semaphore>,
    /// Checked when there is no account, so that its absence takes as long as its presence.
    nobodys: Arc<str>,
}

impl Passwords {
    pub(super) fn new(environment: Environment) -> Result<Self, Fault> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let nobodys = hash(&environment.bytes::<32>(), &environment.bytes())?;
        Ok(Self { environment, turns: Arc::new(Semaphore::new(cores)), nobodys: nobodys.into() })
    }

    /// The hash to store.
    pub async fn hash(&self, password: &str) -> Result<String, Fault> {
        let (password, salt) = (password.to_owned(), self.environment.bytes());
        self.in_turn(move || hash(password.as_bytes(), &salt)).await?
    }

    /// Whether the password is the stored one; never, after the same work, where none is stored.
    pub(super) async fn check(&self, password: String, stored: Option<String>) -> Result<bool, Fault> {
        let exists = stored.is_some();
        let against = stored.unwrap_or_else(|| self.nobodys.as_ref().to_owned());
        let matches = self.in_turn(move || verify(password.as_bytes(), &against)).await??;
        Ok(exists && matches)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let _turn = self.turns.acquire().await.map_err(|error| Fault::new("wait for a turn to hash", error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| Fault::new("hash a password", error))
    }
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &[u8], salt: &[u8; 16]) -> Result<String, Fault> {
    let hash: PasswordHash = argon2id().hash_password_with_salt(password, salt).map_err(|error| Fault::new("hash a password", error))?;
    Ok(hash.to_string())
}

fn verify(password: &[u8], stored: &str) -> Result<bool, Fault> {
    let stored = PasswordHash::new(stored).map_err(|error| Fault::new("read a stored password hash", error))?;
    match argon2id().verify_password(password, &stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(Fault::new("check a password", error)),
    }
}
