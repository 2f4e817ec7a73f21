//! What no app would send, with a signature as good as its sender's key: each is answered as the model says, and nothing of it is in the books.

use crate::bytes::{Bytes, Digest32};
use crate::document::LoadedDocument;
use crate::envelope::{Author, Envelope, Header, Principal};
use crate::ids::{ChainId, DeviceId, FactId};
use crate::kind::NewFact;
use crate::sim::device::{Act, Device, sign};
use crate::sim::invariant::{Broken, Invariant};
use crate::sim::model::{Change, Deed, Lie, Model, Name};
use crate::sim::names;
use crate::sim::network::Message;
use crate::sim::people::call;
use crate::sim::server::{Crash, Happening, Server};
use crate::sim::tally::{Open, TALLY};
use crate::sim::world::World;
use crate::time::Timestamp;
use crate::wire::{Answer, PushRequest};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ObjType, ROOT, ReadDoc, ScalarValue};

impl<S: Server> World<S> {
    /// Somebody with a device's key speaks for it in a chain of their own, and the server hears it.
    pub(super) fn lie(&mut self, index: usize, document: Name, lie: Lie) -> Result<(), Broken> {
        let (name, person, change) = (self.devices[index].name, self.devices[index].person, self.next);
        if !self.model.knows(name) {
            return Ok(());
        }
        self.next += 1;
        self.count("lies");
        let envelope = self.forged((name, person), document, (change, lie));
        self.remark(&format!("change {change}, a lie"));
        let at_the_door = lie.at_the_door();
        if at_the_door.is_none() {
            let about = if lie == Lie::Document { (document + 1) % names::DOCUMENTS } else { document };
            let named = if lie == Lie::Author { self.somebody_else((name, person)) } else { (name, person) };
            self.model.lie(change, (name, person, about), (lie, named));
        }
        if lie != Lie::Chain {
            self.server.happens(Happening::Enrolled(names::device(name), its_chain(change)));
        }
        let before = self.model.clone();
        let request = PushRequest { grants: Vec::new(), envelopes: vec![envelope] };
        let response = self.server.push(request, Crash::Never);
        self.check_server()?;
        let Some(response) = response else { return Err(Invariant::NothingDelays.broke("no answer came, and nobody died")) };
        match at_the_door {
            Some(code) => {
                let refused = vec![Answer::Refused { code: code.to_owned() }];
                let right = response.answers == refused;
                Invariant::NothingCrosses.ensure(right, || format!("the answer to {lie:?} is {:?}", response.answers))
            }
            None => self.check_answers(&before, &[change], &response),
        }
    }

    /// A push of this company is heard by the other's server, as where sessions are mixed up: nothing of it is for that one.
    pub(super) fn strays(&self, message: u16, there: &mut Self) -> Result<(), Broken> {
        let (before, after) = self.network.split_at(usize::from(message) % self.network.len().max(1));
        let push = |message: &Message| if let Message::Push { request, .. } = message { Some(request.clone()) } else { None };
        let Some(request) = after.iter().chain(before).find_map(push) else { return Ok(()) };
        there.count("strays");
        let response = there.server.push(request, Crash::Never);
        there.check_server()?;
        let foreign = Answer::Refused { code: "foreign_tenant".to_owned() };
        let right = response.as_ref().is_some_and(|response| response.answers.iter().all(|answer| *answer == foreign));
        Invariant::NothingCrosses.ensure(right, || format!("the other company's server answers {response:?}"))
    }

    /// Another person, on another device.
    fn somebody_else(&self, (name, person): (Name, Name)) -> (Name, Name) {
        ((name + 1) % self.cast.devices, (person + 1) % self.cast.people)
    }

    /// An honest opening of a document nobody else knows of, altered.
    fn forged(&self, (name, person): (Name, Name), document: Name, (change, lie): (Change, Lie)) -> Envelope {
        let mut liar = Device::new(names::identity(self.tenant, name, person), its_chain(change));
        let act = Act {
            document: names::document(document),
            intent_id: names::intent(change),
            call: call(&Deed::Open, document),
            actor: seeded(b"actor", change).to_vec(),
            now: Timestamp(self.now),
        };
        let seq = liar.record(&TALLY, act).expect("a new tally can be opened");
        liar.sign(seq);
        let honest = liar.envelope(seq).expect("it was signed just now");
        let mut header = honest.read_header().expect("it was written just now");
        let mut key = names::key(name);
        let mut bytes = honest.change.0.clone();
        match lie {
            Lie::Tenant => header.tenant = names::other(self.tenant),
            Lie::Signature => key[0] ^= 1,
            Lie::Stranger => header.device = DeviceId::from_bytes([0xfe; 16]),
            Lie::Malformed | Lie::Chain => {}
            Lie::Author => {
                let (other, person) = self.somebody_else((name, person));
                let account = Principal::Account(names::account(person));
                header.author = Author { account, grant: Some(names::grant(other, person)) };
            }
            Lie::Document => header.document = names::document((document + 1) % names::DOCUMENTS),
            Lie::Genesis => bytes = own_container(&mut header, document),
            Lie::Facts => bytes = other_facts(&mut header, document),
        }
        let mut stated = header.to_bytes();
        if lie == Lie::Malformed {
            stated.truncate(stated.len() / 2);
        }
        Envelope { signature: Bytes(sign(&key, &stated)), header: Bytes(stated), change: Bytes(bytes) }
    }
}

/// A change that makes the container it writes to, as a device would that knew nothing of genesis.
fn own_container(header: &mut Header, document: Name) -> Vec<u8> {
    let mut copy = Automerge::load(&LoadedDocument::genesis(names::document(document), &TALLY).save()).expect("it was saved just now");
    copy.set_actor(ActorId::from(header.actor.0.as_slice()));
    let mut transaction = copy.transaction();
    let marks = transaction.put_object(ROOT, "marks", ObjType::Map).expect("the root takes any key");
    transaction.put(marks, FactId::of(header.intent_id, 0).key(), ScalarValue::Bytes(Vec::new())).expect("a map takes any key");
    let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(0));
    let hash = hash.expect("it is not empty");
    header.change_hash = Digest32(hash.0);
    copy.get_change_by_hash(&hash).expect("it was committed just now").raw_bytes().to_vec()
}

/// A sound change that is not what its intent yields: opened at the other site.
fn other_facts(header: &mut Header, document: Name) -> Vec<u8> {
    let elsewhere = Open { site: names::site((Model::site_of(document) + 1) % names::SITES) };
    let fact = NewFact { container: "opened", bytes: crate::cbor::encode(&elsewhere) };
    let mut copy = LoadedDocument::genesis(names::document(document), &TALLY);
    let change = copy.record(&header.actor.0, &[(FactId::of(header.intent_id, 0), fact)]);
    header.change_hash = change.hash();
    change.bytes().to_vec()
}

fn its_chain(change: Change) -> ChainId {
    ChainId::from_bytes(seeded(b"chain", change))
}

fn seeded(word: &[u8], change: Change) -> [u8; 16] {
    let mut seed = word.to_vec();
    seed.extend(change.to_be_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Digest32::of(&seed).0[..16]);
    bytes
}
