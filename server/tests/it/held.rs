//! What is held: listed, released, rejected, by whom, once, and told to whoever made it.

use crate::support::{Client, Company, Till};
use axum::http::StatusCode;
use holdfast_domain::held::{DecidedAs, HeldEnvelope, HeldPage, Reject, Release};
use holdfast_domain::identity::{DeviceStanding, DevicesPage};
use holdfast_domain::kernel::{Currency, DocumentId, IntentId, Money};
use holdfast_domain::sales::till_session;
use holdfast_server::identity::Role;
use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::wire::{Answer, Entry, PullRequest, PullResponse};
use serde_json::{Value, json};
use uuid::Uuid;

const HELD: &str = "/api/v1/sync/held";
const SESSION: &str = "sales.till_session";

async fn page(client: &Client, query: &str) -> HeldPage {
    let response = client.get(&format!("{HELD}{query}")).await;
    assert_eq!(response.status, StatusCode::OK, "{}", String::from_utf8_lossy(&response.body));
    response.json()
}

async fn release(client: &Client, intent: IntentId, waives: &[&str]) -> Result<HeldEnvelope, String> {
    let body = Release { reason: "We asked them; it happened.".to_owned(), waives: waives.iter().map(|code| (*code).to_owned()).collect() };
    let response = client.post_json(&format!("{HELD}/{intent}/release"), &body).await;
    if response.status == StatusCode::OK { Ok(response.json()) } else { Err(response.code()) }
}

async fn reject(client: &Client, intent: IntentId) -> Result<HeldEnvelope, String> {
    let response = client.post_json(&format!("{HELD}/{intent}/reject"), &Reject { reason: "It never happened.".to_owned() }).await;
    if response.status == StatusCode::OK { Ok(response.json()) } else { Err(response.code()) }
}

fn envelope(till: &Till, n: usize) -> Envelope {
    let row = &till.outbox[n];
    Envelope { header: row.header.clone(), change: row.change.clone(), signature: row.signature.clone().unwrap() }
}

/// Opens the till on the device, and closes it there.
fn open_and_close(company: &Company, till: &mut Till) -> (DocumentId, [IntentId; 2]) {
    let document = till.draw();
    let float = Money::new(10_000, Currency::EUR);
    let id = till.till;
    let opened = till.act(SESSION, document, &till_session::Open { till: id, site: company.site, currency: Currency::EUR, float });
    let closed = till.act(SESSION, document, &till_session::Close { counted: float, expected: float, tickets: 0, photos: Vec::new() });
    (document, [opened, closed])
}

/// A till whose grant was taken back before its two acts arrived; its device stands.
struct Scene {
    company: Company,
    owner: Client,
    till: Till,
    document: DocumentId,
    intents: [IntentId; 2],
}

impl Scene {
    async fn set() -> Self {
        let company = Company::open().await;
        let mut till = company.enrol("cashier", company.tills[0], 1).await;
        till.pull_all().await;
        let owner = company.sign_in("owner").await.0;
        let (document, intents) = open_and_close(&company, &mut till);
        let path = format!("/api/v1/identity/grants/{}/revocation", till.claims().jti);
        assert_eq!(owner.post_json(&path, &json!({ "reason": "lent to nobody" })).await.status, StatusCode::OK);
        // Their session ended with the grant: they sign in again, and what waits goes up.
        till.client = company.sign_in("cashier").await.0;
        let answers = till.push_all().await;
        assert!(answers.iter().all(|answer| *answer == Answer::Held { code: "grant_revoked".to_owned() }), "{answers:?}");
        Self { company, owner, till, document, intents }
    }

    /// What the books say of the till session.
    async fn status(&self) -> Option<String> {
        let mut tx = self.company.test.tenant(self.company.tenant).await;
        let status = sqlx::query_scalar("select status from sales_till_sessions where id = $1").bind(self.document.0);
        status.fetch_optional(tx.connection()).await.unwrap()
    }

    async fn events(&self, kind: &str) -> Vec<Value> {
        let all: Vec<Value> = self.owner.get("/api/v1/events").await.json();
        all.into_iter().filter(|event| event["type"] == kind).collect()
    }
}

