//! Grants: what an account may do on a device while nobody can be asked. `POST /api/v1/identity/grants` renews or adds one.

use super::device::{self, queries};
use super::device_key::DeviceKey;
use super::keys::ServerKeys;
use super::queries::Held;
use super::rights::Rights;
use crate::audit::{self, Actor};
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, JsonBody};
use crate::reference::{self, RowWrite};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use holdfast_domain::audit::Action;
use holdfast_domain::identity::{AccountName, ConfirmedKey, GrantClaims, GrantIssued, GrantRequest, HeldRole, KeyConfirmation, Permission, Profile};
use holdfast_domain::kernel::{AccountId, DeviceId, GrantId, SiteId, Timestamp};
use holdfast_sync::bytes::{Bytes, Digest32};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

const DAYS: i64 = 45;
const DAY_S: i64 = 24 * 60 * 60;
/// Longer is no grant.
const LONGEST_JWT: usize = 16 * 1024;
/// Grants kept verified; beyond, all are forgotten and verified again as they come.
const MOST_VERIFIED: usize = 10_000;

/// A grant as it was issued, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGrant {
    /// Whose.
    pub account: AccountId,
    /// On which device.
    pub device: DeviceId,
    /// At which sites.
    pub sites: Vec<SiteId>,
    /// For what.
    pub permissions: Vec<Permission>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The text is no grant of this server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the grant was not signed by this server")]
pub struct GrantError;

/// Grants whose signature was checked, by the hash of their text.
#[derive(Default)]
pub(super) struct VerifiedGrants(RwLock<HashMap<Digest32, Arc<GrantClaims>>>);

pub(super) async fn issue(
    State(app): State<App>,
    actor: Actor,
    JsonBody(request): JsonBody<GrantRequest>,
) -> Result<(StatusCode, Json<GrantIssued>), Failure> {
    app.database
        .in_tenant(&actor.signed_in.scope(), async |mut tx| {
            let known = device::device_key(&mut tx, request.device).await?.ok_or_else(not_enrolled)?;
            if !known.key.verify(&GrantRequest::to_sign(request.device, &actor.signed_in.csrf()), request.proof.as_ref()) {
                return Err(device::proof_wrong("The device cannot be given a grant like this").into());
            }
            let grant = make(&app, &mut tx, &actor, request.device).await?;
            let sealing_key = Some(app.identity.sealing_keys().public().clone());
            Ok(tx.done((StatusCode::CREATED, Json(GrantIssued { grant, sealing_key }))))
        })
        .await
}

/// The grant of that id; none where this tenant has none.
pub async fn grant(tx: &mut TenantTx, grant: GrantId) -> Result<Option<StoredGrant>, Fault> {
    queries::grant(tx, grant).await
}

/// The grants of those ids as they were issued, for whoever keeps what was done under them. Who their holders are called is no part of what they permit.
pub(crate) async fn issue_again(app: &App, tx: &mut TenantTx, ids: BTreeSet<GrantId>) -> Result<BTreeMap<GrantId, String>, Fault> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tid = tx.tenant();
    let stored = queries::vouching(tx, ids, BTreeSet::new()).await?.grants;
    let mut keys = BTreeMap::new();
    for device in stored.values().map(|grant| grant.device).collect::<BTreeSet<_>>() {
        keys.extend(device::device_key(tx, device).await?.map(|enrolled| (device, with_key(&enrolled.key))));
    }
    let claims = |id: GrantId, grant: StoredGrant| GrantClaims {
        cnf: keys.get(&grant.device).cloned(),
        jti: id,
        sub: grant.account,
        person: None,
        tid,
        whid: grant.sites,
        permissions: grant.permissions,
        device: grant.device,
        name: String::new(),
        iat: grant.issued_at.0.div_euclid(1_000),
        exp: grant.expires_at.0.div_euclid(1_000),
    };
    stored.into_iter().map(|(id, grant)| Ok((id, app.identity.keys().issue(&claims(id, grant))?))).collect()
}

/// What a grant says of the key that it speaks for, to whoever may have to bring the device's work back.
fn with_key(key: &DeviceKey) -> KeyConfirmation {
    let confirmed = ConfirmedKey { algorithm: key.algorithm(), public_key: Bytes(key.public_key().to_vec()) };
    KeyConfirmation { key: Some(confirmed), ..KeyConfirmation::of(key.public_key()) }
}

/// Keeps grants that their tokens prove and nothing here knows, as after a restore from a backup: what was done under them may have to wait for something that
/// comes without the token. Of a device or an account that is not known (any more) none is kept.
pub(crate) async fn keep_proven(tx: &mut TenantTx, proven: &BTreeMap<GrantId, StoredGrant>) -> Result<(), Fault> {
    for (id, grant) in proven {
        queries::keep_grant(tx, *id, grant).await?;
    }
    Ok(())
}

