//! What comes before a lane: is it an envelope, is it this tenant's, and did the device that it names sign it? And what the server knows of the
//! grants and the feed positions that its header names.

use super::lane::PositionTimes;
use crate::failure::Fault;
use crate::identity::{self, ServerKeys, StoredGrant, Vouching};
use crate::tenancy::TenantTx;
use holdfast_domain::identity::GrantClaims;
use holdfast_domain::kernel::{DeviceId, DocumentId, GrantId, TenantId, Timestamp};
use holdfast_sync::envelope::{BadEnvelope, Envelope, Header, Principal};
use holdfast_sync::verify::{Grant, GrantState, Offer};
use holdfast_sync::wire::DEVICE_UNKNOWN;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Grants that a push's tokens prove.
pub(super) type Proven = BTreeMap<GrantId, Arc<GrantClaims>>;

/// An envelope that no lane sees: nobody vouches for it, so it is answered and kept as evidence, but filed under no intent; whoever owns
/// the intent can still send it.
pub(super) struct Stranger {
    pub code: &'static str,
    pub header: Vec<u8>,
}

/// Reads the header; an envelope of another tenant is a stranger whatever it says.
pub(super) fn read(tenant: TenantId, envelope: &Envelope) -> Result<Header, Stranger> {
    let stranger = |code| Stranger { code, header: envelope.header.0.iter().copied().take(holdfast_sync::envelope::MAX_HEADER_BYTES).collect() };
    let header = envelope.read_header().map_err(|bad| match bad {
        BadEnvelope::TooLarge(_) => stranger("envelope_too_large"),
        BadEnvelope::Header(_) => stranger("envelope_malformed"),
        BadEnvelope::Version(_) => stranger("wire_version_unknown"),
    })?;
    if header.tenant != tenant {
        return Err(stranger("foreign_tenant"));
    }
    if !is_storable(&header) {
        return Err(stranger("envelope_malformed"));
    }
    // Whoever is no device and no person is the server.
    if header.device != DeviceId::SERVER && !matches!(header.author.account, Principal::Account(_)) {
        return Err(stranger("signature_wrong"));
    }
    Ok(header)
}

/// Whether Postgres can hold what it says: it knows no NUL in texts, and numbers up to 2^63.
fn is_storable(header: &Header) -> bool {
    let number = |number: u64| i64::try_from(number).is_ok();
    let texts = [&header.kind, &header.intent.name];
    texts.iter().all(|text| !text.contains('\0')) && number(header.device_seq) && number(header.basis.position)
}

/// The envelopes of a push, by document in the order in which each document first appears; strangers by their place in the push.
pub(super) struct Admitted {
    pub lanes: Vec<(DocumentId, Vec<(Envelope, Header)>)>,
    pub strangers: BTreeMap<usize, Stranger>,
    pub headers: BTreeMap<usize, Header>,
}

/// Checks each envelope's signature against its device's registered key. What the server made itself comes back from a device after a restore: it is
/// checked against the server's own, those of former years too.
pub(super) async fn admit(tx: &mut TenantTx, own: &ServerKeys, (proven, envelopes): (&Proven, Vec<Envelope>)) -> Result<Admitted, Fault> {
    let tenant = tx.tenant();
    let read: Vec<_> = envelopes.into_iter().map(|envelope| (read(tenant, &envelope), envelope)).collect();
    let keys = keys(tx, proven, &read).await?;
    let mut admitted = Admitted { lanes: Vec::new(), strangers: BTreeMap::new(), headers: BTreeMap::new() };
    let mut places: BTreeMap<DocumentId, usize> = BTreeMap::new();
    for (index, (header, envelope)) in read.into_iter().enumerate() {
        let checked = header.and_then(|header| match keys.get(&header.device) {
            None if header.device == DeviceId::SERVER && own.verify(&envelope.header.0, &envelope.signature.0) => Ok(header),
            None if header.device == DeviceId::SERVER => Err(Stranger { code: "signature_wrong", header: envelope.header.0.clone() }),
            None => Err(Stranger { code: DEVICE_UNKNOWN, header: envelope.header.0.clone() }),
            Some(key) if key.verify(&envelope.header.0, &envelope.signature.0) => Ok(header),
            Some(_) => Err(Stranger { code: "signature_wrong", header: envelope.header.0.clone() }),
        });
        match checked {
            Ok(header) => {
                let place = *places.entry(header.document).or_insert_with(|| {
                    admitted.lanes.push((header.document, Vec::new()));
                    admitted.lanes.len() - 1
                });
                admitted.headers.insert(index, header.clone());
                admitted.lanes[place].1.push((envelope, header));
            }
            Err(stranger) => {
                admitted.strangers.insert(index, stranger);
            }
        }
    }
    Ok(admitted)
}

