//! What lies in the database, and under which keys.
//!
//! Values are CBOR byte strings, except a blob's bytes, the key, which only the browser can read, and the two stores of changes, which carry their intent and document beside
//! the bytes so that the browser can index them.

use holdfast_domain::kernel::DocumentId;
use wasm_bindgen::JsValue;

/// A store of the database. Names are for ever: two builds share one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// Single records by name: chain head, device, who is signed in, the till's place, bootstrap manifests.
    Meta,
    /// The device's signing key, as the browser's own object.
    Keys,
    /// Who has signed in here, by account.
    People,
    /// Changes that are not settled, by number.
    Outbox,
    /// Changes in the books, by number; kept for a while, should the server come back from a backup.
    Accepted,
    /// Changes of others in the books, by the number under which they came; kept as long, for the same.
    Witnessed,
    /// Documents, by id.
    Documents,
    /// View rows, by view and key.
    Views,
    /// Packed pages of reference rows, by address.
    Pages,
    /// Reference rows that came one by one and overlay the pages, by kind and id.
    Rows,
    /// Blocks of receipt numbers, in the order they came.
    Numbers,
    /// Tasks a person has read, by intent.
    Dismissed,
    /// Photos and papers: how each stands with the server, by hash.
    Blobs,
    /// Their bytes as they are, by hash.
    BlobBytes,
}

/// Where a record lies in its store.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// By name.
    Text(String),
    /// By number.
    Number(u64),
}

impl Records {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Meta,
        Self::Keys,
        Self::People,
        Self::Outbox,
        Self::Accepted,
        Self::Witnessed,
        Self::Documents,
        Self::Views,
        Self::Pages,
        Self::Rows,
        Self::Numbers,
        Self::Dismissed,
        Self::Blobs,
        Self::BlobBytes,
    ];

    /// The store's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Keys => "keys",
            Self::People => "people",
            Self::Outbox => "outbox",
            Self::Accepted => "accepted",
            Self::Witnessed => "witnessed",
            Self::Documents => "documents",
            Self::Views => "views",
            Self::Pages => "pages",
            Self::Rows => "rows",
            Self::Numbers => "numbers",
            Self::Dismissed => "dismissed",
            Self::Blobs => "blobs",
            Self::BlobBytes => "blob_bytes",
        }
    }

    /// The properties the browser indexes beside the bytes.
    pub const fn indexes(self) -> &'static [&'static str] {
        match self {
            Self::Outbox | Self::Accepted => &["intent", "document"],
            Self::Witnessed => &["change", "document"],
            _ => &[],
        }
    }
}

impl Key {
    /// The key of a document.
    pub fn document(id: DocumentId) -> Self {
        Self::Text(id.to_string())
    }

    /// The key of a view row.
    pub fn view(view: &str, key: &str) -> Self {
        Self::Text(format!("{view}\u{0}{key}"))
    }
}

impl From<&str> for Key {
    fn from(name: &str) -> Self {
        Self::Text(name.to_owned())
    }
}

impl From<&Key> for JsValue {
    fn from(key: &Key) -> Self {
        match key {
            Key::Text(text) => Self::from_str(text),
            // Numbers of a chain stay far below 2^53, up to which a JS number is exact.
            Key::Number(number) => Self::from_f64(*number as f64),
        }
    }
}
