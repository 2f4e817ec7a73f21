//! Verify: who made this change, were they allowed to, and is it what they say they meant?
//!
//! Three outcomes, never a fourth: accepted, held for a decision in the office, refused. A change whose dependencies or whose intent
//! this server does not know yet waits; that is not an outcome but a postponement. [`Known`] is what the server remembers of the document and of whoever
//! acts; nothing here reads a table.

use crate::bytes::Digest32;
use crate::document::{BadChange, BadDocument, HOLD_FACTOR, LoadedDocument, MAX_FACTS, NewChange};
use crate::envelope::{Envelope, Header, Principal};
use crate::ids::{AccountId, ChainId, DeviceId, FactId, GrantId, IntentId};
use crate::kind::{Act, IntentError, Kind, Needed, NewFact, RULINGS};
use crate::time::Timestamp;
use crate::wire::{Answer, DEPENDS_ON_HELD, DEPENDS_ON_REFUSED};
use std::collections::{BTreeMap, BTreeSet};

/// The length of an actor: random, and no longer than an id, since each document stores each of its actors.
pub const ACTOR_BYTES: usize = 16;

/// An envelope whose header has been read and whose signature has been checked: against the device's registered key, or against the server's own keys where
/// the header says that the server made it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// As it came.
    pub envelope: Envelope,
    /// Read from the envelope.
    pub header: Header,
    /// What the server knows of the grant that the header names.
    pub grant: GrantState,
    /// When the server wrote the feed position that the header names as its basis; none where it is not known any more.
    pub basis_time: Option<Timestamp>,
    /// Whether the device enrolled with the chain that the header names.
    pub chain_enrolled: bool,
    /// When the server received it.
    pub arrival: Timestamp,
}

/// What the server knows of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantState {
    /// The header names none.
    Missing,
    /// It is named, but neither stored nor proven by its JWT.
    Unknown,
    /// It was issued by this server.
    Known(Grant),
    /// There is none, and none is needed: the server itself made the envelope, and signed it with a key of its own.
    Own,
}

/// What a grant permits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose it is.
    pub account: AccountId,
    /// The device it holds on.
    pub device: DeviceId,
    /// What it permits.
    pub permissions: BTreeSet<String>,
    /// Where.
    pub sites: BTreeSet<uuid::Uuid>,
    /// Nothing was done under it before.
    pub issued_at: Timestamp,
    /// Facts after this are marked late, never dropped.
    pub expires_at: Timestamp,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// The reasons to hold an offer that a person, having looked at it, sets aside. What it rests on, its soundness and what its grant permits nobody can
/// set aside.
#[derive(Debug, Clone, Default)]
pub struct Waiver(pub BTreeSet<String>);

/// The reasons that a person can set aside.
pub const WAIVABLE: [&str; 9] = [
    "grant_revoked",
    "grant_unknown",
    "co_author_unproven",
    "chain_unknown",
    CHAIN_FORKED,
    MOVED_BACK,
    "document_full",
    "too_many_waiting",
    FACTS_DIFFER,
];
/// It was made as if its device had not made what it made before, or its device went on as if it had not been.
pub const MOVED_BACK: &str = "dependencies_moved_back";
/// Its device went on without it because it was held: no reason to hold it once it is released. Set aside with the release, never by name.
pub(crate) const LEFT_BEHIND: &str = "left_behind";
/// Another change has its place in the chain, or it continues another one.
pub const CHAIN_FORKED: &str = "chain_forked";
/// The change does not say what its intent yields.
pub const FACTS_DIFFER: &str = "facts_differ_from_intent";

impl Waiver {
    /// Nothing is set aside.
    pub const NONE: Self = Self(BTreeSet::new());

    /// The same for what was held because of `code`: unless that was it, that its device went on without it since is only what being held means.
    pub(crate) fn of_a_release(&self, code: Option<&str>) -> Self {
        let mut reasons = self.0.clone();
        if code != Some(MOVED_BACK) {
            reasons.insert(LEFT_BEHIND.to_owned());
        }
        Self(reasons)
    }

    /// Whether the reason counts.
    fn holds(&self, code: &str) -> bool {
        !self.0.contains(code)
    }
}

