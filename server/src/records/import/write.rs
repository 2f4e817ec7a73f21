//! Writes what was judged good: the rows, what modules do beside, the audit, the events, and last the feed.

use super::batch::Overtaken;
use super::judge::{Deed, Judged};
use crate::audit;
use crate::events::NewEvent;
use crate::records::effect::{self, Written};
use crate::records::write::{Act, event, title};
use crate::records::{Hand, queries};
use crate::reference;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::resource::Values;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A record as it is now, with what changed.
struct Now<'a> {
    id: Uuid,
    version: u64,
    values: Values,
    act: Act,
    before: Option<Values>,
    after: &'a Values,
}

impl<'a> Now<'a> {
    fn of(judged: &'a Judged) -> Self {
        let values = judged.deed.proposed();
        match &judged.deed {
            Deed::Create(after) => Self { id: judged.id, version: 1, values, act: Act::Create, before: None, after },
            Deed::Change { current, after } => {
                let before = after.keys().map(|name| (name.clone(), current.values.get(name).cloned().unwrap_or(Value::Null))).collect();
                Self { id: judged.id, version: current.version + 1, values, act: Act::Update, before: Some(before), after }
            }
        }
    }
}

/// Writes all of it. Answers the ids of those that could not be made, because records that the account does not see are in the way.
pub(super) async fn all(tx: &mut TenantTx, hand: &Hand<'_>, good: &[Judged]) -> Result<BTreeSet<Uuid>, Overtaken> {
    let resource = hand.resource;
    let mut now: Vec<Now<'_>> = good.iter().map(Now::of).collect();
    let (made, changed): (Vec<&Now<'_>>, Vec<&Now<'_>>) = now.iter().partition(|now| now.before.is_none());
    let stored = queries::insert_records(tx, resource, &rows(&made)).await?;
    let hidden: BTreeSet<Uuid> = made.iter().map(|now| now.id).filter(|id| !stored.contains(id)).collect();
    if queries::update_records(tx, resource, &rows(&changed)).await? != changed.len() as u64 {
        return Err(Overtaken::ByAnother);
    }
    now.retain(|now| !hidden.contains(&now.id));
    write_beside(tx, hand, &now).await?;
    Ok(hidden)
}

fn rows<'a>(now: &[&'a Now<'_>]) -> Vec<(Uuid, &'a Values)> {
    now.iter().map(|now| (now.id, &now.values)).collect()
}

async fn write_beside(tx: &mut TenantTx, hand: &Hand<'_>, now: &[Now<'_>]) -> Result<(), Overtaken> {
    let Hand { resource, app, actor } = *hand;
    let entries: Vec<audit::Entry<'_>> = now
        .iter()
        .map(|now| audit::Entry {
            id: app.environment.new_id(),
            action: now.act.action(),
            record: (resource.kind, now.id, title(resource, &now.values)),
            site: resource.site_of(now.id, &now.values),
            before: now.before.as_ref(),
            after: Some(now.after),
            reason: None,
        })
        .collect();
    audit::write(tx, actor, &entries).await?;
    let written: Vec<Written<'_>> = now.iter().map(|now| Written { resource, id: now.id, values: &now.values, archived: false }).collect();
    let fed = effect::written(tx, resource, &written).await?;
    let at = tx.now();
    let events: Vec<NewEvent> = now.iter().map(|now| event(resource, (now.id, now.version, &now.values), (now.act, Some(now.after)), at)).collect();
    reference::write_with(tx, fed, events).await?;
    Ok(())
}
