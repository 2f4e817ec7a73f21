//! When something does not go as asked. A [`Refusal`] is for whoever asked, who can act; a [`Fault`] is for us, and is logged once, at the
//! boundary, with its chain of causes. They never turn into one another.

use holdfast_domain::kernel::resource::FieldProblem;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// What went wrong on our side, with its causes. It says nothing to whoever asked.
pub struct Fault {
    doing: Cow<'static, str>,
    cause: Option<Box<dyn Error + Send + Sync>>,
    transient: bool,
}

/// Why it is not done, in words for whoever asked; `code` is stable and what programs look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Stable code, such as `permission_missing`.
    pub code: &'static str,
    /// What happened, the same for every refusal of this code.
    pub title: &'static str,
    /// What happened here, and what to do.
    pub detail: String,
    /// When to try again.
    pub retry_after_s: Option<u64>,
    /// Which fields are not as they must be, where fields are the matter.
    pub errors: Vec<FieldProblem>,
}

/// Why a request was not carried out.
#[derive(Debug)]
pub enum Failure {
    /// Whoever asked can act.
    Refusal(Refusal),
    /// We must act.
    Fault(Fault),
}

/// Whether doing the same again, from the start, may well succeed: a deadlock or a serialization failure.
pub trait Transient {
    /// Whether it is worth another try.
    fn is_transient(&self) -> bool;
}

impl Fault {
    /// Something failed while doing `doing`, such as `read the signing keys`.
    pub fn new(doing: impl Into<Cow<'static, str>>, cause: impl Error + Send + Sync + 'static) -> Self {
        Self { doing: doing.into(), cause: Some(Box::new(cause)), transient: false }
    }

    /// Something is not as it must be, and no error says so.
    pub fn because(what: impl Into<Cow<'static, str>>) -> Self {
        Self { doing: what.into(), cause: None, transient: false }
    }

    /// Whether the database had no place for it: whoever asked may simply ask again.
    pub fn is_busy(&self) -> bool {
        let cause = self.cause.as_deref().and_then(|cause| cause.downcast_ref::<sqlx::Error>());
        matches!(cause, Some(sqlx::Error::PoolTimedOut))
    }

    /// A stored value that this server cannot have written.
    pub fn stored(table: &str, column: &str, row: impl fmt::Display) -> Self {
        Self::because(format!("bad stored data in {table}.{column}, row {row}"))
    }
}

impl fmt::Display for Fault {
    /// With all causes, from the outside in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.doing)?;
        let mut said = String::new();
        let mut cause = self.cause.as_deref().map(|cause| cause as &dyn Error);
        while let Some(error) = cause {
            let text = error.to_string();
            // Many errors say their cause themselves.
            if !said.ends_with(&text) {
                write!(f, ": {text}")?;
            }
            said = text;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refusal(refusal) => write!(f, "{}: {}", refusal.title, refusal.detail),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl Refusal {
    /// A refusal.
    pub fn new(status: u16, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, title, detail: detail.into(), retry_after_s: None, errors: Vec::new() }
    }
}

impl Transient for sqlx::Error {
    fn is_transient(&self) -> bool {
        const SERIALIZATION_FAILURE: &str = "40001";
        const DEADLOCK_DETECTED: &str = "40P01";
        self.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == SERIALIZATION_FAILURE || code == DEADLOCK_DETECTED)
    }
}

impl Transient for Fault {
    fn is_transient(&self) -> bool {
        self.transient
    }
}

impl Transient for Failure {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Fault(fault) if fault.transient)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        let transient = error.is_transient();
        Self { doing: "the database failed".into(), cause: Some(Box::new(error)), transient }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

/// The name of the constraint that a statement ran into, to be turned into a refusal by whoever knows what it means.
pub fn violated_constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error()?.constraint()
}
