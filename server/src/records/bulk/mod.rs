//! Many records changed at once, in one transaction: each judged by itself as a change of it alone would be. A dry run does the same, and then takes all of it back.

mod change;
mod store;
mod which;

use super::read::shown_title;
use super::write::{Act, changes, read_reason, require_known};
use super::{Hand, effect, queries, refusal};
use crate::failure::{Failure, Fault, Refusal, Transient};
use crate::files;
use crate::identity::Fields;
use crate::tenancy::{Done, TenantTx};
use change::Change;
use holdfast_domain::identity::Permission;
use holdfast_domain::kernel::resource::{BulkAct, BulkEdit, BulkOutcome, BulkRecord, BulkRefusal, BulkReport, RecordView, Resource, Seen, Values};
use std::collections::BTreeMap;
use store::Good;
use uuid::Uuid;

/// The longest body: so many records take less.
pub(super) const MOST_BYTES: usize = 128 * 1024;

/// What is to be done to each record.
enum Deed {
    Change(Change),
    /// It is put away, or taken back into use.
    Put(Act),
}

impl Deed {
    /// What it takes of each record, beside the right to do it to many.
    const fn takes(act: &BulkAct, resource: &'static Resource) -> &'static Permission {
        match act {
            BulkAct::Change(_) => &resource.rights.update,
            BulkAct::Archive | BulkAct::Restore => &resource.rights.delete,
        }
    }

    async fn read(hand: &Hand<'_>, act: BulkAct) -> Result<Self, Failure> {
        Ok(match act {
            BulkAct::Change(change) => Self::Change(Change::read(hand, change).await?),
            BulkAct::Archive => Self::Put(Act::Archive),
            BulkAct::Restore => Self::Put(Act::Restore),
        })
    }

    const fn act(&self) -> Act {
        match self {
            Self::Change(_) => Act::Update,
            Self::Put(act) => *act,
        }
    }
}

/// A request, as it was understood.
struct Plan<'a> {
    fields: Fields<'a>,
    deed: Deed,
    seen: Vec<Seen>,
    reason: Option<&'a str>,
    dry_run: bool,
}

/// Why nothing of it was written.
enum Ended {
    /// It was only tried: this would come of it.
    Tried(BulkReport),
    Failed(Failure),
}

impl Transient for Ended {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Failed(failure) if failure.is_transient())
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault.into())
    }
}

/// Changes many.
pub(super) async fn bulk(hand: &Hand<'_>, asked: BulkEdit) -> Result<BulkReport, Failure> {
    let Hand { resource, app, actor } = *hand;
    let BulkEdit { which, act, reason, dry_run } = asked;
    let rights = &actor.signed_in.rights;
    let takes = Deed::takes(&act, resource);
    rights.require_somewhere(takes)?;
    let scope = actor.signed_in.scope_for(&resource.rights.bulk_edit)?;
    let fields = rights.fields(resource, &resource.rights.bulk_edit).and(takes);
    let plan =
        Plan { fields, deed: Deed::read(hand, act).await?, seen: which::read(hand, which).await?, reason: read_reason(reason.as_deref())?, dry_run };
    match app.database.in_tenant::<_, Ended, _>(&scope, async |tx| run(tx, hand, &plan).await).await {
        Ok(report) => {
            if report.done > 0 {
                app.movements.moved(actor.signed_in.tenant);
            }
            Ok(report)
        }
        Err(Ended::Tried(report)) => Ok(report),
        Err(Ended::Failed(failure)) => Err(failure),
    }
}

