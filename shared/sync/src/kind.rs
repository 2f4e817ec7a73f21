//! What the core knows of a document kind: its containers, what its intents yield, who gets it. No module is known here.

mod facts;

pub use facts::Facts;

use crate::envelope::{IntentCall, Principal};
use crate::ids::DocumentId;
use crate::time::Timestamp;

/// The server's own container, which every kind has.
pub const RULINGS: &str = "rulings";

/// A fact that an intent yields, before it has its id: the core derives it from the intent's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFact {
    /// One of the kind's containers.
    pub container: &'static str,
    /// CBOR of the fact.
    pub bytes: Vec<u8>,
}

/// Who acts, and when: all that `apply` may know beside document and payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Who acts.
    pub by: Principal,
    /// The header's wall time.
    pub at: Timestamp,
    /// The document acted on.
    pub document: DocumentId,
    /// The acting intent.
    pub intent_id: crate::ids::IntentId,
}

/// What an intent yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yield {
    /// The permission the author needs, such as `sales.ticket.sell`, with the audience it must hold it for.
    pub permission: Needed,
    /// The facts, in order.
    pub facts: Vec<NewFact>,
}

/// A permission, and the scope it is needed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// Such as `sales.ticket.sell`.
    pub permission: &'static str,
    /// The site it is needed at; none where it is tenant-wide.
    pub site: Option<uuid::Uuid>,
}

/// Why an intent yields nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntentError {
    /// No intent of that name is known here (a newer app may know it).
    #[error("no intent {name} in version {version} is known here")]
    Unknown {
        /// The name that was sent.
        name: String,
        /// The version that was sent.
        version: u16,
    },
    /// The payload is not the CBOR of the intent.
    #[error("the payload of {0} is malformed")]
    Payload(String),
    /// The document's facts cannot be read.
    #[error("the document holds a fact that cannot be read: {0}")]
    Document(String),
    /// The intent is refused by its rule; the code is stable.
    #[error("refused: {code}")]
    Refused {
        /// Stable code, such as `ticket_already_completed`.
        code: &'static str,
    },
}

/// An audience: who gets a document or a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Audience {
    /// Everybody of the tenant.
    Tenant,
    /// Whoever works at the site.
    Site(uuid::Uuid),
    /// One person.
    Person(uuid::Uuid),
    /// One till.
    Till(uuid::Uuid),
}

/// A text that names no audience.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no audience is called {0:?}")]
pub struct BadAudience(pub String);

impl std::fmt::Display for Audience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tenant => f.write_str("tenant"),
            Self::Site(id) => write!(f, "site:{id}"),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Till(id) => write!(f, "till:{id}"),
        }
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        audience.to_string()
    }
}

impl TryFrom<String> for Audience {
    type Error = BadAudience;

    fn try_from(text: String) -> Result<Self, BadAudience> {
        let scoped = |id: &str| uuid::Uuid::parse_str(id).map_err(|_| BadAudience(text.clone()));
        match text.split_once(':') {
            None if text == "tenant" => Ok(Self::Tenant),
            Some(("site", id)) => scoped(id).map(Self::Site),
            Some(("person", id)) => scoped(id).map(Self::Person),
            Some(("till", id)) => scoped(id).map(Self::Till),
            _ => Err(BadAudience(text)),
        }
    }
}

crate::schema_of!(Audience, {
    "type": "string",
    "pattern": "^(tenant|(site|person|till):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$",
    "examples": ["tenant"],
});

/// A document kind, as the core sees it.
pub trait Kind: Send + Sync {
    /// Such as `sales.ticket`.
    fn name(&self) -> &'static str;
    /// The containers genesis creates, in this order for ever; `rulings` is the server's.
    fn containers(&self) -> &'static [&'static str];
    /// The containers that hold one fact at most, such as how the document began: a second one is held for the office.
    fn single(&self) -> &'static [&'static str] {
        &[]
    }
    /// Runs an intent on the document as `facts` tell it. Pure.
    fn run(&self, facts: &Facts, call: &IntentCall, act: &Act) -> Result<Yield, IntentError>;
    /// Whether who gets a document may change. The feed says so then, and a device goes by that.
    fn moves(&self) -> bool {
        false
    }
    /// Who gets the document.
    fn audiences(&self, document: DocumentId, facts: &Facts) -> Vec<Audience>;
    /// The rows that lists show of the document on a device: view name, row key, CBOR.
    fn view(&self, document: DocumentId, facts: &Facts) -> Vec<ViewRow>;
}

/// A row of a device's view, computed from one document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ViewRow {
    /// Such as `sales.tickets`.
    pub view: String,
    /// Sorts within the view; unique.
    pub key: String,
    /// CBOR of the row.
    pub bytes: crate::bytes::Bytes,
}

/// The one list of kinds a side knows.
pub struct Kinds(pub &'static [&'static dyn Kind]);

impl Kinds {
    /// The kind of that name.
    pub fn get(&self, name: &str) -> Option<&'static dyn Kind> {
        self.0.iter().copied().find(|kind| kind.name() == name)
    }
}
