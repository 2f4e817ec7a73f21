//! `GET /api/v1/audit/entries`: what was done, newest first; what is kept here, and between it what people did on documents.

use super::asked::{Asked, AuditQuery, Wanted};
use super::place::Place;
use super::queries::{self, KeptRow};
use super::told;
use crate::failure::{Failure, Fault};
use crate::http::{App, QueryOf};
use crate::identity::SignedIn;
use crate::sync::{self, Act, Standing, WantedActs};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use holdfast_domain::audit::{EntriesPage, Outcome, READ};

/// An entry, from wherever it is.
pub(super) enum Found {
    Kept(Box<KeptRow>),
    Act(Act),
}

/// Part of what was asked for.
pub(super) struct Part {
    pub found: Vec<Found>,
    /// Where it goes on; none at the end.
    pub next: Option<Place>,
}

/// A page.
pub(super) async fn entries(State(app): State<App>, signed_in: SignedIn, QueryOf(query): QueryOf<AuditQuery>) -> Result<Json<EntriesPage>, Failure> {
    let scope = signed_in.scope_for(&READ)?;
    let (limit, after) = (query.limit()?, query.place()?);
    let may = (&signed_in, scope.sites.clone());
    let mut tx = app.database.tenant(scope).await?;
    let wanted = query.wanted(&mut tx, may).await?;
    let part = part(&mut tx, &wanted, after, limit).await?;
    let next = part.next.map(Place::write);
    let (entries, names) = told::all(&mut tx, &signed_in.rights, part.found).await?;
    tx.commit().await?;
    Ok(Json(EntriesPage { entries, names, next }))
}

/// So many entries behind a place, of both kinds in one order.
pub(super) async fn part(tx: &mut TenantTx, wanted: &Wanted, after: Option<Place>, limit: u32) -> Result<Part, Fault> {
    // One more than asked for tells whether there are more.
    let kept = match asks_for_kept(wanted) {
        true => queries::kept(tx, wanted, after.map(Place::for_kept), limit + 1).await?,
        false => Vec::new(),
    };
    let (acts, looked_to) = match acts_of(wanted) {
        Some(acts) => {
            let acts = sync::acts(tx, &acts, after.map(Place::for_acts), limit + 1).await?;
            (acts.acts, acts.looked_to.map(|(at, intent)| Place::Act { at, intent }))
        }
        None => (Vec::new(), None),
    };
    let mut found: Vec<Found> = merged(kept, acts);
    // Behind what was looked through there may be acts that come first.
    found.retain(|found| looked_to.is_none_or(|looked_to| !looked_to.is_before(found.place())));
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = if more { found.last().map(Found::place) } else { looked_to };
    Ok(Part { found, next })
}

fn merged(kept: Vec<KeptRow>, acts: Vec<Act>) -> Vec<Found> {
    let mut merged = Vec::with_capacity(kept.len() + acts.len());
    let (mut kept, mut acts) = (kept.into_iter().map(|row| Found::Kept(Box::new(row))).peekable(), acts.into_iter().map(Found::Act).peekable());
    loop {
        let first = match (kept.peek(), acts.peek()) {
            (Some(one), Some(other)) if other.place().is_before(one.place()) => acts.next(),
            (Some(_), _) => kept.next(),
            (None, _) => acts.next(),
        };
        match first {
            Some(first) => merged.push(first),
            None => return merged,
        }
    }
}

const fn asks_for_kept(wanted: &Wanted) -> bool {
    !matches!(wanted.action, Some(Asked::Intent(_))) && !matches!(wanted.result, Some(Outcome::Held | Outcome::Refused))
}

/// What is asked of documents; none where nothing of theirs is.
fn acts_of(wanted: &Wanted) -> Option<WantedActs> {
    let name = match &wanted.action {
        Some(Asked::Kept(_)) => return None,
        Some(Asked::Intent(name)) => Some(name.clone()),
        None => None,
    };
    let standing = match wanted.result {
        Some(Outcome::Failed) => return None,
        Some(Outcome::Done) => Some(Standing::Accepted),
        Some(Outcome::Held | Outcome::Refused) if !wanted.held => return None,
        None if !wanted.held => Some(Standing::Accepted),
        Some(Outcome::Held) => Some(Standing::Held),
        Some(Outcome::Refused) => Some(Standing::Refused),
        None => None,
    };
    let Wanted { actor, kind, record, device, sites, since, until, .. } = wanted.clone();
    Some(WantedActs { account: actor, name, kind, document: record.map(Into::into), device, standing, sites, since, until })
}

impl Found {
    pub(super) fn place(&self) -> Place {
        match self {
            Self::Kept(row) => Place::Kept { at: row.at, ordinal: row.ordinal },
            Self::Act(act) => Place::Act { at: act.arrived_at, intent: act.intent },
        }
    }
}
