//! A device in memory: a store whose operations are the replica's, and the tabs that use it.
//!
//! The store is what survives a crash. Everything a tab knows beside it (the actor it writes under, what it has under way) is lost.

use crate::bytes::{Bytes, Digest32};
use crate::envelope::{Author, Envelope, Header, IntentCall, Principal};
use crate::ids::{AccountId, ChainId, DeviceId, DocumentId, GrantId, IntentId, TenantId};
use crate::kind::{Kind, Kinds};
use crate::replica::{
    self, ChainHead, Clocks, Draft, OutboxRow, OutboxState, Place, Rebuild, Rebuilt, Received, RecordError, StoredDocument, Witnessed,
};
use crate::sim::fault::Fault;
use crate::sim::photos::device::{Photo, UnderWay};
use crate::time::Timestamp;
use crate::verify::ACTOR_BYTES;
use crate::wire::{Answer, MAX_PUSH, PullResponse, PushRequest};
use std::collections::{BTreeMap, BTreeSet};

/// The device's records, as IndexedDB holds them in the browser.
#[derive(Debug, Clone)]
pub struct Store {
    /// Chain head and feed state.
    pub chain: ChainHead,
    /// Documents.
    pub documents: BTreeMap<DocumentId, StoredDocument>,
    /// Outbox rows by number; accepted ones stay for a while.
    pub outbox: BTreeMap<u64, OutboxRow>,
    /// View rows by view and key.
    pub views: BTreeMap<(String, String), Vec<u8>>,
    /// What could not be read, to be shown.
    pub unreadable: Vec<(DocumentId, String)>,
    /// Changes of others, with what proves them.
    pub witnessed: BTreeMap<u64, Witnessed>,
    /// Photos: those to send, and those that somebody looked at.
    pub photos: BTreeMap<Digest32, Photo>,
}

/// Who a device is, and who is signed in on it.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The company.
    pub tenant: TenantId,
    /// The device.
    pub device: DeviceId,
    /// Its key; here a secret shared with the server, since the core never sees how a signature is made.
    pub key: [u8; 32],
    /// Who is signed in.
    pub account: AccountId,
    /// Its grant.
    pub grant: GrantId,
}

/// A device.
#[derive(Debug, Clone)]
pub struct Device {
    /// Who it is.
    pub identity: Identity,
    /// What survives.
    pub store: Store,
    /// What the next random number comes of; no two devices have the same, clones included.
    pub entropy: [u8; 32],
    /// What is wrong with it on purpose.
    pub fault: Fault,
    /// What it witnessed is offered from this number on, since it started.
    pub offers_from: u64,
    /// The photo that is going up.
    pub under_way: Option<UnderWay>,
    /// How many requests about photos it has made.
    pub asked: u64,
}

/// What a person does in a tab.
pub struct Act {
    /// On which document.
    pub document: DocumentId,
    /// Born with the tap.
    pub intent_id: IntentId,
    /// What is meant.
    pub call: IntentCall,
    /// The tab's actor for the document.
    pub actor: Vec<u8>,
    /// The device's clock.
    pub now: Timestamp,
}

/// Signs `bytes` with a key: the simulator's stand-in for Ed25519, with the same promise to whoever lacks the key.
pub fn sign(key: &[u8; 32], bytes: &[u8]) -> Vec<u8> {
    let mut seed = key.to_vec();
    seed.extend_from_slice(bytes);
    Digest32::of(&seed).0.to_vec()
}

impl Device {
    /// A device with an empty database.
    pub fn new(identity: Identity, chain: ChainId) -> Self {
        let chain = ChainHead::begin(identity.device, chain);
        let store = Store {
            chain,
            documents: BTreeMap::new(),
            outbox: BTreeMap::new(),
            views: BTreeMap::new(),
            unreadable: Vec::new(),
            witnessed: BTreeMap::new(),
            photos: BTreeMap::new(),
        };
        Self { identity, store, entropy: [0; 32], fault: Fault::None, offers_from: 0, under_way: None, asked: 0 }
    }