/// What the server remembers that concerns the envelopes of one document.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// All envelopes of this document that were judged before, with what came of them; those that a newer one of their intent replaced as refused.
    pub entries: Vec<KnownEntry>,
    /// First answers to the offered intents, in whatever document.
    pub answers: BTreeMap<IntentId, FirstAnswer>,
    /// Which device each offered actor belongs to.
    pub actors: BTreeMap<Vec<u8>, DeviceId>,
    /// Header hashes of the accepted envelopes at the offered numbers of each chain and at the numbers before them.
    pub headers: BTreeMap<(DeviceId, ChainId, u64), Digest32>,
}

/// What an intent was answered, and to which of its envelopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAnswer {
    /// The answer.
    pub answer: Answer,
    /// The envelope's change.
    pub change_hash: Digest32,
    /// Its device.
    pub device: DeviceId,
    /// Its chain; none for the server's own.
    pub chain: Option<ChainId>,
    /// Its number.
    pub device_seq: u64,
}

/// An envelope judged before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownEntry {
    /// Its change.
    pub change_hash: Digest32,
    /// Its device.
    pub device: DeviceId,
    /// Its chain; none for the server's own.
    pub chain: Option<ChainId>,
    /// Its number.
    pub device_seq: u64,
    /// What came of it.
    pub standing: Standing,
}

/// What came of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Merged.
    Accepted,
    /// For the office to decide.
    Held,
    /// Never merged.
    Refused,
}

impl FirstAnswer {
    /// The answer to the envelope of that header.
    pub fn to(header: &Header, answer: Answer) -> Self {
        Self { answer, change_hash: header.change_hash, device: header.device, chain: header.chain, device_seq: header.device_seq }
    }

    /// Whether the header is of a later envelope of the same author's: the device rebuilt the document and replayed the intent.
    pub fn is_followed_by(&self, header: &Header) -> bool {
        self.is_by_the_author_of(header) && header.device_seq > self.device_seq
    }

    /// Whether the header is of the same chain of the same device.
    pub fn is_by_the_author_of(&self, header: &Header) -> bool {
        (self.device, self.chain) == (header.device, header.chain) && header.chain.is_some()
    }
}

/// What verify says of an offer.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// Merge it.
    Accepted(Accepted),
    /// Keep it; these changes are missing (none: its intent is not known here yet).
    Waiting(Vec<Digest32>),
    /// Keep it for the office.
    Held(&'static str),
    /// Keep it as evidence only.
    Refused(&'static str),
}

/// What is noted about an honest change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Device time clamped to what can be: not before its basis, not after its arrival.
    pub effective_time: Timestamp,
    /// The clock said something impossible.
    pub clamped: bool,
    /// Done after the grant had expired.
    pub late: bool,
}

/// The facts of an intent with the ids that derive from it.
pub fn with_ids(intent: IntentId, facts: Vec<NewFact>) -> Vec<(FactId, NewFact)> {
    (0_u16..).zip(facts).map(|(index, fact)| (FactId::of(intent, index), fact)).collect()
}