/// What a device hears of its intents: those that are in the books now, and other answers.
fn heard(entries: &[Entry], intent: IntentId) -> Option<String> {
    entries.iter().find_map(|entry| match entry {
        Entry::Change { intent_id, .. } if *intent_id == intent => Some("merged".to_owned()),
        Entry::Answer { intent_id, answer, .. } if *intent_id == intent => Some(match answer {
            Answer::Refused { code } | Answer::Held { code } => code.clone(),
            Answer::Accepted { .. } => "accepted".to_owned(),
            other => format!("{other:?}"),
        }),
        _ => None,
    })
}

#[tokio::test]
async fn what_is_held_is_listed_with_who_where_what_and_why() {
    let scene = Scene::set().await;
    let listed = page(&scene.owner, "").await.envelopes;
    let [second, first]: [HeldEnvelope; 2] = listed.try_into().unwrap_or_else(|listed| panic!("{listed:?}"));
    let (first, second) = if first.intent == scene.intents[0] { (first, second) } else { (second, first) };
    assert_eq!((first.name.as_str(), first.author.as_str(), first.code.as_str()), ("sales.till_session.open", "cashier", "grant_revoked"));
    assert_eq!((first.device, first.device_name.as_str(), first.device_seq), (scene.till.chain.device, "Till device 1", 1));
    assert!(first.releasable && first.decision.is_none());
    let says = |name: &str, value: &str| first.payload.iter().any(|said| said.name == name && said.value == value);
    assert!(says("float.minor", "10000") && says("till", &scene.till.till.to_string()), "{:?}", first.payload);
    assert!(first.writes.iter().any(|said| said.value == "10000"), "{:?}", first.writes);
    assert_eq!((first.rests_on, second.rests_on), (vec![], vec![scene.intents[0]]));
}

#[tokio::test]
async fn what_is_released_is_in_the_books_and_its_device_hears_of_it() {
    let mut scene = Scene::set().await;
    let [opened, closed] = scene.intents;
    assert_eq!(scene.status().await, None);
    assert_eq!(release(&scene.owner, closed, &["grant_revoked"]).await.unwrap_err(), "release_first");
    let released = release(&scene.owner, opened, &["grant_revoked"]).await.unwrap();
    let decision = released.decision.unwrap();
    assert_eq!(
        (decision.verdict, decision.by_name.as_str(), decision.reason.as_str()),
        (DecidedAs::Released, "owner", "We asked them; it happened.")
    );
    assert_eq!(scene.status().await.as_deref(), Some("open"));
    release(&scene.owner, closed, &["grant_revoked"]).await.unwrap();
    assert_eq!(scene.status().await.as_deref(), Some("closed"));
    let entries = scene.till.pull_all().await;
    assert_eq!([opened, closed].map(|intent| heard(&entries, intent).unwrap()), ["merged", "merged"]);
    let told = scene.events("sync.envelope.released").await;
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["data"]["intent"], &told[0]["data"]["code"]), (&json!(opened), &json!("grant_revoked")));
    assert_eq!(page(&scene.owner, "").await.envelopes, []);
    let decided = page(&scene.owner, "?state=decided").await.envelopes;
    assert_eq!(decided.iter().map(|envelope| envelope.intent).collect::<Vec<_>>(), [closed, opened]);
    let again = scene.till.push(vec![envelope(&scene.till, 0)]).await;
    assert!(matches!(&again[..], [Answer::Duplicate { first }] if matches!(**first, Answer::Accepted { .. })), "{again:?}");
}

#[tokio::test]
async fn what_is_rejected_is_refused_for_good_and_its_device_hears_of_it() {
    let mut scene = Scene::set().await;
    let [opened, closed] = scene.intents;
    let rejected = reject(&scene.owner, opened).await.unwrap();
    assert_eq!((rejected.code.as_str(), rejected.decision.unwrap().verdict), ("grant_revoked", DecidedAs::Rejected));
    assert_eq!(release(&scene.owner, closed, &["grant_revoked"]).await.unwrap_err(), "release_impossible", "it rests on what was rejected");
    let entries = scene.till.pull_all().await;
    assert_eq!(heard(&entries, opened).as_deref(), Some("rejected"));
    let again = scene.till.push(vec![envelope(&scene.till, 0)]).await;
    assert_eq!(again, [Answer::Duplicate { first: Box::new(Answer::Refused { code: "rejected".to_owned() }) }]);
    assert_eq!((scene.status().await, scene.events("sync.envelope.rejected").await.len()), (None, 1));
    let refused = page(&scene.owner, "?state=refused").await.envelopes;
    assert_eq!(refused.iter().map(|envelope| envelope.intent).collect::<Vec<_>>(), [opened]);
}

