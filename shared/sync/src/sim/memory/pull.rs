//! What the server in memory tells of its feed.

use crate::ids::{AccountId, DeviceId, DocumentId, IntentId};
use crate::kind::{Audience, Kind};
use crate::sim::fault::Fault;
use crate::sim::memory::{FeedRow, MemoryServer, OnFile};
use crate::sim::server::FeedItem;
use crate::wire::{Answer, Entry, Proof, PullRequest, PullResponse, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

impl MemoryServer {
    /// The rows after a position.
    pub(super) fn after(&self, position: u64) -> &[FeedRow] {
        &self.feed[self.feed.partition_point(|row| row.position <= position)..]
    }

    /// A page for whoever is signed in: leaves, then what is entered whole, or what happened since the cursors.
    pub(super) fn page(&self, account: AccountId, request: &PullRequest) -> PullResponse {
        let mut live: BTreeSet<_> = self.reach(account).collect();
        live.insert(Audience::Tenant);
        let known = if request.epoch == Some(self.epoch) { request.cursors.clone() } else { BTreeMap::new() };
        if self.fault == Fault::LeaveForgotten {
            live.extend(known.keys().cloned());
        }
        let epoch = self.epoch;
        let mut page =
            PullResponse { epoch, entries: Vec::new(), cursors: BTreeMap::new(), more: false, server_time_ms: self.now, grants: Vec::new() };
        for audience in known.keys().filter(|audience| !live.contains(audience)) {
            page.entries.push(Entry::Leave { audience: audience.clone() });
        }
        for audience in &live {
            if let Some(cursor) = known.get(audience) {
                page.cursors.insert(audience.clone(), *cursor);
            } else {
                page.entries.push(self.enter(audience.clone(), request.device));
                page.entries.extend(self.departed(audience, &live));
                page.cursors.insert(audience.clone(), self.head);
                page.more = true;
            }
        }
        if !page.more {
            self.tell(&mut page, request);
        }
        page.grants = self.named(&page);
        page
    }

    /// Whose documents an account gets: those of its sites, and its own.
    pub(super) fn reach(&self, account: AccountId) -> impl Iterator<Item = Audience> {
        let sites = self.registry.reads[&account].iter().map(|site| Audience::Site(*site));
        sites.chain([Audience::Person(uuid::Uuid::from_bytes(*account.as_bytes()))])
    }

    fn tell(&self, page: &mut PullResponse, request: &PullRequest) {
        let after = page.cursors.values().copied().min().unwrap_or(self.head);
        let mut reached = self.head;
        let mut taken = 0;
        for row in self.after(after) {
            let position = row.position;
            let followed = row.to.audiences.iter().filter_map(|audience| page.cursors.get(audience)).min().copied();
            let awaited = row.to.device.is_some() && row.to.device == request.device;
            let cursor = followed.or_else(|| awaited.then(|| page.cursors[&Audience::Tenant]));
            if cursor.is_none_or(|cursor| cursor >= position) {
                continue;
            }
            if taken == request.limit {
                page.more = true;
                reached = if self.fault == Fault::CursorRunsAhead { position } else { position - 1 };
                break;
            }
            taken += 1;
            let departed = if followed.is_some() { self.departure(row, page) } else { None };
            match &row.item {
                FeedItem::Change(_, intent_id, _) if followed.is_none() || (awaited && departed.is_some()) => {
                    page.entries.push(Entry::Answer { position, intent_id: *intent_id, answer: Answer::Accepted { position } });
                }
                _ if departed.is_none() => page.entries.push(self.proven(row, request.device)),
                _ => {}
            }
            page.entries.extend(departed);
        }
        for cursor in page.cursors.values_mut() {
            *cursor = reached.max(*cursor);
        }
    }

    /// What is told of a change by which a document went to somebody whom the reader does not follow.
    fn departure(&self, row: &FeedRow, page: &PullResponse) -> Option<Entry> {
        let Entry::Change { position, document, audiences: Some(now), .. } = &row.entry else { return None };
        let gone = !now.iter().any(|audience| page.cursors.contains_key(audience)) && self.fault != Fault::DepartureTold;
        gone.then_some(Entry::Departed { position: *position, document: *document })
    }

    /// The entry with what proves it, but for what the asking device keeps itself: its own, unless another envelope may have taken its place there.
    fn proven(&self, row: &FeedRow, asking: Option<DeviceId>) -> Entry {
        let mut entry = row.entry.clone();
        if let Entry::Change { intent_id, proof, .. } = &mut entry {
            let filed = &self.envelopes[intent_id];
            let kept = asking == Some(filed.header.device) && row.to.device.is_none();
            *proof = (!kept).then(|| proof_of(filed));
        }
        entry
    }

    /// What proves the document's changes, in the order in which they were told.
    fn proofs(&self, document: DocumentId) -> Vec<Proof> {
        if self.fault == Fault::SnapshotProvesNothing {
            return Vec::new();
        }
        let told = self.feed.iter().filter(|row| matches!(row.item, FeedItem::Change(of, ..) if of == document));
        told.filter_map(|row| if let FeedItem::Change(_, intent, _) = row.item { Some(proof_of(&self.envelopes[&intent])) } else { None }).collect()
    }

    /// What the audience holds.
    fn enter(&self, audience: Audience, device: Option<DeviceId>) -> Entry {
        let here = self.documents.iter().filter(|(_, (_, audiences))| audiences.contains(&audience));
        let snapshot = |(document, (saved, _)): (&DocumentId, &(Vec<u8>, Vec<Audience>))| Snapshot {
            document: *document,
            kind: self.kind.name().to_owned(),
            saved: saved.clone().into(),
            intents: self.own(*document, device),
            position: Some(self.head),
            proofs: self.proofs(*document),
        };
        Entry::Enter { position: self.head, documents: here.map(snapshot).collect(), bootstrap: None, audience }
    }

    /// What left the audience, for whoever still takes it for theirs.
    fn departed(&self, audience: &Audience, live: &BTreeSet<Audience>) -> Vec<Entry> {
        let reached = |document| self.documents.get(document).is_some_and(|(_, audiences)| audiences.iter().any(|audience| live.contains(audience)));
        let left = self.departures.iter().filter(|((from, document), _)| from == audience && !reached(document));
        let told = |((_, document), position): (&(Audience, DocumentId), &u64)| Entry::Departed { position: *position, document: *document };
        left.filter(|_| self.fault != Fault::DepartureForgotten).map(told).collect()
    }

    /// The device's own intents in a document.
    fn own(&self, document: DocumentId, device: Option<DeviceId>) -> Vec<IntentId> {
        let own = |filed: &&OnFile| filed.header.document == document && Some(filed.header.device) == device;
        let accepted = |filed: &&OnFile| matches!(filed.answer, Answer::Accepted { .. });
        self.envelopes.values().filter(own).filter(accepted).map(|filed| filed.header.intent_id).collect()
    }
}

fn proof_of(filed: &OnFile) -> Proof {
    Proof { header: filed.envelope.header.clone(), signature: filed.envelope.signature.clone() }
}
