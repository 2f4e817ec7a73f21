//! A till without a browser: the replica's operations over records in memory, a real key, the real server.

use super::{Client, Response, seal};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_domain::KINDS;
use holdfast_domain::identity::{DeviceEnrolled, DeviceEnrolment, GrantClaims, GrantRequest, KeyAlgorithm, SessionView};
use holdfast_domain::kernel::{ChainId, DeviceId, DocumentId, GrantId, Intent, IntentId, TillId, Timestamp, call};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor;
use holdfast_sync::envelope::{Author, Envelope, Header, IntentCall, Principal};
use holdfast_sync::outbox_file::{FILE_VERSION, Part, Point, SealedPart};
use holdfast_sync::replica::{self, ChainHead, Clocks, Draft, OutboxRow, RecordError, StoredDocument, Witnessed};
use holdfast_sync::wire::{Answer, Entry, MAX_PULL, MAX_PUSH, PullRequest, PullResponse, PushRequest, PushResponse};
use std::collections::BTreeMap;
use uuid::Uuid;

const DEVICES: &str = "/api/v1/identity/devices";
const GRANTS: &str = "/api/v1/identity/grants";

/// The key of the `n`th device.
pub fn device_key(n: u128) -> Ed25519KeyPair {
    let mut seed = [7; 32];
    seed[..16].copy_from_slice(&n.to_be_bytes());
    Ed25519KeyPair::from_seed_unchecked(&seed).expect("any 32 bytes are a seed")
}

/// What a device says to enrol, with the proof that it has its key.
fn enrolment(client: &Client, key: &Ed25519KeyPair, (chain, name, till): (&ChainHead, &str, Option<TillId>)) -> DeviceEnrolment {
    let enrolment = DeviceEnrolment {
        device: chain.device,
        chain: chain.chain,
        name: name.to_owned(),
        algorithm: KeyAlgorithm::Ed25519,
        public_key: Bytes(key.public_key().as_ref().to_vec()),
        till,
        proof: Bytes(Vec::new()),
    };
    prove(client, key, enrolment)
}

/// The same with a proof that its key is at hand, for whoever the client has signed in.
pub fn prove(client: &Client, key: &Ed25519KeyPair, enrolment: DeviceEnrolment) -> DeviceEnrolment {
    let csrf = client.csrf().expect("someone is signed in");
    DeviceEnrolment { proof: Bytes(key.sign(&enrolment.to_sign(csrf)).as_ref().to_vec()), ..enrolment }
}

/// Asks for a grant on a device, with the proof that its key is at hand, for whoever the client has signed in.
pub fn grant_request(client: &Client, key: &Ed25519KeyPair, device: DeviceId) -> GrantRequest {
    let csrf = client.csrf().expect("someone is signed in");
    GrantRequest { device, proof: Bytes(key.sign(&GrantRequest::to_sign(device, csrf)).as_ref().to_vec()) }
}

/// A device enrolled as a till.
pub struct Till {
    /// Whoever is signed in.
    pub client: Client,
    /// As the server told it.
    pub session: SessionView,
    /// The till it is.
    pub till: TillId,
    /// Signs its changes.
    pub key: Ed25519KeyPair,
    /// As issued.
    pub grant: String,
    /// What its outbox files are sealed to.
    pub sealing_key: Point,
    /// Its chain.
    pub chain: ChainHead,
    /// Its documents.
    pub documents: BTreeMap<DocumentId, StoredDocument>,
    /// What it did.
    pub outbox: Vec<OutboxRow>,
    /// What others did, with what proves it.
    pub witnessed: Vec<Witnessed>,
    /// The device's clock.
    pub now: Timestamp,
    drawn: u128,
}

