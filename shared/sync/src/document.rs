//! A document: an Automerge document that begins with its genesis and holds facts, each written once.
//!
//! Genesis is byte-identical everywhere: its actor is the document's id, its time 0, and it creates the kind's containers in
//! order. So the n-th container is the object `n@<document id>`, for ever, and no copy of it can be mistaken for it. A fact is one
//! `put` of a byte string under its id; a change holds puts into containers and nothing else, which [`NewChange::read`] checks.

mod lineage;
mod merging;

pub use lineage::changes_in;

use crate::bytes::Digest32;
use crate::chunk::{BadChunk, count_puts};
use crate::ids::{DocumentId, FactId, IntentId};
use crate::kind::{Facts, IntentError, Kind, NewFact};
use crate::verify::with_ids;
use automerge::legacy::{Key, ObjectId, OpType};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ChangeHash, ROOT, ReadDoc, ScalarValue, ScalarValueRef, ValueRef};
use merging::Ahead;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The most facts a device writes into one document; the server holds it for a decision at ten times that.
pub const MAX_FACTS: usize = 1_000;
/// How many times a device's cap the server takes before it holds a change.
pub const HOLD_FACTOR: usize = 10;

/// A document in memory, with its facts read.
#[derive(Clone)]
pub struct LoadedDocument {
    id: DocumentId,
    containers: &'static [&'static str],
    automerge: Automerge,
    facts: Facts,
    /// The last change of each actor and its number; made when first needed, kept up from then on.
    actors: Option<BTreeMap<Vec<u8>, (u64, Digest32)>>,
    /// What Automerge has not taken in yet.
    ahead: Ahead,
}

/// A change whose bytes are sound: it adds facts to containers and does nothing else.
#[derive(Debug, Clone)]
pub struct NewChange {
    change: Change,
    facts: Vec<(usize, FactId, Vec<u8>)>,
}

/// Why bytes are no change of this document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadChange {
    /// Automerge cannot read them.
    #[error("the bytes are no Automerge change")]
    Malformed,
    /// The chunk is compressed; changes travel plain, so that none unpacks to more than it weighs.
    #[error("the change is compressed")]
    Compressed,
    /// It carries a message, a time, an author or trailing bytes, which no change of ours does.
    #[error("the change carries more than facts")]
    Ornamented,
    /// It writes elsewhere than into a container, creates an object, deletes, or names what it replaces.
    #[error("the change does something else than adding facts to containers")]
    NotAFact,
    /// The same fact twice.
    #[error("the change writes a fact twice")]
    Twice,
    /// It depends on nothing, so not on genesis.
    #[error("the change does not rest on genesis")]
    Rootless,
    /// The same content in other bytes than Automerge writes: a stored document would not give these bytes back, and not load.
    #[error("the change is not in its one form")]
    NotCanonical,
}

/// Stored bytes that are no document. A fault: we wrote them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("document {document} cannot be read: {cause}")]
pub struct BadDocument {
    /// Which.
    pub document: DocumentId,
    /// What Automerge says.
    pub cause: String,
}

/// The facts an intent yields with their ids, if they can be recorded: there is one, and none is in the document already, as when the same
/// tap arrives twice.
pub fn recordable(document: &LoadedDocument, intent: IntentId, facts: Vec<NewFact>) -> Result<Vec<(FactId, NewFact)>, IntentError> {
    let facts = with_ids(intent, facts);
    if facts.is_empty() {
        return Err(IntentError::Refused { code: "intent_yields_nothing" });
    }
    if facts.iter().any(|(id, fact)| document.facts().contains(fact.container, *id)) {
        return Err(IntentError::Refused { code: "intent_recorded_already" });
    }
    Ok(facts)
}

/// The hash of an Automerge change as ours.
pub fn digest(hash: ChangeHash) -> Digest32 {
    Digest32(hash.0)
}

impl LoadedDocument {
    /// A document that holds its genesis and no fact.
    pub fn genesis(id: DocumentId, kind: &dyn Kind) -> Self {
        let containers = kind.containers();
        let mut automerge = Automerge::new().with_actor(ActorId::from(id.as_bytes().as_slice()));
        let mut transaction = automerge.transaction();
        for container in containers {
            transaction.put_object(ROOT, *container, automerge::ObjType::Map).expect("the root of an empty document takes any key");
        }
        transaction.commit_with(CommitOptions::default().with_time(0));
        Self { id, containers, automerge, facts: Facts::default(), actors: None, ahead: Ahead::default() }
    }