/// Judges an offer, whose change has been read by [`sound_change`], against the document as it stands.
pub fn judge(
    kind: &dyn Kind,
    document: &mut LoadedDocument,
    known: &Known,
    (offer, change, waiver): (&Offer, &NewChange, &Waiver),
) -> Result<Verdict, BadDocument> {
    let header = &offer.header;
    if header.device == DeviceId::SERVER && offer.grant == GrantState::Own {
        return Ok(own_word(kind, document, known, (header, change)));
    }
    let grant = match grant_in_force(offer, waiver) {
        Ok(grant) => grant,
        Err(verdict) => return Ok(verdict),
    };
    if let Some(verdict) = resting_on(document, known, change).or_else(|| traceable(document, known, (offer, change, waiver))) {
        return Ok(verdict);
    }
    if !document.continues(change) {
        return Ok(Verdict::Refused("change_not_mergeable"));
    }
    document.prepare_facts_at(&change.deps())?;
    let facts = document.facts_at(&change.deps())?;
    if change.overwrites(kind.containers(), document.facts()) {
        return Ok(Verdict::Refused("fact_overwritten"));
    }
    if change.begins_again(kind, document.facts()) {
        return Ok(Verdict::Held("begun_twice"));
    }
    if document.facts().len() + change.len() > MAX_FACTS * HOLD_FACTOR && waiver.holds("document_full") {
        return Ok(Verdict::Held("document_full"));
    }
    let act = Act { by: header.author.account.clone(), at: header.wall_time_ms, document: header.document, intent_id: header.intent_id };
    let yielded = match kind.run(&facts, &header.intent, &act) {
        Ok(yielded) => yielded,
        Err(IntentError::Unknown { .. }) => return Ok(Verdict::Waiting(Vec::new())),
        Err(IntentError::Payload(_)) => return Ok(Verdict::Refused("payload_malformed")),
        Err(IntentError::Refused { .. }) => return Ok(Verdict::Held("intent_refused_at_its_time")),
        Err(IntentError::Document(cause)) => return Err(BadDocument { document: header.document, cause }),
    };
    if !permitted(grant, &yielded.permission) {
        return Ok(Verdict::Refused("not_permitted"));
    }
    if !change.says(kind.containers(), &with_ids(header.intent_id, yielded.facts)) {
        if waiver.holds(FACTS_DIFFER) {
            return Ok(Verdict::Held(FACTS_DIFFER));
        }
        // Whatever a person lets in, it must not speak for the server, take the place of another's facts, or keep everybody from working on the document.
        let merged = change.beside(kind.containers(), document.facts());
        let unreadable = matches!(kind.run(&merged, &header.intent, &act), Err(IntentError::Document(_)));
        if unreadable || !change.is_of(kind.containers(), header.intent_id, RULINGS) {
            return Ok(Verdict::Refused("facts_not_admissible"));
        }
    }
    // A basis that is not known proves nothing; the grant always does, since nobody acts under it before it is there.
    let earliest = offer.basis_time.map_or(grant.issued_at, |basis| basis.max(grant.issued_at)).min(offer.arrival);
    let effective_time = header.wall_time_ms.clamp(earliest, offer.arrival);
    let late = effective_time > grant.expires_at;
    Ok(Verdict::Accepted(Accepted { effective_time, clamped: effective_time != header.wall_time_ms, late }))
}

/// The server's own word, which a device brings back after a restore from a backup. What it means was decided when it was given, and the signature says
/// that it was: what is left to ask is whether the document has room for it.
fn own_word(kind: &dyn Kind, document: &mut LoadedDocument, known: &Known, (header, change): (&Header, &NewChange)) -> Verdict {
    if let Some(verdict) = resting_on(document, known, change) {
        return verdict;
    }
    if known.actors.get(&header.actor.0).is_some_and(|owner| *owner != header.device) {
        return Verdict::Refused("actor_of_another_device");
    }
    if !document.continues(change) {
        return Verdict::Refused("change_not_mergeable");
    }
    if change.overwrites(kind.containers(), document.facts()) {
        return Verdict::Refused("fact_overwritten");
    }
    Verdict::Accepted(Accepted { effective_time: header.wall_time_ms, clamped: false, late: false })
}

/// The change, if its bytes are sound and are those the header speaks of.
pub fn sound_change(kind: &dyn Kind, offer: &Offer) -> Result<NewChange, &'static str> {
    let header = &offer.header;
    let change = NewChange::read(header.document, kind.containers(), &offer.envelope.change.0).map_err(|bad| match bad {
        BadChange::Malformed => "change_malformed",
        BadChange::Compressed => "change_compressed",
        BadChange::Ornamented => "change_ornamented",
        BadChange::NotAFact => "change_not_facts",
        BadChange::Twice => "fact_overwritten",
        BadChange::Rootless => "change_without_genesis",
        BadChange::NotCanonical => "change_not_canonical",
    })?;
    if change.hash() != header.change_hash {
        return Err("change_hash_differs");
    }
    if change.actor().len() != ACTOR_BYTES {
        return Err("actor_malformed");
    }
    if change.actor() != header.actor.0 || header.actor.0.as_slice() == header.document.as_bytes() {
        return Err("actor_differs");
    }
    Ok(change)
}