    /// One transaction: an act becomes a change, or nothing happens.
    pub fn record(&mut self, kind: &'static dyn Kind, act: Act) -> Result<u64, RecordError> {
        let Identity { tenant, account, grant, .. } = self.identity;
        let draft = Draft {
            tenant,
            document: act.document,
            kind,
            intent_id: act.intent_id,
            call: act.call,
            author: Author { account: Principal::Account(account), grant: Some(grant) },
            grant: grant.to_string(),
            actor: act.actor,
            device_now: act.now,
        };
        let recorded = replica::record(&self.store.chain, self.store.documents.get(&act.document), draft)?;
        let seq = recorded.outbox.seq;
        self.store.chain = recorded.chain;
        self.store.outbox.insert(seq, recorded.outbox);
        self.store.write(recorded.document);
        Ok(seq)
    }

    /// One transaction: the row gets its signature, if it still lacks one.
    pub fn sign(&mut self, seq: u64) {
        if let Some(row) = self.store.outbox.get(&seq).filter(|row| row.signature.is_none()).cloned() {
            let signature = sign(&self.identity.key, &row.header.0);
            self.store.outbox.insert(seq, replica::signed(row, signature));
        }
    }

    /// The envelope of a row that is signed.
    pub fn envelope(&self, seq: u64) -> Option<Envelope> {
        let row = self.store.outbox.get(&seq)?;
        Some(Envelope { header: row.header.clone(), change: row.change.clone(), signature: row.signature.clone()? })
    }

    /// The change of a row.
    pub fn change_of(&self, seq: u64) -> Digest32 {
        let header: Header = crate::cbor::decode(&self.store.outbox[&seq].header.0).expect("the device wrote it");
        header.change_hash
    }

    /// What to send now: its own, then what it has of others that the server may have lost.
    pub fn next_push(&self) -> Option<PushRequest> {
        let rows: Vec<_> = self.store.outbox.values().cloned().collect();
        let offered = || self.store.witnessed.range(self.offers_from..).map(|(_, change)| change);
        let kept = || -> Vec<_> { offered().filter(|change| self.store.chain.feed.witness.offers(change)).cloned().collect() };
        replica::next_push(&rows, MAX_PUSH).or_else(|| replica::next_offer(&kept(), MAX_PUSH))
    }

    /// The row of a change of its own.
    pub fn row_of(&self, change: Digest32) -> Option<u64> {
        self.store.outbox.keys().copied().find(|seq| self.change_of(*seq) == change)
    }

    /// One transaction: the answer to a change of somebody else's that was offered.
    pub fn offer_answered(&mut self, kinds: &Kinds, (change, answer): (Digest32, &Answer)) -> Option<Rebuilt> {
        let log = &mut self.store.chain.feed.witness;
        let number = *self.store.witnessed.iter().find(|(_, kept)| kept.change_hash == change && log.offers(kept))?.0;
        match replica::said(answer) {
            replica::Said::InTheBooks => {
                self.store.keep(number);
                None
            }
            replica::Said::Outside => {
                let document = self.store.witnessed.remove(&number)?.document;
                self.rebuild(kinds, document, (&[change].into(), None))
            }
            replica::Said::Open => {
                self.offers_from = self.offers_from.max(number + 1);
                None
            }
        }
    }

    /// One transaction: the answer to an envelope that was sent, by its number, and what follows for its document.
    pub fn answered(&mut self, kinds: &Kinds, (seq, answer): (u64, &Answer), now: Clocks) -> Option<Rebuilt> {
        let row = self.store.outbox.get(&seq).cloned()?;
        let document = row.document;
        let row = replica::answered(row, answer, now);
        if row.is_over() {
            self.store.outbox.remove(&seq);
        } else {
            self.store.outbox.insert(seq, row);
        }
        let reached = (self.fault == Fault::RestingFallsAtOnce).then_some(now.server);
        if answer.is_adverse() { self.rebuild(kinds, document, (&BTreeSet::new(), reached)) } else { None }
    }