    /// Reads a document from what [`LoadedDocument::save`] wrote.
    pub fn load(id: DocumentId, kind: &dyn Kind, saved: &[u8]) -> Result<Self, BadDocument> {
        let bad = |cause: String| BadDocument { document: id, cause };
        let automerge = Automerge::load(saved).map_err(|error| bad(error.to_string()))?;
        let mut document = Self { id, containers: kind.containers(), automerge, facts: Facts::default(), actors: None, ahead: Ahead::default() };
        document.facts = document.read_facts(None).map_err(bad)?;
        Ok(document)
    }

    /// The document's id.
    pub fn id(&self) -> DocumentId {
        self.id
    }

    /// All facts.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The document in Automerge's own format.
    pub fn save(&self) -> Vec<u8> {
        assert!(self.ahead.is_empty(), "what was judged is taken in before it is saved");
        self.automerge.save()
    }

    /// The same, its columns unpacked: for whoever packs the whole.
    pub fn save_plain(&self) -> Vec<u8> {
        assert!(self.ahead.is_empty(), "what was judged is taken in before it is saved");
        self.automerge.save_nocompress()
    }

    /// Writes facts as one change of `actor`, resting on the heads, and answers it.
    ///
    /// There is at least one fact, and none of them is in the document yet.
    pub fn record(&mut self, actor: &[u8], facts: &[(FactId, NewFact)]) -> NewChange {
        assert!(self.ahead.is_empty(), "what is recorded rests on all that was merged");
        self.automerge.set_actor(ActorId::from(actor));
        let mut transaction = self.automerge.transaction();
        for (id, fact) in facts {
            let (_, container) =
                transaction.get(ROOT, fact.container).expect("the root can always be read").expect("genesis made every container of the kind");
            transaction.put(container, id.key(), ScalarValue::Bytes(fact.bytes.clone())).expect("a container takes any key");
        }
        let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(0));
        let hash = hash.expect("an intent yields at least one fact, so the change is not empty");
        let change = self.automerge.get_change_by_hash(&hash).expect("it was committed just now");
        if let Some(actors) = &mut self.actors {
            actors.insert(actor.to_vec(), (change.seq(), digest(hash)));
        }
        for (id, fact) in facts {
            self.facts.insert(fact.container, *id, fact.bytes.clone());
        }
        let position = |name: &str| self.containers.iter().position(|container| *container == name);
        let facts = facts.iter().filter_map(|(id, fact)| Some((position(fact.container)?, *id, fact.bytes.clone()))).collect();
        NewChange { change, facts }
    }

    /// Merges all that another copy of the document holds.
    pub fn merge_all(&mut self, other: &Self) -> Result<(), BadDocument> {
        let bad = |cause: String| BadDocument { document: self.id, cause };
        self.automerge.merge(&mut other.automerge.clone()).map_err(|error| bad(error.to_string()))?;
        self.facts = self.read_facts(None).map_err(bad)?;
        self.actors = None;
        Ok(())
    }

    fn read_facts(&self, at: Option<&[ChangeHash]>) -> Result<Facts, String> {
        let mut facts = Facts::default();
        let automerge = self.whole()?;
        for container in self.containers {
            let (_, object) = automerge.get(ROOT, *container).map_err(|error| error.to_string())?.ok_or("a container is missing")?;
            let entries = match at {
                Some(heads) => automerge.map_range_at(&object, .., heads),
                None => automerge.map_range(&object, ..),
            };
            for entry in entries {
                let id = FactId::from_key(&entry.key).ok_or_else(|| format!("{container} holds the key {:?}", entry.key))?;
                let ValueRef::Scalar(ScalarValueRef::Bytes(bytes)) = entry.value else {
                    return Err(format!("{container}/{} is no byte string", entry.key));
                };
                facts.insert(container, id, bytes.to_vec());
            }
        }
        Ok(facts)
    }
}

