//! The till: what lies on it, and what is done at it. Each tap is one transaction; what it answers is read in it, and told once it is
//! complete.

mod acting;
mod sell;
mod session;
mod view;

pub use acting::{Acting, Desk};
pub use sell::{Wanted, abandon, add, change_quantity, pay_cash, remove_line};
pub use session::{close_session, open_session};
pub use view::{Takings, needs_attention, newest_session, people_names, state, ticket, tickets};

use super::core::Core;
use super::protocol::EngineRefusal;
use super::records::{DeviceRecord, name};
use crate::device::store::{Access, Documents, Records};
use crate::language::today;
use holdfast_domain::kernel::{Day, Document, DocumentId, fold};
use holdfast_sync::kind::Kind;

/// The day at the till's site, or by the device's own clock and zone where it is no till; asked of the database only where it matters.
pub async fn day(core: &Core) -> Result<Day, EngineRefusal> {
    let store = core.store().filter(|_| core.catalogue.try_lock().is_none_or(|catalogue| catalogue.has_lists()));
    let device: Option<DeviceRecord> = match store {
        Some(store) => store.transact(&[Records::Meta], Access::Read, async |transaction| transaction.get(Records::Meta, name::DEVICE).await).await?,
        None => None,
    };
    let zone = device.and_then(|device| device.till).map(|till| till.time_zone).unwrap_or_default();
    Ok(today(core.price_time(), &zone))
}

/// A document as its facts tell it; none where there is none, or its audience was left.
async fn read<D: Document>(documents: &mut Documents<'_>, kind: &'static dyn Kind, id: DocumentId) -> Result<Option<D>, EngineRefusal> {
    Ok(documents.facts(kind, id).await?.map(|facts| fold::<D>(facts).document.clone()))
}