/// The keys of the devices whose envelopes these are, as they enrolled; and those for which a grant of ours vouches, where the server was restored from a
/// backup and knows nothing else of the device.
async fn keys(
    tx: &mut TenantTx,
    proven: &Proven,
    read: &[(Result<Header, Stranger>, Envelope)],
) -> Result<BTreeMap<DeviceId, identity::DeviceKey>, Fault> {
    let headers = || read.iter().filter_map(|(header, envelope)| Some((header.as_ref().ok()?, envelope)));
    let devices: BTreeSet<_> = headers().map(|(header, _)| header.device).filter(|device| *device != DeviceId::SERVER).collect();
    let (mut keys, mut enrolled) = (BTreeMap::new(), BTreeSet::new());
    for device in devices {
        if let Some(known) = identity::device_key(tx, device).await? {
            if !known.taken_up {
                enrolled.insert(device);
            }
            keys.insert(device, known.key);
        }
    }
    // In the order of their ids: two pushes that bring the same devices do not wait for one another.
    let mut returning = BTreeMap::new();
    for (header, envelope) in headers().filter(|(header, _)| !enrolled.contains(&header.device)) {
        let Some(claims) = header.author.grant.and_then(|grant| proven.get(&grant)) else { continue };
        returning.extend(identity::Returning::of((header, envelope), claims).map(|one| ((header.device, header.chain, claims.sub), one)));
    }
    for ((device, ..), returning) in returning {
        keys.extend(identity::take_up(tx, returning).await?.map(|key| (device, key)));
    }
    Ok(keys)
}

/// What the server knows of the grants, devices, chains and positions that headers name.
pub(super) struct Vouched {
    stored: Vouching,
    /// Grants that a valid token of ours proves although the table does not know them, as after a restore from a backup.
    proven: BTreeMap<GrantId, StoredGrant>,
    times: PositionTimes,
    now: Timestamp,
}

/// Reads what [`Vouched`] knows. `times` are those of the positions that the headers name.
pub(super) async fn vouched(tx: &mut TenantTx, proven: &Proven, (headers, times): (&[&Header], PositionTimes)) -> Result<Vouched, Fault> {
    let grants = headers.iter().filter_map(|header| header.author.grant).collect();
    let chains = headers.iter().filter_map(|header| Some((header.device, header.chain?))).collect();
    let stored = identity::vouching(tx, grants, chains).await?;
    let unknown: BTreeMap<_, _> = headers
        .iter()
        .filter_map(|header| header.author.grant)
        .filter(|id| !stored.grants.contains_key(id))
        .filter_map(|id| Some((id, proven.get(&id)?)))
        .collect();
    let mut confirmed = BTreeMap::new();
    for (id, claims) in unknown {
        // Tokens travel with what they prove: one speaks for the key that it was issued to, whoever enrolled that device's id since.
        let enrolled = identity::device_key(tx, claims.device).await?;
        let confirms = |enrolled: &identity::EnrolledDevice| claims.cnf.as_ref().is_some_and(|cnf| cnf.confirms(enrolled.key.public_key()));
        if enrolled.as_ref().is_some_and(confirms) {
            confirmed.insert(id, claimed(claims));
        }
    }
    identity::keep_proven(tx, &confirmed).await?;
    Ok(Vouched { stored, proven: confirmed, times, now: tx.now() })
}

impl Vouched {
    /// The envelope with what is known of it. `arrived` is when it came, where that was before.
    pub(super) fn offer(&self, envelope: Envelope, header: Header, arrived: Option<Timestamp>) -> Offer {
        let grant = match header.author.grant {
            None if header.device == DeviceId::SERVER => GrantState::Own,
            None => GrantState::Missing,
            Some(id) => match (self.stored.grants.get(&id), self.proven.get(&id)) {
                (Some(facts), _) => GrantState::Known(grant(id, facts)),
                // A token still proves what was granted, but not that the device was not taken back since.
                (None, Some(facts)) if self.stored.revoked.contains(&header.device) => {
                    GrantState::Known(Grant { revoked_at: Some(self.now), ..grant(id, facts) })
                }
                (None, Some(facts)) => GrantState::Known(grant(id, facts)),
                (None, None) => GrantState::Unknown,
            },
        };
        let basis_time = (header.basis.epoch == self.stored.epoch).then(|| self.times.get(&header.basis.position).copied()).flatten();
        let chain_enrolled = header.chain.is_some_and(|chain| self.stored.chains.contains(&(header.device, chain)));
        Offer { envelope, header, grant, basis_time, chain_enrolled, arrival: arrived.unwrap_or(self.now) }
    }
}

/// What a token of ours says, as if it were stored.
fn claimed(claims: &GrantClaims) -> StoredGrant {
    StoredGrant {
        account: claims.sub,
        device: claims.device,
        sites: claims.whid.clone(),
        permissions: claims.permissions.clone(),
        issued_at: Timestamp(claims.iat.saturating_mul(1_000)),
        expires_at: Timestamp(claims.exp.saturating_mul(1_000)),
        revoked_at: None,
    }
}

fn grant(id: GrantId, facts: &StoredGrant) -> Grant {
    Grant {
        id,
        account: facts.account,
        device: facts.device,
        permissions: facts.permissions.iter().map(|permission| permission.as_str().to_owned()).collect(),
        sites: facts.sites.iter().map(|site| site.0).collect(),
        issued_at: facts.issued_at,
        expires_at: facts.expires_at,
        revoked_at: facts.revoked_at,
    }
}