impl NewChange {
    /// Reads a change and checks its form: puts of byte strings under fact ids into the genesis containers of `document`.
    pub fn read(document: DocumentId, containers: &[&str], bytes: &[u8]) -> Result<Self, BadChange> {
        count_puts(bytes).map_err(|bad| match bad {
            BadChunk::Malformed => BadChange::Malformed,
            BadChunk::Compressed => BadChange::Compressed,
            BadChunk::NotPuts => BadChange::NotAFact,
        })?;
        // Automerge asserts some of what it parses; bytes from a device must not take the process down.
        let parsed = catch_unwind(AssertUnwindSafe(|| Change::from_bytes(bytes.to_vec()).map(|change| (change.decode(), change))));
        let Ok(Ok((expanded, change))) = parsed else { return Err(BadChange::Malformed) };
        if !distinct(&expanded.deps) || !bytes_are_canonical(&expanded, bytes) {
            return Err(BadChange::NotCanonical);
        }
        if expanded.message.is_some() || expanded.time != 0 || !expanded.extra_bytes.is_empty() || expanded.author.is_some() {
            return Err(BadChange::Ornamented);
        }
        if expanded.deps.is_empty() {
            return Err(BadChange::Rootless);
        }
        // That no operation names a predecessor has been seen by `count_puts`.
        let genesis = ActorId::from(document.as_bytes().as_slice());
        let mut facts = Vec::with_capacity(expanded.operations.len());
        let mut seen = BTreeSet::new();
        for op in expanded.operations {
            let ObjectId::Id(object) = &op.obj else { return Err(BadChange::NotAFact) };
            let container = usize::try_from(object.counter()).ok().and_then(|counter| counter.checked_sub(1));
            let Some(container) = container.filter(|index| *index < containers.len() && *object.actor() == genesis) else {
                return Err(BadChange::NotAFact);
            };
            let (Key::Map(key), OpType::Put(ScalarValue::Bytes(bytes))) = (op.key, op.action) else { return Err(BadChange::NotAFact) };
            let Some(id) = FactId::from_key(&key).filter(|_| !op.insert) else { return Err(BadChange::NotAFact) };
            if !seen.insert((container, id)) {
                return Err(BadChange::Twice);
            }
            facts.push((container, id, bytes));
        }
        if facts.is_empty() { Err(BadChange::NotAFact) } else { Ok(Self { change, facts }) }
    }

    /// Automerge's hash of the change.
    pub fn hash(&self) -> Digest32 {
        digest(self.change.hash())
    }

    /// What it rests on.
    pub fn deps(&self) -> Vec<Digest32> {
        self.change.deps().iter().copied().map(digest).collect()
    }

    /// Its actor.
    pub fn actor(&self) -> &[u8] {
        self.change.actor_id().to_bytes()
    }

    /// Its plain bytes, as they travel.
    pub fn bytes(&self) -> &[u8] {
        self.change.raw_bytes()
    }

    /// How many facts it adds.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Never: a change adds at least one fact.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Whether it adds exactly these facts, each into its container, whatever their order.
    pub fn says(&self, containers: &[&str], yielded: &[(FactId, NewFact)]) -> bool {
        let said: BTreeSet<_> = self.facts.iter().map(|(container, id, bytes)| (containers[*container], *id, bytes.as_slice())).collect();
        let meant: BTreeSet<_> = yielded.iter().map(|(id, fact)| (fact.container, *id, fact.bytes.as_slice())).collect();
        said == meant && self.facts.len() == yielded.len()
    }

    /// Its facts, each with its container.
    pub fn facts<'c>(&'c self, containers: &'c [&'c str]) -> impl Iterator<Item = (&'c str, FactId, &'c [u8])> {
        self.facts.iter().map(|(container, id, bytes)| (containers[*container], *id, bytes.as_slice()))
    }

    /// `facts` with its own beside them.
    pub fn beside(&self, containers: &[&str], facts: &Facts) -> Facts {
        let mut all = facts.clone();
        self.facts(containers).for_each(|(container, id, bytes)| all.insert(container, id, bytes.to_vec()));
        all
    }

    /// Whether its facts bear ids that derive from the intent, and none lies in the container `but`.
    pub fn is_of(&self, containers: &[&str], intent: IntentId, but: &str) -> bool {
        let ids: BTreeSet<_> = (0_u16..).zip(&self.facts).map(|(index, _)| FactId::of(intent, index)).collect();
        self.facts(containers).all(|(container, id, _)| container != but && ids.contains(&id))
    }

    /// Whether it writes a fact that `facts` holds already.
    pub fn overwrites(&self, containers: &[&str], facts: &Facts) -> bool {
        self.facts.iter().any(|(container, id, _)| facts.contains(containers[*container], *id))
    }

    /// Whether it writes another fact where the kind has one at most, and `facts` hold that one already. A change that had not seen the beginning could
    /// otherwise begin a document once more, in another place and with other amounts.
    pub fn begins_again(&self, kind: &dyn Kind, facts: &Facts) -> bool {
        let named = self.facts.iter().map(|(container, ..)| kind.containers()[*container]);
        named.filter(|name| kind.single().contains(name)).any(|name| facts.of(name).next().is_some())
    }
}

fn distinct(hashes: &[ChangeHash]) -> bool {
    hashes.iter().collect::<BTreeSet<_>>().len() == hashes.len()
}

/// Automerge reads more than it writes (a wrong checksum, columns split otherwise), keeps the bytes' hash, and writes the change anew when the
/// document is saved: then the hash is another one and the document does not load any more. So only what it would write is taken.
fn bytes_are_canonical(expanded: &automerge::ExpandedChange, bytes: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| Change::from(expanded.clone()).raw_bytes() == bytes)).unwrap_or(false)
}
