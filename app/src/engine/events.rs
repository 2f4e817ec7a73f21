//! What the page is told unasked.

use super::core::{Core, Told, log};
use super::people::device_view;
use super::protocol::Event;
use super::{sync_view, till};

/// Changes came, or were answered: the till, its tickets and the sync state may look otherwise.
pub fn settled(core: &Core) {
    core.emit(Event::TicketsMoved);
    core.telling.of_till_and_sync();
}

/// The till as it stands.
pub async fn tell_till(core: &Core) {
    let Some(store) = core.store() else { return };
    // A device that is no till has no till to tell of.
    if let Ok(state) = till::state(core, &store).await {
        core.emit(Event::Till(Box::new(state)));
    }
}

/// The sync state.
pub async fn tell_sync(core: &Core) {
    match sync_view::read(core).await {
        Ok(view) => core.emit(Event::Sync(Box::new(view))),
        Err(refusal) => log(&super::sync::RoundError::Refused(refusal)),
    }
}

/// Person, till or session changed: every tab shows it.
pub async fn device_moved(core: &Core) {
    core.tell(Told::Device);
    tell_device(core).await;
}

/// Who and where this device is.
pub async fn tell_device(core: &Core) {
    match device_view(core).await {
        Ok(view) => core.emit(Event::Device(Box::new(view))),
        Err(refusal) => log(&super::sync::RoundError::Refused(refusal)),
    }
}