    /// One transaction: a page of the feed with its cursor, and what follows for its documents.
    pub fn receive(&mut self, kinds: &Kinds, page: &PullResponse, now: Timestamp) -> Vec<Rebuilt> {
        if !self.store.chain.feed.is_followed_by(page) {
            return Vec::new();
        }
        let now = Clocks { device: now, server: page.server_time_ms };
        let enters_anew = self.store.chain.feed.enters_anew(page);
        let before = if enters_anew { self.store.documents.clone() } else { BTreeMap::new() };
        let received = replica::receive(kinds, (&self.store.chain.feed, &self.store.documents), page);
        for write in &received.documents {
            self.store.write(write.clone());
        }
        if self.store.chain.feed.begins(page) && self.fault != Fault::RestoreOffersNothing {
            let before = self.store.chain.feed.clone();
            let rows = self.store.outbox.values_mut().filter(|row| before.offers_anew(page, row));
            rows.for_each(|row| *row = replica::offered_anew(row.clone()));
            if self.fault != Fault::RestoreOffersOwnOnly {
                self.store.chain.feed.witness.begin_epoch();
            }
        }
        if self.store.chain.feed.begins(page) {
            self.offer_photos_again();
        }
        self.witness(kinds, page, now.device);
        if received.entered {
            self.store.outbox.values_mut().for_each(|row| *row = replica::offered_again(row.clone(), now));
        }
        let mut fell = received.doubled.clone();
        if enters_anew && self.fault != Fault::LostStaysShown {
            let own = self.store.outbox.keys().map(|seq| self.change_of(*seq));
            let provable = own.chain(self.store.witnessed.values().map(|kept| kept.change_hash)).collect();
            for (document, lost) in replica::lost_here(kinds, page, (&before, &provable)) {
                fell.entry(document).or_default().extend(lost);
            }
        }
        for (intent_id, change) in &received.accepted {
            let Some(row) = self.store.outbox.values_mut().find(|row| row.intent_id == *intent_id && !row.replaced) else { continue };
            *row = replica::booked(row.clone(), *change, now);
        }
        for (intent_id, answer) in &received.answers {
            let Some(row) = self.store.outbox.values_mut().find(|row| row.intent_id == *intent_id && !row.replaced) else { continue };
            *row = replica::heard(row.clone(), answer, now);
            if answer.is_adverse() {
                fell.entry(row.document).or_default();
            }
        }
        if received.reached.is_some() {
            for row in self.store.outbox.values().filter(|row| row.resting.is_some() && row.fallen.is_none()) {
                fell.entry(row.document).or_default();
            }
        }
        self.store.unreadable.extend(received.unreadable.iter().cloned());
        let rebuilt = fell.into_iter().filter_map(|(document, doubled)| self.rebuild(kinds, document, (&doubled, received.reached))).collect();
        self.place(kinds, &received);
        rebuilt
    }

    /// What the page proves is kept, once; what it says that the server has need not be offered.
    fn witness(&mut self, kinds: &Kinds, page: &PullResponse, now: Timestamp) {
        for seen in replica::proven(page, now) {
            let kept = self.store.witnessed.values().find(|kept| kept.change_hash == seen.change_hash).map(|kept| kept.number);
            match kept {
                Some(number) => self.store.keep(number),
                None if self.row_of(seen.change_hash).is_some() => {}
                None => {
                    let seen = self.store.chain.feed.witness.keep(seen);
                    self.store.witnessed.insert(seen.number, seen);
                }
            }
        }
        let log = self.store.chain.feed.witness;
        let offered: Vec<_> = self.store.witnessed.values().filter(|kept| log.offers(kept)).cloned().collect();
        replica::confirmed(kinds, page, &offered).into_iter().for_each(|number| self.store.keep(number));
    }

