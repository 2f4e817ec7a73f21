//! `/api/v1/sync/held`: what was held or refused, and a person's decision about what is held.

mod decision;
mod queries;
mod shown;

use crate::audit::Actor;
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, Cursor, JsonBody, PathOf, QueryOf};
use crate::identity::{self, SignedIn};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use decision::Choice;
use holdfast_domain::KINDS;
use holdfast_domain::held::{DECIDE_HELD, DecidedAs, Decision, HeldEnvelope, HeldPage, HeldState, READ_HELD, Reject, Release, Said};
use holdfast_domain::kernel::{AccountId, DeviceId, DocumentId, IntentId};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::document::NewChange;
use holdfast_sync::envelope::Principal;
use holdfast_sync::verify::{WAIVABLE, Waiver};
use queries::{HeldThere, Kept, Wanted};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The most envelopes of one page.
const MOST: u32 = 200;
/// Where no limit is given.
const USUAL: u32 = 50;
const LONGEST_REASON: usize = 500;

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HeldQuery {
    /// Held ones, where it is left out.
    #[serde(default)]
    state: HeldState,
    /// What `next` of the page before said.
    after: Option<String>,
    /// The most of them on one page.
    #[schemars(range(min = 1, max = MOST))]
    limit: Option<u32>,
}

/// A page.
pub(super) async fn list(State(app): State<App>, signed_in: SignedIn, QueryOf(query): QueryOf<HeldQuery>) -> Result<Json<HeldPage>, Failure> {
    signed_in.require(&READ_HELD, None)?;
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Refusal::new(400, "limit_out_of_range", "The limit is out of range", format!("Ask for 1 to {MOST} envelopes at once.")).into());
    }
    let after = query.after.as_deref().map(Cursor::read).transpose()?;
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    // One more than asked for tells whether there are more.
    let mut kept = queries::list(&mut tx, Wanted { state: query.state, after, limit: limit + 1 }).await?;
    let more = kept.len() > limit as usize;
    kept.truncate(limit as usize);
    let at = |last: &Kept| match (&last.decision, query.state) {
        (Some(decision), HeldState::Decided) => decision.at,
        _ => last.arrived_at,
    };
    let next = kept.last().filter(|_| more).map(|last| Cursor { at: at(last), id: last.intent.0 }.write());
    let envelopes = described(&mut tx, kept).await?;
    tx.commit().await?;
    Ok(Json(HeldPage { envelopes, next }))
}

/// Lets a held envelope in.
pub(super) async fn release(
    State(app): State<App>,
    actor: Actor,
    PathOf(intent): PathOf<IntentId>,
    JsonBody(release): JsonBody<Release>,
) -> Result<Json<HeldEnvelope>, Failure> {
    actor.signed_in.require(&DECIDE_HELD, None)?;
    if let Some(unknown) = release.waives.iter().find(|code| !WAIVABLE.contains(&code.as_str())) {
        let detail = format!("Nobody can set {:?} aside.", unknown.chars().take(60).collect::<String>());
        return Err(Refusal::new(422, "waiver_unknown", "This reason cannot be set aside", detail).into());
    }
    let waiver = Waiver(release.waives.into_iter().collect());
    decide(&app, &actor, intent, (Choice::Release(waiver), release.reason)).await
}

/// Keeps a held envelope out for good.
pub(super) async fn reject(
    State(app): State<App>,
    actor: Actor,
    PathOf(intent): PathOf<IntentId>,
    JsonBody(reject): JsonBody<Reject>,
) -> Result<Json<HeldEnvelope>, Failure> {
    actor.signed_in.require(&DECIDE_HELD, None)?;
    decide(&app, &actor, intent, (Choice::Reject, reject.reason)).await
}

/// What an intent's payload says.
pub(super) fn said(payload: &[u8]) -> Vec<Said> {
    shown::lines("", payload)
}

async fn decide(app: &App, actor: &Actor, intent: IntentId, (choice, reason): (Choice, String)) -> Result<Json<HeldEnvelope>, Failure> {
    let signed_in = &actor.signed_in;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.chars().any(|c| c.is_control() && c != '\n') {
        let detail = "Say in 1 to 500 characters why: someone will look at it later.";
        return Err(Refusal::new(422, "reason_missing", "It takes a reason", detail).into());
    }
    let envelope = app
        .database
        .in_tenant(&signed_in.scope(), async |mut tx| {
            decision::decide(app, &mut tx, intent, (&choice, actor, reason)).await?;
            let kept = queries::one(&mut tx, intent).await?.ok_or_else(|| Fault::because("a decided envelope is gone"))?;
            let envelope = described(&mut tx, vec![kept]).await?.pop();
            let envelope = envelope.ok_or_else(|| Fault::because("a decided envelope lost its description"))?;
            Ok::<_, decision::Undecided>(tx.done(envelope))
        })
        .await?;
    app.movements.moved(signed_in.tenant);
    tracing::info!(intent.id = %intent, account.id = %signed_in.account, verdict = choice.name(), "a held envelope was decided");
    Ok(Json(envelope))
}

