//! What the server rules on a till session.

use super::queries;
use crate::failure::Fault;
use crate::identity;
use crate::sales::reading::Arrivals;
use crate::sync::Merged;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{Document, DocumentId, FactId, Money, Recorded, call, read_facts};
use holdfast_domain::sales::till_session::{Opened, Rule, TillSession, TillSessionFact, TillSessionRuling};
use holdfast_sync::envelope::IntentCall;

/// The session itself, for the tickets that are sold in it; its till while it is being opened, so that two sessions never both come first.
pub(super) fn lock_keys(merged: &Merged) -> Vec<String> {
    let facts = read_facts::<TillSession>(&merged.facts).readable;
    let mut keys = vec![format!("sales.till_session:{}", merged.document)];
    keys.extend(opened_now(merged, &facts).map(|opened| format!("sales.till:{}", opened.till)));
    keys
}

/// The rulings that do not stand yet, in one intent.
pub(super) async fn settle(tx: &mut TenantTx, merged: &Merged) -> Result<Vec<IntentCall>, Fault> {
    let facts = read_facts::<TillSession>(&merged.facts).readable;
    let session = TillSession::fold(facts.clone());
    if session.opened.is_none() {
        return Ok(Vec::new());
    }
    let mut found = notes(merged, &session);
    if let Some(opened) = opened_now(merged, &facts) {
        found.extend(opening(tx, merged.document, opened).await?);
    }
    if facts.iter().filter(|(_, recorded)| matches!(recorded.fact, TillSessionFact::Closed(_))).count() > 1 {
        found.push(TillSessionRuling::ClosedTwice);
    }
    found.extend(expectation(tx, merged.document, &session).await?);
    found.retain(|ruling| !session.rulings.iter().any(|standing| standing.fact.finding() == ruling.finding()));
    Ok(if found.is_empty() { Vec::new() } else { vec![call(&Rule { rulings: found })] })
}

fn opened_now<'a>(merged: &Merged, facts: &'a [(FactId, Recorded<TillSessionFact>)]) -> Option<&'a Opened> {
    let arrivals = Arrivals::of(merged, facts);
    facts.iter().find_map(|(id, recorded)| match &recorded.fact {
        TillSessionFact::Opened(opened) if arrivals.brought(*id).is_some() => Some(opened),
        _ => None,
    })
}

fn notes(merged: &Merged, session: &TillSession) -> Vec<TillSessionRuling> {
    let clamped = merged.changes.iter().filter(|change| change.clock_clamped);
    let mut notes: Vec<_> =
        clamped.map(|change| TillSessionRuling::TimeClamped { intent: change.intent_id(), effective: change.effective_at }).collect();
    let noted = session.rulings.iter().any(|ruling| matches!(ruling.fact, TillSessionRuling::GrantExpired { .. }));
    let late = merged.changes.iter().find(|change| change.after_expiry && !noted);
    notes.extend(late.map(|change| TillSessionRuling::GrantExpired { intent: change.intent_id() }));
    notes
}

async fn opening(tx: &mut TenantTx, document: DocumentId, opened: &Opened) -> Result<Vec<TillSessionRuling>, Fault> {
    let mut found = Vec::new();
    if identity::site_of_till(tx, opened.till).await? != Some(opened.site) {
        found.push(TillSessionRuling::TillUnknown);
    }
    if let Some(other) = queries::other_open_session(tx, opened.till, document).await? {
        found.push(TillSessionRuling::OpenedTwice { other });
    }
    Ok(found)
}

/// Judged once, when no ticket is missing that the closing device knew of.
async fn expectation(tx: &mut TenantTx, document: DocumentId, session: &TillSession) -> Result<Option<TillSessionRuling>, Fault> {
    let (Some(opened), Some(closed)) = (&session.opened, &session.closed) else { return Ok(None) };
    if session.rulings.iter().any(|ruling| matches!(ruling.fact, TillSessionRuling::ExpectedDiffers { .. })) {
        return Ok(None);
    }
    let taken = queries::taken(tx, document).await?;
    if taken.tickets < closed.fact.tickets {
        return Ok(None);
    }
    let expected = Money::new(opened.fact.float.minor.saturating_add(taken.cash_minor), opened.fact.currency);
    let differs = expected != closed.fact.expected;
    Ok(differs.then_some(TillSessionRuling::ExpectedDiffers { expected, tickets: taken.tickets }))
}
