//! A person decides what becomes of a held envelope: in the document's lane, in one transaction, once.

use super::BEHIND;
use super::queries::{self, Kept, StoredDecision};
use crate::audit::{self, Actor};
use crate::events::{NewEvent, event_id};
use crate::failure::{Failure, Fault, Refusal, Transient};
use crate::http::App;
use crate::identity;
use crate::sync::admission::{self, Proven};
use crate::sync::lane::{self, LaneFailure, Leaves, OnRecord};
use crate::tenancy::{Sites, TenantTx};
use holdfast_domain::audit::Action;
use holdfast_domain::held::{DecidedAs, EnvelopeDecided};
use holdfast_domain::kernel::{IntentId, Recorded, Timestamp};
use holdfast_sync::cbor;
use holdfast_sync::document::NewChange;
use holdfast_sync::envelope::Header;
use holdfast_sync::hub::{Closed, Lane, Outcome, OutcomeResult, REJECTED};
use holdfast_sync::kind::{Facts, Kind};
use holdfast_sync::verify::{CHAIN_FORKED, FACTS_DIFFER, Grant, GrantState, Known, KnownEntry, Offer, Verdict, WAIVABLE, Waiver};
use serde::de::IgnoredAny;
use serde_json::json;
use std::collections::BTreeSet;

/// Which way.
pub(super) enum Choice {
    /// It is judged again, but for what is set aside.
    Release(Waiver),
    /// For good.
    Reject,
}

/// Why it was not decided.
pub(super) enum Undecided {
    /// Said to whoever asked, or ours to see to.
    Failure(Failure),
    /// Another lane took its number in the chain meanwhile; done again, this one sees it.
    Overtaken,
}

impl Transient for Undecided {
    fn is_transient(&self) -> bool {
        match self {
            Self::Failure(failure) => failure.is_transient(),
            Self::Overtaken => true,
        }
    }
}

impl From<Fault> for Undecided {
    fn from(fault: Fault) -> Self {
        Self::Failure(fault.into())
    }
}

impl From<Refusal> for Undecided {
    fn from(refusal: Refusal) -> Self {
        Self::Failure(refusal.into())
    }
}

impl From<LaneFailure> for Undecided {
    fn from(failure: LaneFailure) -> Self {
        match failure {
            LaneFailure::Fault(fault) => Self::Failure(fault.into()),
            LaneFailure::Overtaken => Self::Overtaken,
        }
    }
}

/// Decides. The same decision again changes nothing; another one is refused.
pub(super) async fn decide(app: &App, tx: &mut TenantTx, intent: IntentId, (choice, by, reason): (&Choice, &Actor, &str)) -> Result<(), Undecided> {
    let document = queries::one(tx, intent).await?.ok_or_else(unknown)?.header.document;
    let OnRecord { stored, entries, .. } = lane::lock_and_read(tx, &BTreeSet::from([document])).await?.remove(&document).unwrap_or_default();
    // Read again: whoever decided at the same time has committed now.
    let kept = queries::one(tx, intent).await?.ok_or_else(unknown)?;
    match &kept.decision {
        Some(decision) if decision.verdict == choice.verdict() => return Ok(()),
        Some(_) => return Err(decided_already().into()),
        None if kept.standing != "held" => return Err(not_held().into()),
        None => {}
    }
    // A document that is there says of which kind it is; else whoever wrote first does.
    let kind_name = stored.as_ref().map_or(kept.header.kind.as_str(), |stored| stored.kind.as_str());
    let Some(kind) = app.modules.kinds.get(kind_name).filter(|kind| kind.name() == kept.header.kind) else {
        return decide_unread(app, tx, &kept, (choice, by, reason)).await;
    };
    let (offer, behind, known) = offers(tx, (&kept, entries), choice).await?;
    let reopened: BTreeSet<_> = behind.iter().map(|offer| offer.header.intent_id).chain([intent]).collect();
    let saved = stored.as_ref().map(|stored| stored.saved.as_slice());
    let mut lane = Lane::open(document, kind, saved, known).map_err(|bad| Fault::new("read a stored document", bad))?;
    if let Some(stored) = stored {
        lane = lane.told_so_far(stored.audiences);
    }
    choose(&mut lane, (kind, choice), offer, behind)?;
    let decision = decision(tx, &kept, (choice, by, reason));
    if decision.waived.iter().any(|code| code == CHAIN_FORKED) {
        queries::mark_forked(tx, intent).await?;
    }
    queries::insert_decision(tx, intent, &decision).await?;
    note(app, tx, by, (&kept, &decision)).await?;
    lane::settle(app, tx, &mut lane, (kind, document)).await?;
    let closed = lane.close();
    let mut events = lane::project(app, tx, (kind, document), &closed).await?;
    events.push(event(tx, &kept.header, &decision));
    let earlier = lane::earlier_for_newcomers(tx, document, &closed).await?;
    let leaves = Leaves { document, kind: kind.name(), closed, events, waited: reopened.clone(), reopened, earlier };
    lane::store(tx, &[leaves]).await?;
    Ok(())
}