/// The grant, if it is the author's own on this device and was not taken back.
fn grant_in_force<'o>(offer: &'o Offer, waiver: &Waiver) -> Result<&'o Grant, Verdict> {
    let header = &offer.header;
    let grant = match &offer.grant {
        GrantState::Missing | GrantState::Own => return Err(Verdict::Refused("grant_missing")),
        GrantState::Unknown => return Err(Verdict::Held("grant_unknown")),
        GrantState::Known(grant) => grant,
    };
    if grant.device != header.device || header.author.account != Principal::Account(grant.account) {
        return Err(Verdict::Refused("grant_of_another"));
    }
    if grant.revoked_at.is_some() && waiver.holds("grant_revoked") {
        return Err(Verdict::Held("grant_revoked"));
    }
    // Nothing here proves a second person yet, and no intent asks for one: a claim is not taken into the books as if it were proof.
    if header.co_author.is_some() && waiver.holds("co_author_unproven") {
        return Err(Verdict::Held("co_author_unproven"));
    }
    Ok(grant)
}

/// What the change's dependencies say: all merged, or not.
fn resting_on(document: &LoadedDocument, known: &Known, change: &NewChange) -> Option<Verdict> {
    let missing = document.missing(change);
    let standing = |hash: &Digest32| known.entries.iter().find(|entry| entry.change_hash == *hash).map(|entry| entry.standing);
    if missing.iter().any(|hash| standing(hash) == Some(Standing::Refused)) {
        return Some(Verdict::Refused(DEPENDS_ON_REFUSED));
    }
    if missing.iter().any(|hash| standing(hash) == Some(Standing::Held)) {
        return Some(Verdict::Held(DEPENDS_ON_HELD));
    }
    (!missing.is_empty()).then_some(Verdict::Waiting(missing))
}

/// Whether the record of who did what stays provable: the actor is the device's own, its chain does not fork, and within the document each
/// of its changes has seen the one before.
fn traceable(document: &LoadedDocument, known: &Known, (offer, change, waiver): (&Offer, &NewChange, &Waiver)) -> Option<Verdict> {
    let header = &offer.header;
    let (Some(chain), true) = (header.chain, header.device_seq > 0) else { return Some(Verdict::Refused("chain_missing")) };
    // Whoever could draw a chain for each envelope would leave no evidence of gaps and forks.
    if !offer.chain_enrolled && waiver.holds("chain_unknown") {
        return Some(Verdict::Held("chain_unknown"));
    }
    if known.actors.get(&header.actor.0).is_some_and(|owner| *owner != header.device) {
        return Some(Verdict::Refused("actor_of_another_device"));
    }
    let at = |seq: u64| known.headers.get(&(header.device, chain, seq));
    let twin = at(header.device_seq).is_some_and(|hash| *hash != offer.envelope.header_hash());
    let broken = header.device_seq > 1 && at(header.device_seq - 1).is_some_and(|hash| Some(*hash) != header.prev);
    if (twin || broken || (header.device_seq == 1) != header.prev.is_none()) && waiver.holds(CHAIN_FORKED) {
        return Some(Verdict::Held(CHAIN_FORKED));
    }
    let own = |entry: &&KnownEntry| entry.standing == Standing::Accepted && entry.device == header.device && entry.chain == Some(chain);
    let before = known.entries.iter().filter(own).filter(|entry| entry.device_seq < header.device_seq).max_by_key(|entry| entry.device_seq);
    let moved_back = before.is_some_and(|entry| !document.lies_behind(entry.change_hash, &change.deps()));
    // A later change of the same device that was merged without this one did not rest on it, so the device's word is contradictory.
    let overtaken = waiver.holds(LEFT_BEHIND) && known.entries.iter().filter(own).any(|entry| entry.device_seq > header.device_seq);
    ((moved_back || overtaken) && waiver.holds(MOVED_BACK)).then_some(Verdict::Held(MOVED_BACK))
}

fn permitted(grant: &Grant, needed: &Needed) -> bool {
    grant.permissions.contains(needed.permission) && needed.site.is_none_or(|site| grant.sites.contains(&site))
}