#[tokio::test]
async fn a_decision_is_made_once_and_the_same_again_changes_nothing() {
    let scene = Scene::set().await;
    let [opened, closed] = scene.intents;
    let first = release(&scene.owner, opened, &["grant_revoked"]).await.unwrap();
    assert_eq!(release(&scene.owner, opened, &["grant_revoked"]).await.unwrap(), first);
    assert_eq!(reject(&scene.owner, opened).await.unwrap_err(), "decided_already");
    reject(&scene.owner, closed).await.unwrap();
    assert_eq!(release(&scene.owner, closed, &["grant_revoked"]).await.unwrap_err(), "decided_already");
    assert_eq!(scene.events("sync.envelope.released").await.len(), 1);
}

#[tokio::test]
async fn of_two_who_decide_at_once_one_does() {
    let scene = Scene::set().await;
    let [opened, _] = scene.intents;
    let other = scene.company.sign_in("owner").await.0;
    let (released, rejected) = tokio::join!(release(&scene.owner, opened, &["grant_revoked"]), reject(&other, opened));
    assert_eq!([released.is_ok(), rejected.is_ok()].into_iter().filter(|decided| *decided).count(), 1, "{released:?} {rejected:?}");
    let code = released.err().or(rejected.err()).unwrap();
    assert_eq!(code, "decided_already");
    let mut tx = scene.company.test.tenant(scene.company.tenant).await;
    let decisions: i64 = sqlx::query_scalar("select count(*) from sync_decisions").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(decisions, 1);
}

#[tokio::test]
async fn only_the_reasons_that_are_named_are_set_aside() {
    let scene = Scene::set().await;
    let [opened, _] = scene.intents;
    assert_eq!(release(&scene.owner, opened, &[]).await.unwrap_err(), "grant_revoked");
    assert_eq!(release(&scene.owner, opened, &["chain_forked"]).await.unwrap_err(), "grant_revoked");
    assert_eq!(release(&scene.owner, opened, &["not_permitted"]).await.unwrap_err(), "waiver_unknown");
    assert_eq!((scene.status().await, page(&scene.owner, "").await.envelopes.len()), (None, 2), "nothing was changed");
}

#[tokio::test]
async fn a_released_fork_is_in_its_document_and_leaves_the_chain_to_who_had_the_place() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let before = till.chain.clone();
    let (_, honest) = open_and_close(&company, &mut till);
    let mine = [envelope(&till, 0), envelope(&till, 1)];
    // A cloned profile goes on from the same state.
    till.chain = before;
    let (_, cloned) = open_and_close(&company, &mut till);
    let twins = [envelope(&till, 2), envelope(&till, 3)];
    assert!(till.push(mine.to_vec()).await.iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "{honest:?}");
    till.push(twins.to_vec()).await;
    assert_eq!(release(&owner, cloned[0], &["grant_revoked"]).await.unwrap_err(), "chain_forked");
    release(&owner, cloned[0], &["chain_forked"]).await.unwrap();
    // It was held only because of the first; judged again with it, it is a fork, too.
    let left = page(&owner, "").await.envelopes;
    assert_eq!(left.iter().map(|envelope| envelope.intent).collect::<Vec<_>>(), [cloned[1]]);
    release(&owner, cloned[1], &["chain_forked", "dependencies_moved_back"]).await.unwrap();
    // The honest device goes on from its own place in the chain.
    assert_eq!(page(&owner, "").await.envelopes, []);
}

#[tokio::test]
async fn facts_that_differ_are_let_in_only_under_their_authors_name() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (document, [opened, _]) = open_and_close(&company, &mut till);
    let honest = envelope(&till, 0);
    let mut header = honest.read_header().unwrap();
    let float = Money::new(1, Currency::EUR);
    let other = till_session::Open { till: till.till, site: company.site, currency: Currency::EUR, float };
    header.intent.payload = Bytes(cbor::encode(&other));
    header.wall_time_ms = header.wall_time_ms.plus_ms(-1);
    till.push(vec![till.seal(&header, honest.change.0.clone())]).await;
    let [held]: [HeldEnvelope; 1] = page(&owner, "").await.envelopes.try_into().unwrap();
    assert_eq!((held.code.as_str(), held.document), ("facts_differ_from_intent", document));
    assert!(held.payload.iter().any(|said| said.value == "1") && held.writes.iter().any(|said| said.value == "10000"), "both are shown: {held:?}");
    assert_eq!(release(&owner, opened, &["facts_differ_from_intent"]).await.unwrap_err(), "release_impossible", "the facts say another time");
    reject(&owner, opened).await.unwrap();
}

