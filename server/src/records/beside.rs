//! What is written with records' own rows: the audit's entries, what modules do beside, the change events, and last the feed.

use super::Hand;
use super::effect::{self, Written};
use super::write::{Act, event, title};
use crate::audit;
use crate::events::NewEvent;
use crate::failure::Failure;
use crate::reference;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::resource::Values;
use uuid::Uuid;

/// A record as it was just stored, with what was done to it.
pub(super) struct Now<'a> {
    pub id: Uuid,
    pub version: u64,
    pub values: Values,
    pub archived: bool,
    pub act: Act,
    /// The fields that changed, as they were.
    pub before: Option<&'a Values>,
    /// The same, as they are.
    pub after: Option<&'a Values>,
}

/// Writes it, for all of one kind. Call it last: it takes the feed's counter.
pub(super) async fn write(tx: &mut TenantTx, hand: &Hand<'_>, now: &[Now<'_>], reason: Option<&str>) -> Result<(), Failure> {
    let Hand { resource, app, actor } = *hand;
    let entries: Vec<audit::Entry<'_>> = now
        .iter()
        .map(|now| audit::Entry {
            id: app.environment.new_id(),
            action: now.act.action(),
            record: (resource.kind, now.id, title(resource, &now.values)),
            site: resource.site_of(now.id, &now.values),
            before: now.before,
            after: now.after,
            reason,
        })
        .collect();
    audit::write(tx, actor, &entries).await?;
    let written: Vec<Written<'_>> =
        now.iter().map(|now| Written { resource, id: now.id, values: &now.values, before: now.before, archived: now.archived }).collect();
    let fed = effect::written(tx, resource, &written).await?;
    let at = tx.now();
    let events: Vec<NewEvent> =
        now.iter().map(|now| event(resource, (now.id, now.version, &now.values), (now.act, now.before, now.after), at)).collect();
    reference::write_with(tx, fed, events).await?;
    Ok(())
}
