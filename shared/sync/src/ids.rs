//! Typed ids. An id is 16 bytes; a `DeviceId` can never be passed where a `DocumentId` is meant.

use crate::bytes::Digest32;

/// Declares a 16-byte id type: bytes in CBOR, hyphenated text in JSON.
#[macro_export]
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// The id made of exactly these bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(uuid::Uuid::from_bytes(bytes))
            }

            /// The id's 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }

        $crate::schema_of!($name, { "type": "string", "format": "uuid" });
    };
}

typed_id!(/** A tenant: one company, whose data no other company sees. */ TenantId);
typed_id!(/** An account: a login. */ AccountId);
typed_id!(/** A device: one browser profile, enrolled with its own key. */ DeviceId);
typed_id!(/** One creation of a device's database; numbers and hashes run within it. */ ChainId);
typed_id!(/** A document. Never used again once given. */ DocumentId);
typed_id!(/** Born with the tap; survives rebuild, relay, hand-over and import. Accepted once. */ IntentId);
typed_id!(/** A fact, derived from its intent. */ FactId);
typed_id!(/** A grant: what an account may do offline on a device. */ GrantId);
typed_id!(/** The life of a server's feed: changes when the server is restored from a backup. */ Epoch);

impl DeviceId {
    /// The server itself, as the device of the changes it makes.
    pub const SERVER: Self = Self(uuid::Uuid::nil());
}

impl FactId {
    /// The id of the `index`-th fact of an intent: the first 16 bytes of SHA-256(intent id ‖ index, big-endian).
    pub fn of(intent: IntentId, index: u16) -> Self {
        let mut seed = [0; 18];
        seed[..16].copy_from_slice(intent.as_bytes());
        seed[16..].copy_from_slice(&index.to_be_bytes());
        let Digest32(digest) = Digest32::of(&seed);
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Self::from_bytes(id)
    }

    /// The key under which the fact lies in its container: 32 lower-case hex digits.
    pub fn key(&self) -> String {
        self.0.simple().to_string()
    }

    /// Reads a container's key back; only the exact form [`FactId::key`] writes is a fact id.
    pub fn from_key(key: &str) -> Option<Self> {
        let id = Self(uuid::Uuid::try_parse(key).ok()?);
        (id.key() == key).then_some(id)
    }
}
