//! Stores what was judged good.

use crate::failure::{Failure, Fault, Refusal, violated_constraint};
use crate::records::beside::{self, Now};
use crate::records::write::{Act, proposed, refuse, were};
use crate::records::{Hand, queries};
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::resource::{RecordView, Values};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A record that nothing is against so far.
pub(super) struct Good<'a> {
    pub current: &'a RecordView,
    /// The fields that change, as they shall be.
    pub after: Values,
}

impl Good<'_> {
    /// All its values as they shall be.
    pub fn proposed(&self) -> Values {
        proposed(self.current, &self.after)
    }
}

/// Stores the rows; answers those that their table does not take.
pub(super) async fn rows(tx: &mut TenantTx, hand: &Hand<'_>, act: Act, good: &[Good<'_>]) -> Result<BTreeMap<Uuid, Refusal>, Failure> {
    let resource = hand.resource;
    if !matches!(act, Act::Update) {
        let ids: Vec<Uuid> = good.iter().map(|good| good.current.id).collect();
        let stored = queries::archive_records(tx, resource, &ids, matches!(act, Act::Archive)).await?;
        return all_of(stored, good).map(|()| BTreeMap::new());
    }
    let proposed: Vec<(Uuid, Values)> = good.iter().map(|good| (good.current.id, good.proposed())).collect();
    let rows: Vec<(Uuid, &Values)> = proposed.iter().map(|(id, values)| (*id, values)).collect();
    tx.mark().await?;
    match queries::update_records(tx, resource, &rows).await {
        Ok(stored) => {
            tx.keep().await?;
            all_of(stored, good).map(|()| BTreeMap::new())
        }
        // Which of them it is only tells whoever stores them one by one.
        Err(error) if violated_constraint(&error).is_some() => {
            tx.back_to_mark().await?;
            one_by_one(tx, hand, good).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn one_by_one(tx: &mut TenantTx, hand: &Hand<'_>, good: &[Good<'_>]) -> Result<BTreeMap<Uuid, Refusal>, Failure> {
    let mut refused = BTreeMap::new();
    for Good { current, after } in good {
        tx.mark().await?;
        match queries::update_record(tx, hand.resource, current.id, after).await {
            Ok(()) => tx.keep().await?,
            Err(error) => {
                tx.back_to_mark().await?;
                match refuse(hand.resource, after, error) {
                    Failure::Refusal(refusal) => drop(refused.insert(current.id, refusal)),
                    fault @ Failure::Fault(_) => return Err(fault),
                }
            }
        }
    }
    Ok(refused)
}

/// They were locked: none can be gone.
fn all_of(stored: u64, good: &[Good<'_>]) -> Result<(), Failure> {
    let sound = stored == good.len() as u64;
    if sound { Ok(()) } else { Err(Fault::because(format!("of {} records that were locked {stored} were stored", good.len())).into()) }
}

/// Writes what is written beside the rows. Call it last.
pub(super) async fn beside(tx: &mut TenantTx, hand: &Hand<'_>, (act, reason): (Act, Option<&str>), good: &[Good<'_>]) -> Result<(), Failure> {
    if good.is_empty() {
        return Ok(());
    }
    let before: Vec<Values> = good.iter().map(|good| were(good.current, &good.after)).collect();
    let changed = matches!(act, Act::Update);
    let now: Vec<Now<'_>> = good
        .iter()
        .zip(&before)
        .map(|(good, before)| Now {
            id: good.current.id,
            version: good.current.version + 1,
            values: good.proposed(),
            archived: matches!(act, Act::Archive),
            act,
            before: changed.then_some(before),
            after: changed.then_some(&good.after),
        })
        .collect();
    beside::write(tx, hand, &now, reason).await
}