async fn run(mut tx: TenantTx, hand: &Hand<'_>, plan: &Plan<'_>) -> Result<Done<BulkReport>, Ended> {
    let ids: Vec<String> = plan.seen.iter().map(|seen| seen.id.to_string()).collect();
    let found = queries::records_by(&mut tx, hand.resource, None, &ids).await?;
    // One that is not for them to see is as if it were not there; at which site it is, the transaction looked.
    let seen = |record: &RecordView| hand.actor.signed_in.rights.may_see(hand.resource, record);
    let current: BTreeMap<Uuid, RecordView> = found.into_iter().filter(seen).map(|record| (record.id, record)).collect();
    let mut refused: BTreeMap<Uuid, Refusal> = BTreeMap::new();
    let mut good = Vec::new();
    for seen in &plan.seen {
        let Some(record) = current.get(&seen.id) else { continue };
        match judge(hand, plan, record, seen.version) {
            Ok(None) => {}
            Ok(Some(after)) => good.push(Good { current: record, after }),
            Err(refusal) => drop(refused.insert(seen.id, refusal)),
        }
    }
    // In the order in which they are locked: of two that want the same, the first has it, however often all of it is done again.
    good.sort_by_key(|good| good.current.id);
    if matches!(plan.deed, Deed::Change(_)) {
        refused.extend(refused_files(&mut tx, hand, &good).await?);
        good.retain(|good| !refused.contains_key(&good.current.id));
        refused.extend(refused_by_modules(&mut tx, hand.resource, &good).await?);
        good.retain(|good| !refused.contains_key(&good.current.id));
    }
    refused.extend(store::rows(&mut tx, hand, plan.deed.act(), &good).await?);
    good.retain(|good| !refused.contains_key(&good.current.id));
    let report = report(hand, plan, &current, (refused, &good));
    if plan.dry_run {
        // The transaction is dropped, and with it all that was stored.
        return Err(Ended::Tried(report));
    }
    store::beside(&mut tx, hand, (plan.deed.act(), plan.reason), &good).await?;
    Ok(tx.done(report))
}

/// What of a record changes; nothing where it is so already.
fn judge(hand: &Hand<'_>, plan: &Plan<'_>, current: &RecordView, version: u64) -> Result<Option<Values>, Refusal> {
    require_known(hand, plan.fields.takes(), current, version)?;
    match &plan.deed {
        Deed::Change(change) => {
            let after = changes(hand, &plan.fields, current, &change.of(current))?;
            Ok((!after.is_empty()).then_some(after))
        }
        Deed::Put(act) => Ok((current.archived_at.is_some() != matches!(act, Act::Archive)).then(Values::new)),
    }
}

/// Those that would get a file that its writer has not uploaded.
async fn refused_files(tx: &mut TenantTx, hand: &Hand<'_>, good: &[Good<'_>]) -> Result<BTreeMap<Uuid, Refusal>, Failure> {
    let written: Vec<_> = good.iter().map(|good| (good.current.id, &good.after)).collect();
    let unknown = files::unknown(tx, hand.resource, hand.actor.signed_in.account, &written).await?;
    Ok(unknown.into_iter().map(|(id, problem)| (id, refusal::fields_invalid(vec![problem]))).collect())
}

/// Those that a module has something against.
async fn refused_by_modules(tx: &mut TenantTx, resource: &Resource, good: &[Good<'_>]) -> Result<BTreeMap<Uuid, Refusal>, Failure> {
    if !effect::concerns(resource) {
        return Ok(BTreeMap::new());
    }
    let proposed = good.iter().map(|good| (good.current.id, good.proposed())).collect();
    let problems = effect::problems_of_each(tx, resource, proposed).await?;
    Ok(problems.into_iter().map(|(id, problems)| (id, refusal::fields_invalid(problems))).collect())
}

fn report(
    hand: &Hand<'_>,
    plan: &Plan<'_>,
    current: &BTreeMap<Uuid, RecordView>,
    (mut refused, good): (BTreeMap<Uuid, Refusal>, &[Good<'_>]),
) -> BulkReport {
    let Hand { resource, actor, .. } = *hand;
    let readable = actor.signed_in.rights.fields(resource, &resource.rights.read);
    let mut report = BulkReport { dry_run: plan.dry_run, done: 0, unchanged: 0, refused: 0, records: Vec::with_capacity(plan.seen.len()) };
    for seen in &plan.seen {
        let Some(record) = current.get(&seen.id) else {
            report.refused += 1;
            let outcome = told(refusal::unknown(resource));
            report.records.push(BulkRecord { id: seen.id, name: String::new(), version: None, outcome });
            continue;
        };
        let done = good.binary_search_by_key(&seen.id, |good| good.current.id).is_ok();
        let (count, outcome) = match refused.remove(&seen.id) {
            Some(refusal) => (&mut report.refused, told(refusal)),
            None if done => (&mut report.done, BulkOutcome::Done),
            None => (&mut report.unchanged, BulkOutcome::Unchanged),
        };
        *count += 1;
        let version = record.version + u64::from(done && !plan.dry_run);
        report.records.push(BulkRecord { id: seen.id, name: shown_title(resource, &readable, record), version: Some(version), outcome });
    }
    report
}

fn told(refusal: Refusal) -> BulkOutcome {
    BulkOutcome::Refused(BulkRefusal { code: refusal.code.to_owned(), errors: refusal.errors })
}
