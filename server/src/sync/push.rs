//! `POST /api/v1/sync/push`: up to 500 envelopes, each answered by itself.

use super::admission::{self, Admitted, Proven};
use super::encoding::Wire;
use super::lane::{self, Answers, LaneFailure, LaneRequest};
use super::queries;
use crate::failure::{Failure, Fault, Refusal};
use crate::http::App;
use crate::identity::{self, Carrier};
use crate::metrics::{self, Stages};
use crate::processor::metered;
use crate::tenancy::TenantScope;
use axum::extract::State;
use holdfast_domain::kernel::{DeviceId, DocumentId, IntentId, TenantId};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::envelope::{Envelope, Header};
use holdfast_sync::wire::{Answer, MAX_GRANTS, MAX_PUSH, PushRequest, PushResponse};
use std::collections::{BTreeMap, BTreeSet};

/// The most changes of one document in one transaction.
const MAX_LANE: usize = 100;
/// The most documents and changes of one transaction. What many have in common costs once; and nobody waits long for one that holds them all.
const MAX_DOCUMENTS: usize = 64;
const MAX_CHANGES: usize = 200;

/// Takes in envelopes. Whoever is signed in carries them up, whoever made them, also from a device that was revoked: what it made is held, not lost.
pub(super) async fn push(
    State(app): State<App>,
    Carrier(signed_in): Carrier,
    Wire(request, encoding): Wire<PushRequest>,
) -> Result<Wire<PushResponse>, Failure> {
    check_size(&request)?;
    let scope = TenantScope::system(signed_in.tenant).caused_by(signed_in.cause.clone());
    // Before anything is judged: what a page of the feed says that was made after this may say more than the answers.
    let server_time_ms = app.environment.now();
    let answers = take_in(&app, &scope, (signed_in.device, request)).await?;
    Ok(Wire(PushResponse { answers, server_time_ms }, encoding))
}

pub(super) fn check_size(request: &PushRequest) -> Result<(), Refusal> {
    if request.envelopes.len() > MAX_PUSH || request.grants.len() > MAX_GRANTS {
        return Err(Refusal::new(413, "push_too_large", "The push is too large", format!("Send at most {MAX_PUSH} envelopes at once.")));
    }
    Ok(())
}

/// Judges a push and answers each envelope, in order.
pub(super) async fn take_in(app: &App, scope: &TenantScope, pushed: (Option<DeviceId>, PushRequest)) -> Result<Vec<Answer>, Fault> {
    metered(judge(app, scope, pushed)).await
}

async fn judge(app: &App, scope: &TenantScope, (from, request): (Option<DeviceId>, PushRequest)) -> Result<Vec<Answer>, Fault> {
    let count = request.envelopes.len();
    let mut stages = Stages::start(&app.environment);
    let proven = proven(app, scope.tenant, &request.grants);
    let admitted = admit(app, scope, &proven, (from, request.envelopes)).await?;
    stages.end("admit");
    let mut answered = BTreeMap::new();
    for together in together(admitted.lanes) {
        for (lane, by_intent) in together.iter().zip(run_lanes(app, scope, &proven, &together).await) {
            note_answers(&mut answered, &lane.envelopes, &by_intent);
        }
    }
    stages.end("lanes");
    let answer = |index: usize| match (admitted.strangers.get(&index), admitted.headers.get(&index)) {
        (Some(stranger), _) => Answer::Refused { code: stranger.code.to_owned() },
        (None, Some(header)) => answered.get(&(header.intent_id, header.change_hash)).cloned().unwrap_or(Answer::Retry),
        (None, None) => Answer::Retry,
    };
    let answers: Vec<_> = (0..count).map(answer).collect();
    answers.iter().for_each(|answer| metrics::count_sync_outcome(outcome(answer)));
    Ok(answers)
}

/// Each envelope's own answer: of two of one intent, the one may be filed while the other's lane failed. What waited in an earlier lane of the push may be
/// decided by a later one.
fn note_answers(answered: &mut BTreeMap<(IntentId, Digest32), Answer>, part: &[(Envelope, Header)], by_intent: &Answers) {
    for ((intent, _), answer) in answered.iter_mut().filter(|(_, answer)| matches!(answer, Answer::Waiting { .. })) {
        if let Some(now) = by_intent.get(intent).filter(|now| !matches!(now, Answer::Retry)) {
            *answer = now.clone();
        }
    }
    let own = |(_, header): &(Envelope, Header)| {
        let answer = by_intent.get(&header.intent_id).cloned().unwrap_or(Answer::Retry);
        ((header.intent_id, header.change_hash), answer)
    };
    answered.extend(part.iter().map(own));
}

