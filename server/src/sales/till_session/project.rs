//! Writes a till session into the tables.

use super::queries::{self, TillSessionRecord};
use crate::blobs;
use crate::events::{NewEvent, event_id};
use crate::failure::Fault;
use crate::sales::exception::{self, NewException};
use crate::sales::reading::{EffectiveTimes, author};
use crate::sync::{Merged, Projected};
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{AccountId, Document, DocumentId, FactId, Recorded, Timestamp, read_facts};
use holdfast_domain::sales::till_session::{TillSession, TillSessionFact, TillSessionRow, TillSessionRuling};
use holdfast_domain::sales::{TillClosed, TillOpened};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::envelope::Principal;
use std::collections::BTreeSet;

/// From the facts alone.
pub(super) async fn project(tx: &mut TenantTx, merged: &Merged) -> Result<Projected, Fault> {
    let facts = read_facts::<TillSession>(&merged.facts).readable;
    let session = TillSession::fold(facts.clone());
    let id = merged.document;
    let Some(row) = TillSessionRow::of(id, &session) else { return Ok(Projected::default()) };
    let corrections = session.rulings.iter().filter_map(|ruling| match ruling.fact {
        TillSessionRuling::TimeClamped { intent, effective } => Some((intent, effective)),
        _ => None,
    });
    let times = EffectiveTimes::of(corrections, &facts);
    let opened_at = first(&facts, &times, |fact| matches!(fact, TillSessionFact::Opened(_))).unwrap_or(row.opened_at);
    let closed_at = first(&facts, &times, |fact| matches!(fact, TillSessionFact::Closed(_)));
    exception::open(tx, &exceptions(&row, &facts)).await?;
    blobs::name(tx, id, &merged.audiences, photos(&facts)).await?;
    let events = opened(id, &session, opened_at).into_iter().chain(closed(id, &session, closed_at)).collect();
    queries::put_till_session(tx, TillSessionRecord { opened_by: author(&row.opened_by), opened_at, closed_at, row }).await?;
    Ok(Projected { events })
}

fn first(facts: &[(FactId, Recorded<TillSessionFact>)], times: &EffectiveTimes, wanted: fn(&TillSessionFact) -> bool) -> Option<Timestamp> {
    facts.iter().find(|(_, recorded)| wanted(&recorded.fact)).map(|(id, recorded)| times.at(*id, recorded))
}

/// The photos that a closing names, each with whoever closed.
fn photos(facts: &[(FactId, Recorded<TillSessionFact>)]) -> BTreeSet<(Digest32, AccountId)> {
    let named = facts.iter().filter_map(|(_, recorded)| match (&recorded.fact, &recorded.by) {
        (TillSessionFact::Closed(closed), Principal::Account(account)) => Some((closed, *account)),
        _ => None,
    });
    named.flat_map(|(closed, account)| closed.photos.iter().map(move |photo| (photo.sha256, account))).collect()
}

fn exceptions(row: &TillSessionRow, facts: &[(FactId, Recorded<TillSessionFact>)]) -> Vec<NewException> {
    let found_in = |found: &TillSessionRuling| {
        let same = |(_, recorded): &&(FactId, Recorded<TillSessionFact>)| matches!(&recorded.fact, TillSessionFact::Ruled(other) if other.finding() == found.finding());
        facts.iter().filter(same).map(|(id, _)| *id).collect()
    };
    let exception = |(id, recorded): &(FactId, Recorded<TillSessionFact>)| match &recorded.fact {
        TillSessionFact::Ruled(ruling) if ruling.opens_exception() => Some(NewException {
            id: *id,
            found_in: found_in(ruling),
            site: row.site,
            till: row.till,
            kind: TillSession::KIND,
            document: row.document,
            code: ruling.code(),
            ruling: serde_json::to_value(ruling).expect("a ruling has no map whose keys are not text"),
            opened_at: recorded.at,
        }),
        _ => None,
    };
    facts.iter().filter_map(exception).collect()
}

fn opened(id: DocumentId, session: &TillSession, opened_at: Timestamp) -> Option<NewEvent> {
    let opened = &session.opened.as_ref()?.fact;
    let body = TillOpened { till_session: id, site: opened.site, till: opened.till, float: opened.float };
    Some(NewEvent {
        id: event_id(TillOpened::KIND, id.0),
        kind: TillOpened::KIND,
        subject: id.to_string(),
        site: Some(opened.site),
        occurred_at: opened_at,
        data: serde_json::to_value(body).expect("an event's body has no map whose keys are not text"),
    })
}

fn closed(id: DocumentId, session: &TillSession, closed_at: Option<Timestamp>) -> Option<NewEvent> {
    let (opened, closed) = (&session.opened.as_ref()?.fact, &session.closed.as_ref()?.fact);
    let body = TillClosed {
        till_session: id,
        site: opened.site,
        till: opened.till,
        float: opened.float,
        counted: closed.counted,
        expected: closed.expected,
        tickets: closed.tickets,
    };
    Some(NewEvent {
        id: event_id(TillClosed::KIND, id.0),
        kind: TillClosed::KIND,
        subject: id.to_string(),
        site: Some(opened.site),
        occurred_at: closed_at?,
        data: serde_json::to_value(body).expect("an event's body has no map whose keys are not text"),
    })
}
