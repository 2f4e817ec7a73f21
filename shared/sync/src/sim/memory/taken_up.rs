//! A server that was put back from a backup hears of devices that it has forgotten, in its own words: the grants that it gives to whoever follows what they do.

use crate::envelope::{Envelope, Header};
use crate::ids::{DeviceId, GrantId};
use crate::sim::device::sign;
use crate::sim::fault::Fault;
use crate::sim::memory::MemoryServer;
use crate::wire::{Entry, NamedGrant, Proof, PullResponse, PushRequest};
use std::collections::BTreeSet;

impl MemoryServer {
    /// The grants that a page's proofs name, as the server says them to others: with the device's key. A device's own text of its grant says only which it is.
    pub(super) fn named(&self, page: &PullResponse) -> Vec<NamedGrant> {
        let told = |entry: &Entry| match entry {
            Entry::Change { proof, .. } => proof.iter().cloned().collect(),
            Entry::Enter { documents, .. } => documents.iter().flat_map(|snapshot| snapshot.proofs.clone()).collect(),
            _ => Vec::new(),
        };
        let named: BTreeSet<_> = page.entries.iter().flat_map(told).filter_map(|proof| header_of(&proof)?.author.grant).collect();
        let token = |id: GrantId| if self.fault == Fault::GrantsNameNoKey { id.to_string() } else { with_key(id) };
        named.into_iter().map(|id| NamedGrant { id, token: token(id) }).collect()
    }

    /// Learns what the push brings of its own word: devices that it knows nothing of, where their envelopes bear their signature, and grants on devices that it knows.
    pub(super) fn take_up(&mut self, request: &PushRequest) {
        for envelope in &request.envelopes {
            let Some(header) = envelope.read_header().ok().filter(|header| header.tenant == self.tenant) else { continue };
            let Some(id) = header.author.grant else { continue };
            let Some(grant) = self.granted.grants.get(&id).filter(|grant| grant.device == header.device).cloned() else { continue };
            let says = |token: String| request.grants.contains(&token);
            if !self.registry.keys.contains_key(&header.device) && self.vouched(envelope, &header, says(with_key(id))) {
                self.registry.keys.insert(header.device, self.granted.keys[&header.device]);
                self.registry.chains.extend(header.chain.map(|chain| (header.device, chain)));
            }
            if self.registry.keys.contains_key(&header.device) && (says(with_key(id)) || says(id.to_string())) {
                self.registry.grants.entry(id).or_insert(grant);
            }
        }
    }

    fn vouched(&self, envelope: &Envelope, header: &Header, says: bool) -> bool {
        let key = self.granted.keys.get(&header.device).filter(|_| self.restored && header.device != DeviceId::SERVER);
        let signed = key.is_some_and(|key| sign(key, &envelope.header.0) == envelope.signature.0);
        match self.fault {
            Fault::TakenUpUnasked => signed,
            Fault::TakenUpByNobody => false,
            _ => signed && says,
        }
    }
}

fn with_key(id: GrantId) -> String {
    format!("{id} and its key")
}

fn header_of(proof: &Proof) -> Option<Header> {
    let bare = Envelope { header: proof.header.clone(), change: crate::bytes::Bytes(Vec::new()), signature: proof.signature.clone() };
    bare.read_header().ok()
}