/// The grants that the push's tokens prove.
fn proven(app: &App, tenant: TenantId, tokens: &[String]) -> Proven {
    let claims = tokens.iter().filter_map(|token| app.identity.verify_grant(token).ok());
    claims.filter(|claims| claims.tid == tenant).map(|claims| (claims.jti, claims)).collect()
}

async fn admit(app: &App, scope: &TenantScope, proven: &Proven, (from, envelopes): (Option<DeviceId>, Vec<Envelope>)) -> Result<Admitted, Fault> {
    let mut tx = app.database.tenant(scope.clone()).await?;
    identity::note_contact(&mut tx, from).await?;
    let admitted = admission::admit(&mut tx, app.identity.keys(), (proven, envelopes)).await?;
    for stranger in admitted.strangers.values() {
        queries::keep_reject(&mut tx, stranger.code, &stranger.header).await?;
    }
    tx.commit().await?;
    Ok(admitted)
}

/// The lanes that run in one transaction, in the order in which they came: never one document twice, and no intent in two of them.
fn together(lanes: Vec<(DocumentId, Vec<(Envelope, Header)>)>) -> Vec<Vec<LaneRequest>> {
    let mut batches = Vec::new();
    let (mut batch, mut intents, mut changes): (Vec<LaneRequest>, BTreeSet<IntentId>, usize) = Default::default();
    for (document, envelopes) in lanes {
        for part in envelopes.chunks(MAX_LANE) {
            let own: BTreeSet<_> = part.iter().map(|(_, header)| header.intent_id).collect();
            let full = batch.len() >= MAX_DOCUMENTS || changes + part.len() > MAX_CHANGES;
            if full || batch.last().is_some_and(|last| last.document == document) || !own.is_disjoint(&intents) {
                batches.push(std::mem::take(&mut batch));
                (intents, changes) = Default::default();
            }
            changes += part.len();
            intents.extend(own);
            batch.push(LaneRequest { document, envelopes: part.to_vec() });
        }
    }
    batches.push(batch);
    batches.retain(|batch| !batch.is_empty());
    batches
}

/// Judges again what waits for a document, as if something had come for it.
pub(super) async fn look_again(app: &App, scope: &TenantScope, document: DocumentId) {
    run_lane(app, scope, &Proven::new(), &LaneRequest { document, envelopes: Vec::new() }).await;
}

/// Runs lanes in one transaction. If it fails, each is run by itself: one that cannot be written stands in no other's way.
async fn run_lanes(app: &App, scope: &TenantScope, proven: &Proven, lanes: &[LaneRequest]) -> Vec<Answers> {
    if let [lane] = lanes {
        return vec![run_lane(app, scope, proven, lane).await];
    }
    match attempt(app, scope, proven, lanes).await {
        Ok(answers) => {
            app.movements.moved(scope.tenant);
            answers
        }
        Err(failure) => {
            tracing::debug!(error = %failure, "lanes that failed together are run one by one");
            let mut answers = Vec::with_capacity(lanes.len());
            for lane in lanes {
                answers.push(run_lane(app, scope, proven, lane).await);
            }
            answers
        }
    }
}

async fn attempt(app: &App, scope: &TenantScope, proven: &Proven, lanes: &[LaneRequest]) -> Result<Vec<Answers>, LaneFailure> {
    let mut tx = app.database.tenant(scope.clone()).await?;
    let answers = lane::run(app, &mut tx, proven, lanes).await?;
    tx.commit().await?;
    Ok(answers)
}

/// A lane that fails answers `retry` for its envelopes and stands in no other lane's way.
async fn run_lane(app: &App, scope: &TenantScope, proven: &Proven, request: &LaneRequest) -> Answers {
    let lane = app.database.in_tenant(scope, async |mut tx| {
        let answers = lane::run(app, &mut tx, proven, std::slice::from_ref(request)).await?;
        Ok::<_, LaneFailure>(tx.done(answers))
    });
    match lane.await {
        Ok(answers) => {
            app.movements.moved(scope.tenant);
            answers.into_iter().next().unwrap_or_default()
        }
        Err(failure) => {
            tracing::error!(document.id = %request.document, error = %failure, "a lane failed");
            request.envelopes.iter().map(|(_, header): &(Envelope, Header)| (header.intent_id, Answer::Retry)).collect()
        }
    }
}

fn outcome(answer: &Answer) -> &'static str {
    match answer {
        Answer::Accepted { .. } => "accepted",
        Answer::Duplicate { .. } => "duplicate",
        Answer::Waiting { .. } => "waiting",
        Answer::Held { .. } => "held",
        Answer::Refused { .. } => "refused",
        Answer::Retry => "retry",
    }
}