/// Issues a grant to the signed-in account on an enrolled device: at the site of the device's till, or at all its sites where the device has
/// none.
pub(super) async fn make(app: &App, tx: &mut TenantTx, actor: &Actor, device: DeviceId) -> Result<String, Failure> {
    let signed_in = &actor.signed_in;
    let known = queries::device(tx, device).await?.ok_or_else(not_enrolled)?;
    if known.revoked_at.is_some() {
        return Err(device::revoked().into());
    }
    if known.taken_up {
        let detail = "This server was put back from a backup, and knows the device from hearsay alone. Enrol it again.";
        return Err(Refusal::new(404, "device_unknown", "This device is not enrolled", detail).into());
    }
    let sites = match known.till {
        Some(till) => vec![queries::site_of_till(tx, till).await?.ok_or_else(not_at_this_till)?],
        None => queries::seen_sites(tx).await?,
    };
    let issued_s = tx.now().0.div_euclid(1_000);
    // As they are now: the request may have begun under a role that has ended since.
    let held = super::queries::roles(tx, signed_in.account).await?;
    let permissions = Rights::held(&held).at_all(&sites);
    let ends_s = first_end(&held, &sites, &permissions).map_or(i64::MAX, |end| end.0.div_euclid(1_000));
    let claims = GrantClaims {
        jti: app.environment.new_id(),
        sub: signed_in.account,
        person: signed_in.person,
        tid: signed_in.tenant,
        permissions: permissions.into_iter().collect(),
        whid: sites,
        device,
        name: signed_in.name.clone(),
        iat: issued_s,
        exp: (issued_s + DAYS * DAY_S).min(ends_s),
        cnf: Some(KeyConfirmation::of(&known.public_key)),
    };
    queries::insert_grant(tx, &claims).await?;
    // From here on the session is the device's: revoking the one ends the other.
    super::queries::bind_session(tx, signed_in.token.hash(), device).await?;
    note(app, tx, actor, &claims).await?;
    tell_holder(tx, &claims).await?;
    Ok(app.identity.keys().issue(&claims)?)
}

/// What the grant permits stands with the grant.
async fn note(app: &App, tx: &mut TenantTx, actor: &Actor, claims: &GrantClaims) -> Result<(), Fault> {
    let until = Timestamp(claims.exp.saturating_mul(1_000));
    let after = audit::fields([
        ("account", json!(claims.sub)),
        ("device", json!(claims.device)),
        ("sites", json!(claims.whid)),
        ("expires_at", json!(until)),
    ]);
    let entry = audit::Entry {
        id: app.environment.new_id(),
        action: Action::Grant,
        record: ("identity.grant", claims.jti.0, &claims.name),
        site: if let [site] = claims.whid[..] { Some(site) } else { None },
        before: None,
        after: Some(&after),
        reason: None,
    };
    audit::write(tx, actor, std::slice::from_ref(&entry)).await
}

/// When the first of these permissions ends with the role that gives it; none where all are for good. A grant says one end for all.
fn first_end(held: &[Held], sites: &[SiteId], permissions: &BTreeSet<Permission>) -> Option<Timestamp> {
    let without = |end: Timestamp| Rights::held(held.iter().filter(|held| held.until.is_none_or(|until| until > end))).at_all(sites);
    let ends: BTreeSet<Timestamp> = held.iter().filter_map(|held| held.until).collect();
    ends.into_iter().find(|end| !permissions.is_subset(&without(*end)))
}

/// Every device of the sites learns the holder's name: it will be sent what they do. And the holder's own learn what they may read of themselves.
async fn tell_holder(tx: &mut TenantTx, claims: &GrantClaims) -> Result<(), Fault> {
    let name = AccountName { account: claims.sub, name: claims.name.clone() };
    let at_site = |site: &SiteId| RowWrite::for_site(*site, AccountName::row_id(claims.sub, *site), &name);
    let mut rows: Vec<RowWrite> = claims.whid.iter().map(at_site).collect();
    if let Some(person) = claims.person
        && let Some(profile) = profile(tx, claims.sub).await?
    {
        rows.push(RowWrite::for_person(person, claims.sub.0, &profile));
    }
    reference::write(tx, rows).await?;
    Ok(())
}

async fn profile(tx: &mut TenantTx, account: AccountId) -> Result<Option<Profile>, Fault> {
    let Some(about) = super::queries::account(tx, account).await? else { return Ok(None) };
    let names: BTreeMap<SiteId, String> = super::queries::sites(tx).await?.into_iter().map(|site| (site.id, site.name)).collect();
    let held = |held: Held| HeldRole {
        role: held.role.called().to_owned(),
        site: held.site,
        site_name: held.site.and_then(|site| names.get(&site).cloned()).unwrap_or_default(),
    };
    let mut roles: Vec<HeldRole> = super::queries::roles(tx, account).await?.into_iter().map(held).collect();
    roles.sort();
    Ok(Some(Profile { account, name: about.name, email: about.email, roles }))
}

fn not_enrolled() -> Refusal {
    Refusal::new(404, "device_unknown", "This device is not enrolled", "Enrol it first: it has lost its storage, or belongs to another company.")
}

fn not_at_this_till() -> Refusal {
    Refusal::new(403, "not_at_this_till", "You do not work at this till's site", "Sign in as someone who does, or ask for a role at the site.")
}

impl VerifiedGrants {
    pub(super) fn verify(&self, keys: &ServerKeys, jwt: &str) -> Result<Arc<GrantClaims>, GrantError> {
        if jwt.len() > LONGEST_JWT {
            return Err(GrantError);
        }
        let digest = Digest32::of(jwt.as_bytes());
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if let Some(claims) = known {
            return Ok(claims);
        }
        let claims = Arc::new(keys.read_grant(jwt)?);
        let mut verified = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= MOST_VERIFIED {
            verified.clear();
        }
        verified.insert(digest, claims.clone());
        Ok(claims)
    }
}