    /// What is of no audience that is followed any more is hidden, or goes.
    fn place(&mut self, kinds: &Kinds, received: &Received) {
        let before = self.store.chain.feed.clone();
        let documents = replica::to_place(&before, received).unwrap_or_else(|| self.store.documents.keys().copied().collect());
        let (mut outside, mut gone) = (BTreeSet::new(), Vec::new());
        let departed =
            |document: &DocumentId| received.documents.iter().any(|write| write.document == *document) && !before.outside.contains(document);
        let ignored = |document: &DocumentId| match self.fault {
            Fault::LeaveIgnored => true,
            Fault::DepartedStaysShown => departed(document),
            _ => false,
        };
        for document in documents.into_iter().filter(|document| !ignored(document)).collect::<Vec<_>>() {
            let Some(stored) = self.store.documents.get(&document) else { continue };
            let Some(kind) = kinds.get(&stored.kind) else { continue };
            let mut rows: Vec<_> = self.store.outbox.values().filter(|row| row.document == document).cloned().collect();
            if self.fault == Fault::LeaveForgetsWork {
                rows.clear();
            }
            let placed = replica::place(kind, (document, stored), (&before, received), &rows).expect("what the device stored can be read");
            match placed.place {
                Place::Stays => {}
                Place::Turns(write) => self.store.write(*write),
                Place::Gone(keys) => {
                    gone.push(stored.rebuilt);
                    keys.iter().for_each(|key| drop(self.store.views.remove(key)));
                    self.store.documents.remove(&document);
                }
            }
            if placed.outside {
                outside.insert(document);
            }
        }
        self.store.chain.feed = before.after(received, outside, &gone);
    }

    fn rebuild(&mut self, kinds: &Kinds, document: DocumentId, (doubled, reached): (&BTreeSet<Digest32>, Option<Timestamp>)) -> Option<Rebuilt> {
        let stored = self.store.documents.get(&document)?;
        let kind = kinds.get(&stored.kind)?;
        let open = |row: &&OutboxRow| row.document == document && !matches!(row.state, OutboxState::Accepted { .. });
        let mut rows: Vec<_> = self.store.outbox.values().filter(open).cloned().collect();
        if self.fault == Fault::ReplayUnderNewIntent {
            rows.iter_mut().for_each(under_new_intent);
        }
        self.entropy = Digest32::of(&self.entropy).0;
        let actor = self.entropy[..ACTOR_BYTES].to_vec();
        let of = Rebuild { document, kind, stored, rows: &rows, doubled, reached, actor };
        let mut rebuilt = replica::rebuild(&self.store.chain, of).expect("what the device stored can be read")?;
        if self.fault == Fault::DependantsForgotten {
            rebuilt.rows.retain(|row| row.state != OutboxState::Saved);
        }
        self.store.chain = rebuilt.chain.clone();
        rebuilt.replaced.iter().for_each(|seq| drop(self.store.outbox.remove(seq)));
        self.store.outbox.extend(rebuilt.rows.iter().map(|row| (row.seq, row.clone())));
        if self.fault != Fault::FallenStaysMerged {
            self.store.write(rebuilt.document.clone());
        }
        Some(rebuilt)
    }

    /// One transaction, when it starts: what waited is asked about once more.
    pub fn starts(&mut self) {
        self.offers_from = 0;
        self.under_way = None;
        self.store.outbox.values_mut().for_each(|row| *row = replica::resumed(row.clone()));
    }

    /// Whether everything is answered for good.
    pub fn settled(&self) -> bool {
        self.store.outbox.values().all(|row| matches!(row.state, OutboxState::Accepted { .. } | OutboxState::Attention(_)))
    }
}

impl Store {
    /// The server has it: it is kept under a new number, unless it has been.
    fn keep(&mut self, number: u64) {
        let log = &mut self.chain.feed.witness;
        if let Some(kept) = self.witnessed.remove(&number) {
            let kept = if log.offers(&kept) { log.keep(kept) } else { kept };
            self.witnessed.insert(kept.number, kept);
        }
    }

    fn write(&mut self, write: replica::DocumentWrite) {
        for key in write.gone {
            self.views.remove(&key);
        }
        for row in write.rows {
            let Bytes(bytes) = row.bytes;
            self.views.insert((row.view, row.key), bytes);
        }
        self.documents.insert(write.document, write.stored);
    }
}

/// A planted fault's doing: the row says that it was another tap.
fn under_new_intent(row: &mut OutboxRow) {
    let mut header: Header = crate::cbor::decode(&row.header.0).expect("the device wrote it");
    let Digest32(new) = Digest32::of(header.intent_id.as_bytes());
    header.intent_id = IntentId(uuid::Uuid::from_slice(&new[..16]).expect("16 bytes"));
    row.header = Bytes(header.to_bytes());
}