#[tokio::test]
async fn only_who_may_sees_and_decides_and_no_other_company() {
    let scene = Scene::set().await;
    let [opened, _] = scene.intents;
    scene.company.hire("manager", (Role::SiteManager, scene.company.site)).await;
    let manager = scene.company.sign_in("manager").await.0;
    let auditor = scene.company.sign_in("auditor").await.0;
    assert_eq!(manager.get(HELD).await.code(), "permission_missing");
    assert_eq!(page(&auditor, "").await.envelopes.len(), 2);
    assert_eq!(release(&auditor, opened, &["grant_revoked"]).await.unwrap_err(), "permission_missing");
    let (tenant, site, till) = (Uuid::from_u128(0x51).into(), Uuid::from_u128(0x52).into(), Uuid::from_u128(0x53).into());
    scene.company.found("rock", tenant, &[(site, &[till])]).await;
    let stranger = scene.company.sign_in_at("rock", "owner").await.0;
    assert_eq!(page(&stranger, "").await.envelopes, []);
    assert_eq!(release(&stranger, opened, &["grant_revoked"]).await.unwrap_err(), "held_unknown");
    let empty = Release { reason: "  ".to_owned(), waives: Vec::new() };
    assert_eq!(scene.owner.post_json(&format!("{HELD}/{opened}/release"), &empty).await.code(), "reason_missing");
}

#[tokio::test]
async fn pages_of_held_envelopes_follow_one_another_without_a_gap_or_a_repeat() {
    let scene = Scene::set().await;
    let first = page(&scene.owner, "?limit=1").await;
    let second = page(&scene.owner, &format!("?limit=1&after={}", first.next.unwrap())).await;
    let mut seen = [first.envelopes[0].intent, second.envelopes[0].intent];
    let mut all = scene.intents;
    seen.sort();
    all.sort();
    assert_eq!((seen, second.next), (all, None));
}

async fn device(client: &Client, till: &Till) -> DeviceStanding {
    let listed: DevicesPage = client.get("/api/v1/identity/devices").await.json();
    listed.devices.into_iter().find(|device| device.device == till.chain.device).unwrap()
}

#[tokio::test]
async fn a_devices_gaps_held_and_refused_are_counted() {
    let scene = Scene::set().await;
    let mut other = scene.company.enrol("cashier", scene.company.tills[1], 2).await;
    open_and_close(&scene.company, &mut other);
    other.push(vec![envelope(&other, 1)]).await;
    let arrived = device(&scene.owner, &other).await.arrived;
    assert_eq!((arrived.gaps, arrived.held, arrived.refused), (1, 0, 0), "the second came, and the first did not");
    other.push(vec![envelope(&other, 0)]).await;
    assert_eq!(device(&scene.owner, &other).await.arrived.gaps, 0);
    reject(&scene.owner, scene.intents[1]).await.unwrap();
    let arrived = device(&scene.owner, &scene.till).await.arrived;
    assert_eq!((arrived.gaps, arrived.held, arrived.refused), (0, 1, 1));
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_kept_until_it_says_otherwise() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let pull = async |query: &str| {
        let request = PullRequest { epoch: None, cursors: [].into(), device: Some(till.chain.device), till: None, limit: 10 };
        till.client.post_cbor(&format!("/api/v1/sync/pull{query}"), &request).await
    };
    for (query, expected) in [
        ("", (None, None)),
        ("?app=0123abcd&waiting=3", (Some("0123abcd".to_owned()), Some(3))),
        ("", (Some("0123abcd".to_owned()), Some(3))),
        ("?waiting=0", (Some("0123abcd".to_owned()), Some(0))),
    ] {
        let _: PullResponse = pull(query).await.cbor();
        let standing = device(&owner, &till).await;
        assert_eq!((standing.app, standing.waiting), expected, "{query}");
    }
    for query in ["?app=", "?app=UPPER", "?waiting=-1", "?waiting=99999999999", "?more=1"] {
        assert_eq!(pull(query).await.code(), "invalid_query", "{query}");
    }
}