impl Till {
    /// Enrols a new device at `till` for whoever the client has signed in. `n` tells devices apart; `now` is the device's clock.
    pub async fn enrol(client: Client, session: SessionView, till: TillId, (n, now): (u128, Timestamp)) -> Self {
        let key = device_key(n);
        let chain = ChainHead::begin(DeviceId(Uuid::from_u128(0xd0_0000 + n)), ChainId(Uuid::from_u128(0xcc_0000 + n)));
        let enrolment = enrolment(&client, &key, (&chain, &format!("Till device {n}"), Some(till)));
        let response = client.post_json(DEVICES, &enrolment).await;
        assert!(response.status.is_success(), "{}", String::from_utf8_lossy(&response.body));
        let enrolled: DeviceEnrolled = response.json();
        let sealing_key = enrolled.sealing_key.expect("the server opens outbox files");
        Self {
            client,
            session,
            till,
            key,
            grant: enrolled.grant,
            sealing_key,
            chain,
            documents: BTreeMap::new(),
            outbox: Vec::new(),
            witnessed: Vec::new(),
            now,
            drawn: n << 64,
        }
    }

    /// Enrols once more, as what it is, for whoever is signed in now.
    pub async fn enrol_again(&self, name: &str, till: Option<TillId>) -> Response {
        self.client.post_json(DEVICES, &enrolment(&self.client, &self.key, (&self.chain, name, till))).await
    }

    /// Asks for another grant, for whoever is signed in now.
    pub async fn ask_for_grant(&self) -> Response {
        self.ask_for_grant_as(&self.client).await
    }

    /// The same for whoever that client has signed in.
    pub async fn ask_for_grant_as(&self, client: &Client) -> Response {
        client.post_json(GRANTS, &grant_request(client, &self.key, self.chain.device)).await
    }

    /// The claims of its grant, read without checking.
    pub fn claims(&self) -> GrantClaims {
        let payload = self.grant.split('.').nth(1).expect("a JWT has three parts");
        let bytes = URL_SAFE_NO_PAD.decode(payload).expect("a JWT is base64url");
        serde_json::from_slice(&bytes).expect("the server writes the claims it promises")
    }

    /// A new id of its own.
    pub fn draw<Id: From<Uuid>>(&mut self) -> Id {
        self.drawn += 1;
        Uuid::from_u128(0x4000_0000_0000_0000_0000_0000_0000_0000 | self.drawn).into()
    }

    /// A person's act, durable on the device.
    pub fn act<I: Intent>(&mut self, kind: &str, document: DocumentId, intent: &I) -> IntentId {
        self.try_act(kind, document, call(intent)).expect("the intent is possible")
    }

    /// The same, as far as its rule allows.
    pub fn try_act(&mut self, kind: &str, document: DocumentId, call: IntentCall) -> Result<IntentId, RecordError> {
        let intent_id = self.draw();
        let actor = self.actor(document);
        let draft = Draft {
            tenant: self.session.tenant,
            document,
            kind: KINDS.get(kind).expect("the kind exists"),
            intent_id,
            call,
            author: self.author(),
            grant: self.grant.clone(),
            actor,
            device_now: self.now,
        };
        let recorded = replica::record(&self.chain, self.documents.get(&document), draft)?;
        self.chain = recorded.chain;
        self.outbox.push(replica::signed(recorded.outbox.clone(), self.sign(&recorded.outbox.header.0)));
        self.documents.insert(document, recorded.document.stored);
        Ok(intent_id)
    }

    /// Whoever is signed in, with the grant.
    pub fn author(&self) -> Author {
        let grant: GrantId = self.claims().jti;
        Author { account: Principal::Account(self.session.account), grant: Some(grant) }
    }

    /// The actor it writes a document under.
    pub fn actor(&self, document: DocumentId) -> Vec<u8> {
        document.as_bytes().iter().zip(self.chain.device.as_bytes()).map(|(left, right)| left.wrapping_add(*right).wrapping_add(1)).collect()
    }

