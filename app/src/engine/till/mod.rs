//! The till: what lies on it, and what is done at it. Each tap is one transaction; what it answers is read after it was complete.

mod acting;
mod sell;
mod session;
mod view;

pub use acting::{Acting, Desk};
pub use sell::{Wanted, abandon, add, change_quantity, pay_cash, remove_line};
pub use session::{close_session, open_session};
pub use view::{Takings, needs_attention, newest_session, people_names, state, ticket, tickets};

use super::protocol::EngineRefusal;
use holdfast_domain::kernel::{Document, DocumentId, fold};
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::kind::Kind;
use holdfast_sync::replica::StoredDocument;

use crate::device::store::{Key, Records, Transaction};

/// A document as its facts tell it; none where there is none, or its audience was left.
async fn read<D: Document>(transaction: &Transaction, kind: &'static dyn Kind, id: DocumentId) -> Result<Option<D>, EngineRefusal> {
    let Some(stored) = transaction.get::<StoredDocument>(Records::Documents, Key::document(id)).await?.filter(|stored| !stored.left) else {
        return Ok(None);
    };
    let loaded = LoadedDocument::load(id, kind, &stored.saved.0).map_err(|bad| {
        super::core::log(&bad);
        EngineRefusal::new("document_broken")
    })?;
    Ok(Some(fold(loaded.facts()).document))
}