/// What is of no kind that the document is of here can be rejected; nobody can read what it would bring.
async fn decide_unread(app: &App, tx: &mut TenantTx, kept: &Kept, (choice, by, reason): (&Choice, &Actor, &str)) -> Result<(), Undecided> {
    let Choice::Reject = choice else {
        let refusal = match app.modules.kinds.get(&kept.header.kind) {
            Some(_) => impossible("kind_differs"),
            None => {
                let detail = format!(
                    "This server does not know what {:?} is. Bring the server up to date and release it then; or reject it.",
                    kept.header.kind
                );
                Refusal::new(409, "release_kind_unknown", "The server is too old for it", detail)
            }
        };
        return Err(refusal.into());
    };
    let intent = kept.intent;
    let decision = decision(tx, kept, (choice, by, reason));
    queries::insert_decision(tx, intent, &decision).await?;
    note(app, tx, by, (kept, &decision)).await?;
    let rejected = Outcome { envelope: kept.envelope.clone(), header: kept.header.clone(), result: OutcomeResult::Refused(REJECTED) };
    let closed =
        Closed { outcomes: vec![rejected], buried: Vec::new(), saved: None, facts: Facts::default(), audiences: Vec::new(), departures: Vec::new() };
    let events = vec![event(tx, &kept.header, &decision)];
    let (document, kind) = (kept.header.document, kept.header.kind.as_str());
    let leaves = Leaves { document, kind, closed, events, waited: BTreeSet::from([intent]), reopened: BTreeSet::from([intent]), earlier: Vec::new() };
    lane::store(tx, &[leaves]).await?;
    Ok(())
}

fn choose(lane: &mut Lane, (kind, choice): (&dyn Kind, &Choice), offer: Offer, behind: Vec<Offer>) -> Result<(), Undecided> {
    let unreadable = |bad| Fault::new("read a stored document", bad);
    match choice {
        Choice::Reject => lane.reject(offer, behind).map_err(unreadable)?,
        Choice::Release(waiver) => {
            if waiver.0.contains(FACTS_DIFFER) && !speaks_for_its_author(kind, &offer) {
                return Err(impossible("facts_of_another").into());
            }
            lane.release(offer, waiver, behind).map_err(unreadable)?.map_err(stands_against)?;
        }
    }
    Ok(())
}

/// The held envelope and what is held only because it rests on it, as their grants stand now.
async fn offers(tx: &mut TenantTx, (kept, entries): (&Kept, Vec<KnownEntry>), choice: &Choice) -> Result<(Offer, Vec<Offer>, Known), Fault> {
    let mut all = vec![(kept.envelope.clone(), kept.header.clone(), Some(kept.arrived_at))];
    for there in queries::held_of(tx, &[kept.header.document.0]).await? {
        if there.code == BEHIND && there.intent != kept.intent {
            let behind = queries::one(tx, there.intent).await?.ok_or_else(|| Fault::because("a held envelope is gone"))?;
            all.push((behind.envelope, behind.header, Some(behind.arrived_at)));
        }
    }
    let headers: Vec<_> = all.iter().map(|(_, header, _)| header).collect();
    let (known, times) = lane::known(tx, &headers).await?;
    let known = Known { entries, ..known };
    let proven = Proven::new();
    let vouched = admission::vouched(tx, &proven, (&headers, times)).await?;
    let mut offers: Vec<_> = all.into_iter().map(|(envelope, header, arrived)| vouched.offer(envelope, header, arrived)).collect();
    let mut offer = offers.remove(0);
    if let (Choice::Release(waiver), GrantState::Unknown) = (choice, &offer.grant)
        && waiver.0.contains("grant_unknown")
        && let Some(grant) = as_the_author_stands(tx, &offer).await?
    {
        offer.grant = GrantState::Known(grant);
    }
    Ok((offer, offers, known))
}

/// In the place of a grant that nobody knows: what its author may do now, at all of their sites.
async fn as_the_author_stands(tx: &mut TenantTx, offer: &Offer) -> Result<Option<Grant>, Fault> {
    let (Some(account), Some(id)) = (super::account_of(&offer.header.author.account), offer.header.author.grant) else { return Ok(None) };
    let rights = identity::rights_of(tx, account).await?;
    let sites = match rights.sites() {
        Sites::All => identity::seen_sites(tx).await?,
        Sites::Only(sites) => sites,
    };
    Ok(Some(Grant {
        id,
        account,
        device: offer.header.device,
        permissions: rights.at_all(&sites).iter().map(|permission| permission.as_str().to_owned()).collect(),
        sites: sites.into_iter().map(|site| site.0).collect(),
        issued_at: Timestamp(i64::MIN),
        expires_at: offer.arrival,
        revoked_at: None,
    }))
}