/// In words, with names.
async fn described(tx: &mut TenantTx, kept: Vec<Kept>) -> Result<Vec<HeldEnvelope>, Fault> {
    let devices: Vec<_> = kept.iter().map(|kept| kept.header.device.0).collect();
    let authors = kept.iter().filter_map(|kept| account_of(&kept.header.author.account));
    let deciders = kept.iter().filter_map(|kept| Some(kept.decision.as_ref()?.by));
    let accounts: BTreeSet<_> = authors.chain(deciders).map(|account| account.0).collect();
    let names = identity::account_names(tx, &accounts.into_iter().collect::<Vec<_>>()).await?;
    let device_names = identity::device_names(tx, &devices).await?;
    let documents: BTreeSet<_> = kept.iter().filter(|kept| kept.standing == "held").map(|kept| kept.header.document.0).collect();
    let held = Held::of(queries::held_of(tx, &documents.into_iter().collect::<Vec<_>>()).await?);
    Ok(kept.into_iter().map(|kept| describe(kept, &held, (&names, &device_names))).collect())
}

fn describe(kept: Kept, held: &Held, (names, devices): (&BTreeMap<AccountId, String>, &BTreeMap<DeviceId, String>)) -> HeldEnvelope {
    let Kept { intent, envelope, header, standing, code, arrived_at, decision } = kept;
    let name_of = |account: AccountId| names.get(&account).cloned().unwrap_or_else(|| account.to_string());
    let is_held = standing == "held";
    let code = decision.as_ref().map_or(code, |decision| decision.held_code.clone());
    HeldEnvelope {
        intent,
        payload: said(&header.intent.payload.0),
        writes: writes(&header.kind, header.document, &envelope.change.0),
        name: header.intent.name,
        document: header.document,
        kind: header.kind,
        author: account_of(&header.author.account).map(name_of).unwrap_or_default(),
        device: header.device,
        device_name: devices.get(&header.device).cloned().unwrap_or_default(),
        device_seq: header.device_seq,
        done_at: header.wall_time_ms,
        arrived_at,
        releasable: is_held && (WAIVABLE.contains(&code.as_str()) || code == BEHIND),
        rests_on: if is_held { held.before(intent) } else { Vec::new() },
        code,
        decision: decision.map(|decision| Decision {
            verdict: decision.verdict,
            by: decision.by,
            by_name: name_of(decision.by),
            at: decision.at,
            reason: decision.reason,
            waived: decision.waived,
        }),
    }
}

/// The code of what is held only because what it rests on is.
const BEHIND: &str = "depends_on_held";

const fn account_of(author: &Principal) -> Option<AccountId> {
    match author {
        Principal::Account(account) => Some(*account),
        Principal::System(_) | Principal::Invitation(_) => None,
    }
}

/// The facts that the change adds; none where it cannot be read.
fn writes(kind: &str, document: DocumentId, change: &[u8]) -> Vec<Said> {
    let Some(containers) = KINDS.get(kind).map(|kind| kind.containers()) else { return Vec::new() };
    let Ok(change) = NewChange::read(document, containers, change) else { return Vec::new() };
    change.facts(containers).flat_map(|(container, _, bytes)| shown::lines(container, bytes)).collect()
}

/// What is held of some documents, and what rests on what.
struct Held {
    by_hash: BTreeMap<Digest32, IntentId>,
    deps: BTreeMap<IntentId, Vec<Digest32>>,
}

impl Held {
    fn of(held: Vec<HeldThere>) -> Self {
        let deps = |there: &HeldThere| {
            let containers = KINDS.get(&there.kind)?.containers();
            Some(NewChange::read(there.document, containers, &there.change).ok()?.deps())
        };
        Self {
            by_hash: held.iter().map(|there| (there.change_hash, there.intent)).collect(),
            deps: held.iter().map(|there| (there.intent, deps(there).unwrap_or_default())).collect(),
        }
    }

    /// What must be released before it: each after what it rests on itself.
    fn before(&self, intent: IntentId) -> Vec<IntentId> {
        let mut order = Vec::new();
        let mut entered = BTreeSet::from([intent]);
        let mut open = vec![(intent, false)];
        while let Some((at, done)) = open.pop() {
            if done {
                order.push(at);
                continue;
            }
            open.push((at, true));
            let deps = self.deps.get(&at).into_iter().flatten().filter_map(|hash| self.by_hash.get(hash).copied());
            open.extend(deps.filter(|dep| entered.insert(*dep)).map(|dep| (dep, false)));
        }
        order.pop();
        order
    }
}

impl From<decision::Undecided> for Failure {
    fn from(undecided: decision::Undecided) -> Self {
        match undecided {
            decision::Undecided::Failure(failure) => failure,
            decision::Undecided::Overtaken => Fault::because("lanes of one chain kept overtaking one another").into(),
        }
    }
}

impl Choice {
    const fn verdict(&self) -> DecidedAs {
        match self {
            Self::Release(_) => DecidedAs::Released,
            Self::Reject => DecidedAs::Rejected,
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Release(_) => "released",
            Self::Reject => "rejected",
        }
    }
}