    /// A signature by its key.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.key.sign(bytes).as_ref().to_vec()
    }

    /// Signs a header that says whatever it says: for lies.
    pub fn seal(&self, header: &Header, change: Vec<u8>) -> Envelope {
        let header = cbor::encode(header);
        let signature = Bytes(self.sign(&header));
        Envelope { header: Bytes(header), change: Bytes(change), signature }
    }

    /// What the server has not decided, as a file.
    pub fn outbox_file(&self) -> Vec<SealedPart> {
        self.file_of(replica::undecided(&self.outbox))
    }

    /// These pushes as a file, a line each.
    pub fn file_of(&self, pushes: Vec<PushRequest>) -> Vec<SealedPart> {
        self.parts(pushes).iter().zip(1..).map(|(part, n)| seal(&cbor::encode(part), &self.sealing_key, n)).collect()
    }

    /// The lines of a file, before they are sealed.
    pub fn parts(&self, pushes: Vec<PushRequest>) -> Vec<Part> {
        let parts = u32::try_from(pushes.len()).expect("a rehearsal is short");
        let (tenant, device, exported_at_ms) = (self.session.tenant, self.chain.device, self.now);
        let part = |(push, part): (PushRequest, u32)| {
            let PushRequest { grants, envelopes } = push;
            Part { v: FILE_VERSION, tenant, device, exported_at_ms, part, parts, grants, envelopes }
        };
        pushes.into_iter().zip(1..).map(part).collect()
    }

    /// Pushes envelopes as they are.
    pub async fn push(&self, envelopes: Vec<Envelope>) -> Vec<Answer> {
        let request = PushRequest { grants: vec![self.grant.clone()], envelopes };
        self.client.post_cbor("/api/v1/sync/push", &request).await.cbor::<PushResponse>().answers
    }

    /// Pushes the outbox until nothing is ready, as the engine does.
    pub async fn push_all(&mut self) -> Vec<Answer> {
        let mut all = Vec::new();
        while let Some(request) = replica::next_push(&self.outbox, MAX_PUSH) {
            let sent = request.envelopes.len();
            let PushResponse { answers, server_time_ms } = self.client.post_cbor("/api/v1/sync/push", &request).await.cbor();
            let now = Clocks { device: self.now, server: server_time_ms };
            assert_eq!(answers.len(), sent);
            let headers: Vec<_> =
                request.envelopes.iter().map(|envelope| envelope.read_header().expect("the replica writes sound headers")).collect();
            for (header, answer) in headers.iter().zip(&answers) {
                let row = self.outbox.iter_mut().find(|row| row.seq == header.device_seq).expect("it came from the outbox");
                *row = replica::answered(row.clone(), answer, now);
            }
            self.outbox.retain(|row| !row.is_over());
            // What rests on something that fell is asked about until the document is rebuilt.
            let open = |answer: &Answer| matches!(answer, Answer::Waiting { .. } | Answer::Retry) || answer.rests_on_another();
            let stuck = answers.iter().all(open);
            all.extend(answers);
            if stuck {
                break;
            }
        }
        all
    }

    /// Offers what it has of others, in the order in which it came, as the engine does after a restore.
    pub async fn offer_witnessed(&self) -> Vec<Answer> {
        let (mut all, mut left) = (Vec::new(), self.witnessed.as_slice());
        while let Some(request) = replica::next_offer(left, MAX_PUSH) {
            left = &left[request.envelopes.len()..];
            all.extend(self.client.post_cbor("/api/v1/sync/push", &request).await.cbor::<PushResponse>().answers);
        }
        all
    }

    /// Keeps what somebody else did, once.
    fn witness(&mut self, seen: Witnessed) {
        let own = seen.envelope.read_header().is_ok_and(|header| header.device == self.chain.device);
        if !own && self.witnessed.iter().all(|kept| kept.change_hash != seen.change_hash) {
            self.witnessed.push(seen);
        }
    }

    /// Pulls until there is nothing more, and answers every entry.
    pub async fn pull_all(&mut self) -> Vec<Entry> {
        let mut entries = Vec::new();
        loop {
            let feed = &self.chain.feed;
            let request = PullRequest {
                epoch: feed.epoch,
                cursors: feed.cursors.clone(),
                device: Some(self.chain.device),
                till: Some(self.till.0),
                limit: MAX_PULL,
            };
            let page: PullResponse = self.client.post_cbor("/api/v1/sync/pull", &request).await.cbor();
            let received = replica::receive(&KINDS, (&self.chain.feed, &self.documents), &page);
            assert_eq!(received.unreadable, Vec::new());
            for seen in replica::proven(&page, self.now) {
                self.witness(seen);
            }
            for write in received.documents {
                self.documents.insert(write.document, write.stored);
            }
            self.chain.feed = received.feed;
            entries.extend(page.entries);
            if !page.more {
                return entries;
            }
        }
    }
}
