//! What an intent is, and how a document and its intents become a kind that the sync core can run.

use super::document::{Document, RULINGS, Recorded, fold};
use super::ids::SiteId;
use crate::identity::Permission;
use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor;
use holdfast_sync::envelope::{IntentCall, Principal};
use holdfast_sync::ids::DocumentId;
use holdfast_sync::kind::{Act, Audience, Facts, IntentError, Kind, Needed, NewFact, ViewRow, Yield};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Held by the server's own voices alone; no role has it.
pub static SYSTEM: Permission = Permission::new("system");

/// What a person means to do. The same code on the device and on the server; pure, and frozen per version by golden vectors.
pub trait Intent: Serialize + DeserializeOwned + 'static {
    /// Such as `sales.ticket.add_line`.
    const NAME: &'static str;
    /// Grows when payload or `apply` change; the older version stays as it is.
    const VERSION: u16;
    /// What it acts on.
    type Document: Document;
    /// Why it may be impossible.
    type Refusal: Refusal;

    /// What the author must hold.
    fn permission(&self, document: &Self::Document) -> &'static Permission;
    /// Where it must be held; none where it is tenant-wide.
    fn site(&self, document: &Self::Document) -> Option<SiteId>;
    /// The facts, or why there are none.
    fn apply(&self, document: &Self::Document, act: &Act) -> Result<Vec<<Self::Document as Document>::Fact>, Self::Refusal>;
}

/// Why the person cannot do it now: small enums, declared by [`crate::refusals!`].
pub trait Refusal: Copy + 'static {
    /// Stable, such as `ticket_empty`.
    fn code(&self) -> &'static str;
    /// Of the message that says what to do next.
    fn message_key(&self) -> &'static str;
}

/// Declares a refusal enum: each variant with its stable code; the message key is `refusal.<code>`.
#[macro_export]
macro_rules! refusals {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident => $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        impl $crate::kernel::Refusal for $name {
            fn code(&self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            fn message_key(&self) -> &'static str {
                match self { $(Self::$variant => concat!("refusal.", $code),)+ }
            }
        }
    };
}

/// An intent as it travels.
pub fn call<I: Intent>(intent: &I) -> IntentCall {
    IntentCall { name: I::NAME.to_owned(), version: I::VERSION, payload: Bytes(cbor::encode(intent)) }
}

/// A kind of document with its intents, in one explicit list.
pub struct DocumentKind<D: Document> {
    /// Each `intent::<…>()`.
    pub intents: &'static [IntentEntry<D>],
}

/// One intent version in a kind's list.
pub struct IntentEntry<D: Document> {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: u16,
    run: fn(&D, &IntentCall, &Act) -> Result<Yield, IntentError>,
}

/// The entry of an intent.
pub const fn intent<I: Intent>() -> IntentEntry<I::Document> {
    IntentEntry { name: I::NAME, version: I::VERSION, run: run::<I> }
}

fn run<I: Intent>(document: &I::Document, call: &IntentCall, act: &Act) -> Result<Yield, IntentError> {
    let intent: I = cbor::decode(&call.payload.0).map_err(|_| IntentError::Payload(call.name.clone()))?;
    let facts = intent.apply(document, act).map_err(|refusal| IntentError::Refused { code: refusal.code() })?;
    let facts = (0..).zip(facts).map(|(n, fact)| {
        let container = I::Document::container(&fact);
        NewFact { container, bytes: cbor::encode(&Recorded { at: act.at, by: act.by.clone(), n, fact }) }
    });
    let permission = Needed { permission: intent.permission(document).as_str(), site: intent.site(document).map(|site| site.0) };
    Ok(Yield { permission, facts: facts.collect() })
}

impl<D: Document> Kind for DocumentKind<D> {
    fn name(&self) -> &'static str {
        D::KIND
    }

    fn containers(&self) -> &'static [&'static str] {
        D::CONTAINERS
    }

    fn single(&self) -> &'static [&'static str] {
        D::SINGLE
    }

    /// A ruling of a newer server must not stop work on an older device; any other fact that cannot be read does.
    fn run(&self, facts: &Facts, call: &IntentCall, act: &Act) -> Result<Yield, IntentError> {
        let entry = self.intents.iter().find(|entry| entry.name == call.name && entry.version == call.version);
        let entry = entry.ok_or_else(|| IntentError::Unknown { name: call.name.clone(), version: call.version })?;
        let folded = fold::<D>(facts);
        if let Some((container, id)) = folded.unreadable.iter().find(|(container, _)| container != RULINGS) {
            return Err(IntentError::Document(format!("{container}/{}", id.key())));
        }
        (entry.run)(&folded.document, call, act)
    }

    fn audiences(&self, _: DocumentId, facts: &Facts) -> Vec<Audience> {
        fold::<D>(facts).document.audiences()
    }

    fn view(&self, document: DocumentId, facts: &Facts) -> Vec<ViewRow> {
        fold::<D>(facts).document.view(document)
    }
}

/// Whether a module of the server speaks, not a person.
pub fn is_system(by: &Principal) -> bool {
    matches!(by, Principal::System(_))
}