/// Whether each fact says the author and the time of the header: nobody else's name is put under what a person lets in unseen.
fn speaks_for_its_author(kind: &dyn Kind, offer: &Offer) -> bool {
    let Ok(change) = NewChange::read(offer.header.document, kind.containers(), &offer.envelope.change.0) else { return false };
    let own = |bytes: &[u8]| {
        let recorded = cbor::decode::<Recorded<IgnoredAny>>(bytes);
        recorded.is_ok_and(|recorded| recorded.by == offer.header.author.account && recorded.at == offer.header.wall_time_ms)
    };
    change.facts(kind.containers()).all(|(_, _, bytes)| own(bytes))
}

fn decision(tx: &TenantTx, kept: &Kept, (choice, by, reason): (&Choice, &Actor, &str)) -> StoredDecision {
    let waived = match choice {
        Choice::Release(waiver) => waiver.0.iter().cloned().collect(),
        Choice::Reject => Vec::new(),
    };
    StoredDecision {
        verdict: choice.verdict(),
        by: by.signed_in.account,
        at: tx.now(),
        reason: reason.to_owned(),
        waived,
        held_code: kept.code.clone(),
    }
}

/// What was decided stands in the audit, of the intent that was held.
async fn note(app: &App, tx: &mut TenantTx, actor: &Actor, (kept, decision): (&Kept, &StoredDecision)) -> Result<(), Fault> {
    let (action, standing) = match decision.verdict {
        DecidedAs::Released => (Action::Release, "released"),
        DecidedAs::Rejected => (Action::Reject, "rejected"),
    };
    let before = audit::fields([("standing", json!("held")), ("code", json!(decision.held_code))]);
    let after = audit::fields([("standing", json!(standing)), ("waived", json!(decision.waived)), ("document", json!(kept.header.document))]);
    let entry = audit::Entry {
        id: app.environment.new_id(),
        action,
        record: ("sync.held", kept.intent.0, &kept.header.intent.name),
        site: None,
        before: Some(&before),
        after: Some(&after),
        reason: Some(&decision.reason),
    };
    audit::write(tx, actor, std::slice::from_ref(&entry)).await
}

fn event(tx: &TenantTx, header: &Header, decision: &StoredDecision) -> NewEvent {
    let kind = match decision.verdict {
        DecidedAs::Released => EnvelopeDecided::RELEASED,
        DecidedAs::Rejected => EnvelopeDecided::REJECTED,
    };
    let body = EnvelopeDecided {
        intent: header.intent_id,
        name: header.intent.name.clone(),
        document: header.document,
        kind: header.kind.clone(),
        device: header.device,
        code: decision.held_code.clone(),
        waived: decision.waived.clone(),
        by: decision.by,
        reason: decision.reason.clone(),
    };
    NewEvent {
        id: event_id(kind, header.intent_id.0),
        kind,
        subject: header.intent_id.to_string(),
        site: None,
        occurred_at: tx.now(),
        data: serde_json::to_value(body).expect("an event's body has no map whose keys are not text"),
    }
}

/// What still stands against it, for whoever asked.
fn stands_against(verdict: Verdict) -> Refusal {
    match verdict {
        Verdict::Held(BEHIND) => {
            let detail = "It rests on a change that is held, too. Release that one first; the list says which.";
            Refusal::new(409, "release_first", "Something else comes first", detail)
        }
        Verdict::Held(code) if WAIVABLE.contains(&code) => {
            let detail = format!("It would be held because of {code}. Name that, too, if you want to set it aside.");
            Refusal::new(409, code, "There is another reason to hold it", detail)
        }
        Verdict::Held(code) | Verdict::Refused(code) => impossible(code),
        Verdict::Waiting(_) | Verdict::Accepted(_) => {
            let detail = "It rests on a change that has not arrived. Release it once that has.";
            Refusal::new(409, "release_waits", "Something is missing", detail)
        }
    }
}

fn impossible(code: &'static str) -> Refusal {
    let detail = format!("It cannot be merged any more: {code}. Nothing was changed; reject it, and have it done again.");
    Refusal::new(409, "release_impossible", "It cannot be released", detail)
}

fn unknown() -> Refusal {
    Refusal::new(404, "held_unknown", "There is no such envelope", "Look at the list of what is held.")
}

fn decided_already() -> Refusal {
    Refusal::new(409, "decided_already", "Somebody decided otherwise", "Look at what they said; a decision stands.")
}

fn not_held() -> Refusal {
    Refusal::new(409, "not_held", "It is not held", "It was decided by rule, or has not been judged yet.")
}
