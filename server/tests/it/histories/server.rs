//! The real server, as the simulator drives and questions it.

use super::photos::copy_folder;
use super::rows::{Row, digest, filed, item};
use super::{company, tally};
use crate::support::{COMPANY_PASSWORD, Client, TestDatabase};
use holdfast_domain::held::{Reject, Release};
use holdfast_domain::identity::SignIn;
use holdfast_domain::kernel::{AccountId, DeviceId, DocumentId, IntentId, TenantId, Timestamp};
use holdfast_server::http::{App, Limits, Pace, Transport, router};
use holdfast_server::identity::{Identity, begin_epoch};
use holdfast_server::presence::Presence;
use holdfast_server::sync::{Movements, look_again, packed};
use holdfast_server::tenancy::TenantTx;
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::envelope::Envelope;
use holdfast_sync::sim::device::sign;
use holdfast_sync::sim::names;
use holdfast_sync::sim::photos::{Asker, PhotoAnswer, PhotoAsk};
use holdfast_sync::sim::script::Cast;
use holdfast_sync::sim::server::{Crash, FeedItem, Filed, Happening, Registry, SET_ASIDE, Server};
use holdfast_sync::wire::{Answer, PullRequest, PullResponse, PushRequest, PushResponse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::runtime::Handle;
use tokio::sync::watch;
use uuid::Uuid;

/// The most changes of one lane's transaction while the server dies within a push: as small as that of the server in memory, so that a push spans several.
const MAX_LANE: usize = 4;

/// One company's side of the server.
pub struct PostgresServer {
    runtime: Handle,
    test: Arc<TestDatabase>,
    pub(super) app: App,
    _stop: watch::Sender<bool>,
    pub(super) tenant: TenantId,
    slug: &'static str,
    pub(super) registry: Registry,
    clients: BTreeMap<AccountId, Client>,
    filed: Vec<Filed>,
    seen: BTreeSet<(IntentId, Digest32, String)>,
    published: Vec<IntentId>,
    /// Up to where the publisher noted that it had told.
    told: (i64, i32),
    backup: Option<Remembered>,
    /// How often the database that both companies lie in was copied and put back: each lets both happen, the first of them does it.
    copied: Arc<AtomicU32>,
}

/// What is remembered of a company's side, as it was when its database was copied.
#[derive(Clone)]
struct Remembered {
    filed: Vec<Filed>,
    seen: BTreeSet<(IntentId, Digest32, String)>,
    published: Vec<IntentId>,
    told: (i64, i32),
}

impl PostgresServer {
    /// Two companies on one database, whose server knows only the oldest version of the mark.
    pub async fn pair(cast: Cast) -> [Self; 2] {
        let test = Arc::new(TestDatabase::create().await);
        test.world.set(Timestamp(names::BEGINS));
        company::make_table(&test).await;
        let environment = test.world.environment();
        let identity = Identity::start(&test.database, &environment).await.unwrap();
        let copied = Arc::new(AtomicU32::new(0));
        let mut servers = Vec::new();
        for (tenant, slug) in [(names::TENANT, "ours"), (names::NEIGHBOUR, "neighbour")] {
            let (stop, stopping) = watch::channel(false);
            let app = App {
                database: test.database.clone(),
                environment: environment.clone(),
                identity: identity.clone(),
                transport: Transport::Plain,
                movements: Movements::default(),
                presence: Presence::default(),
                modules: tally::modules(1),
                oldest_app: 1,
                blobs: test.blobs(),
                files: test.files(),
                app_folder: None,
                stopping,
            };
            let registry = names::registry(cast);
            company::found(&app, &test, (tenant, slug), &registry).await;
            servers.push(Self {
                runtime: Handle::current(),
                test: Arc::clone(&test),
                app,
                _stop: stop,
                tenant,
                slug,
                registry,
                clients: BTreeMap::new(),
                filed: Vec::new(),
                seen: BTreeSet::new(),
                published: Vec::new(),
                told: (0, 0),
                backup: None,
                copied: Arc::clone(&copied),
            });
        }
        servers.try_into().unwrap_or_else(|_| panic!("there are two companies"))
    }

    /// Whoever has that account, signed in, at the server as it runs now.
    pub(super) async fn client(&mut self, account: AccountId) -> Client {
        // Nobody is slowed down: a history's minutes pass in a second.
        let limits = Limits { pace: Pace { per_second: 1_000_000, burst: 1_000_000 }, ..Limits::default() };
        let router = router(self.app.clone(), limits);
        if let Some(client) = self.clients.get(&account) {
            return client.elsewhere(router);
        }
        let mut client = Client::of(router);
        let email = company::email(self.slug, account);
        client.sign_in(&SignIn { tenant: self.slug.to_owned(), email, password: COMPANY_PASSWORD.to_owned() }).await;
        self.clients.insert(account, client.clone());
        client
    }

    /// The simulator's devices sign with a hash; the real server wants a signature. What was signed rightly still is, and the rest is not.
    fn truly_signed(&self, envelope: Envelope) -> Envelope {
        let Ok(header) = envelope.read_header() else { return Envelope { signature: Bytes(vec![0; 64]), ..envelope } };
        // What the server gave out itself, to whoever may have to prove it.
        if header.device == DeviceId::SERVER {
            return envelope;
        }
        let key = self.registry.keys.get(&header.device);
        let signed = key.map(|key| (sign(key, &envelope.header.0), company::key(key).sign(&envelope.header.0).as_ref().to_vec()));
        let signature = match signed {
            Some((simulated, real)) if [&simulated, &real].contains(&&envelope.signature.0) => real,
            _ => vec![0; 64],
        };
        Envelope { signature: Bytes(signature), ..envelope }
    }

    async fn send(&mut self, request: &PushRequest) -> PushResponse {
        let carrier = *self.registry.reads.keys().next().expect("somebody has an account");
        let client = self.client(carrier).await;
        let response = client.post_cbor("/api/v1/sync/push", request).await.cbor();
        self.note_filed().await;
        response
    }

    /// The envelopes of a push as the lanes of a server that dies within it.
    fn lanes(&self, envelopes: &[Envelope]) -> Vec<Vec<Envelope>> {
        let of = |envelope: &Envelope| envelope.read_header().ok().filter(|header| header.tenant == self.tenant).map(|header| header.document);
        let mut documents: Vec<DocumentId> = Vec::new();
        for document in envelopes.iter().filter_map(of) {
            if !documents.contains(&document) {
                documents.push(document);
            }
        }
        let lane = |document| envelopes.iter().filter(|envelope| of(envelope) == Some(document)).cloned().collect::<Vec<_>>();
        documents.into_iter().flat_map(|document| lane(document).chunks(MAX_LANE).map(<[_]>::to_vec).collect::<Vec<_>>()).collect()
    }

    /// Notes what the tables say of envelopes that they did not say before, each after what it rests on.
    async fn note_filed(&mut self) {
        let mut tx = self.test.tenant(self.tenant).await;
        let replaced: Vec<(Uuid, Vec<u8>)> =
            sqlx::query_as("select intent_id, change_hash from replaced_envelopes where tid = $1 order by arrived_at")
                .bind(self.tenant.0)
                .fetch_all(tx.connection())
                .await
                .unwrap();
        let rows: Vec<Row> = sqlx::query_as(
            "select intent_id, change_hash, standing, code, position, effective_at, after_expiry, change from envelopes
             where tid = $1 order by position nulls last, standing = 'waiting', device, device_seq",
        )
        .bind(self.tenant.0)
        .fetch_all(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        for (intent, hash) in replaced {
            let (intent_id, change_hash) = (IntentId(intent), digest(&hash));
            if self.seen.insert((intent_id, change_hash, "replaced".to_owned())) {
                self.filed.push(Filed { intent_id, change_hash, answer: Answer::Duplicate { first: Box::new(Answer::Retry) }, counted: None });
            }
        }
        let mut new: Vec<(Filed, BTreeSet<Digest32>)> = Vec::new();
        for row in rows {
            let (filed, rests_on) = filed(row);
            if self.seen.insert((filed.intent_id, filed.change_hash, format!("{:?}", filed.answer))) {
                new.push((filed, rests_on));
            }
        }
        while !new.is_empty() {
            let open: BTreeSet<_> = new.iter().map(|(filed, _)| filed.change_hash).collect();
            let first = new.iter().position(|(_, rests_on)| rests_on.is_disjoint(&open)).expect("no change rests on itself");
            self.filed.push(new.remove(first).0);
        }
    }

    /// The office decides; what cannot be released stays held, and it is told why.
    async fn decide(&mut self, intent: IntentId, released: bool) {
        let office = self.client(company::OFFICE).await;
        let reason = "It was looked at.".to_owned();
        let answer = if released {
            let waives = SET_ASIDE.map(str::to_owned).to_vec();
            office.post_json(&format!("/api/v1/sync/held/{intent}/release"), &Release { reason, waives }).await
        } else {
            office.post_json(&format!("/api/v1/sync/held/{intent}/reject"), &Reject { reason }).await
        };
        assert!(answer.status.is_success() || answer.status.is_client_error(), "{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        self.note_filed().await;
    }

    pub(super) async fn look<T>(&self, work: impl AsyncFnOnce(&mut TenantTx) -> T) -> T {
        let mut tx = self.test.tenant(self.tenant).await;
        let seen = work(&mut tx).await;
        tx.commit().await.unwrap();
        seen
    }

    async fn publish(&mut self, dies: bool) {
        let after = self.told;
        let (told, last) = self
            .look(async |tx| {
                let rows: Vec<(i64, i32, String)> = sqlx::query_as(
                    "select position, ordinal, subject from events where tid = $1 and (position, ordinal) > ($2, $3) and type = $4
                     order by position, ordinal",
                )
                .bind(tx.tenant().0)
                .bind(after.0)
                .bind(after.1)
                .bind(tally::COUNTED)
                .fetch_all(tx.connection())
                .await
                .unwrap();
                let last = rows.last().map(|(position, ordinal, _)| (*position, *ordinal));
                (rows.into_iter().map(|(_, _, subject)| IntentId(subject.parse().unwrap())).collect::<Vec<_>>(), last)
            })
            .await;
        self.published.extend(told);
        if !dies {
            self.told = last.unwrap_or(after);
        }
    }

    async fn let_happen(&mut self, what: Happening) {
        match what {
            Happening::Now(now) => self.test.world.set(now),
            Happening::Joined(registry) => {
                self.look(async |tx| company::join(tx, &registry).await).await;
                self.registry.learn(registry);
            }
            Happening::Enrolled(device, chain) => self.look(async |tx| company::knows_chain(tx, device, chain.0).await).await,
            Happening::Revoked(grant) => self.look(async |tx| company::revoke(tx, grant.0).await).await,
            Happening::Decided(intent, released) => self.decide(intent, released).await,
            Happening::Reads(account, sites) => self.look(async |tx| company::reads_at(tx, account, &sites).await).await,
            Happening::Upgraded(version) => {
                self.app.modules = tally::modules(version);
                look_again(&self.app, self.tenant, Timestamp(0)).await.unwrap();
                self.note_filed().await;
            }
            Happening::Publishes { dies } => self.publish(dies).await,
            Happening::Room(bytes) => self.app.blobs.quota_bytes = bytes,
            Happening::LosesFiles(sha256) => self.lose(sha256),
            Happening::BackedUp => {
                if self.is_first() {
                    self.test.back_up().await;
                    copy_folder(&self.test.blobs_folder(), &self.test.blobs_folder().with_extension("backup"));
                }
                let Self { filed, seen, published, told, .. } = &*self;
                self.backup = Some(Remembered { filed: filed.clone(), seen: seen.clone(), published: published.clone(), told: *told });
            }
            Happening::Restored(epoch) => {
                if self.is_first() {
                    self.test.restore().await;
                    copy_folder(&self.test.blobs_folder().with_extension("backup"), &self.test.blobs_folder());
                }
                self.look(async |tx| begin_epoch(tx, epoch).await.unwrap()).await;
                // Whoever signed in since is not known.
                self.clients.clear();
                let Remembered { filed, seen, published, told } = self.backup.clone().expect("nothing is put back that was not copied");
                (self.filed, self.seen, self.published, self.told) = (filed, seen, published, told);
            }
        }
    }

    /// Whether this is the first of the two companies to which something happens that happens to both.
    fn is_first(&self) -> bool {
        self.copied.fetch_add(1, Ordering::Relaxed).is_multiple_of(2)
    }
}

impl Server for PostgresServer {
    const DIES_BETWEEN_FILES_AND_TABLES: bool = false;

    fn push(&mut self, request: PushRequest, crash: Crash) -> Option<PushResponse> {
        let envelopes = request.envelopes.into_iter().map(|envelope| self.truly_signed(envelope)).collect();
        let runtime = self.runtime.clone();
        runtime.block_on(self.look(async |tx| company::hear_grants(tx, &self.registry, &request.grants).await));
        let PushRequest { grants, .. } = request;
        let request = PushRequest { grants, envelopes };
        let lanes = self.lanes(&request.envelopes);
        let committed = match crash {
            Crash::Before(lane) if lane < lanes.len() => lane,
            Crash::After(lane) if lane < lanes.len() => lane + 1,
            _ => return Some(runtime.block_on(self.send(&request))),
        };
        for envelopes in lanes.into_iter().take(committed) {
            runtime.block_on(self.send(&PushRequest { grants: request.grants.clone(), envelopes }));
        }
        None
    }

    fn pull(&mut self, account: AccountId, request: &PullRequest) -> PullResponse {
        let runtime = self.runtime.clone();
        runtime.block_on(async { self.client(account).await.post_cbor("/api/v1/sync/pull", request).await.cbor() })
    }

    fn asked(&mut self, asker: Asker, ask: &PhotoAsk, crash: Crash) -> Option<PhotoAnswer> {
        let runtime = self.runtime.clone();
        runtime.block_on(self.photo_asked(asker, ask, crash))
    }

    fn happens(&mut self, what: Happening) {
        let runtime = self.runtime.clone();
        runtime.block_on(self.let_happen(what));
    }

    fn filed(&self, from: usize) -> Vec<Filed> {
        self.filed[from..].to_vec()
    }

    fn feed(&self, after: u64) -> Vec<(u64, FeedItem)> {
        self.runtime.block_on(self.look(async |tx| {
            let rows: Vec<(i64, Vec<u8>, Option<Vec<u8>>)> = sqlx::query_as(
                "select f.position, f.body, e.header from feed f left join envelopes e on e.tid = f.tid and e.position = f.position
                 where f.tid = $1 and f.position > $2 order by f.position",
            )
            .bind(tx.tenant().0)
            .bind(after.cast_signed())
            .fetch_all(tx.connection())
            .await
            .unwrap();
            rows.into_iter().map(|(position, body, header)| (position.cast_unsigned(), item(&body, header))).collect()
        }))
    }

    fn document(&self, id: DocumentId) -> Option<Vec<u8>> {
        self.runtime.block_on(self.look(async |tx| {
            let stored: Option<Vec<u8>> = sqlx::query_scalar("select saved from documents where tid = $1 and id = $2")
                .bind(tx.tenant().0)
                .bind(id.0)
                .fetch_optional(tx.connection())
                .await
                .unwrap();
            stored.map(|stored| packed::unpack(stored).unwrap())
        }))
    }

    fn totals(&self) -> BTreeMap<DocumentId, i64> {
        self.runtime.block_on(self.look(async |tx| tally::totals(tx).await))
    }

    fn photos(&self) -> BTreeMap<Digest32, Vec<u8>> {
        self.runtime.block_on(self.whole_photos())
    }

    fn knows(&self, device: DeviceId) -> bool {
        self.runtime.block_on(self.look(async |tx| company::knows(tx, device).await))
    }

    fn published(&self) -> Vec<IntentId> {
        self.published.clone()
    }
}
