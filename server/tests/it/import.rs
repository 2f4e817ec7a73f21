//! A device's outbox handed in by somebody else: in the books once, whoever brings it and however often, and nothing of it where it was touched on its way.

use crate::support::{Client, Company, Till};
use crate::sync::sell;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_domain::import::{ImportTally, Imported};
use holdfast_domain::kernel::{SiteId, TenantId, TillId, Timestamp};
use holdfast_server::identity::Identity;
use holdfast_server::rehearsal::{Response, seal};
use holdfast_sync::cbor;
use holdfast_sync::outbox_file::{Part, Point, SealedPart};
use holdfast_sync::replica::undecided;
use holdfast_sync::wire::{Answer, Entry, MAX_PUSH};
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use uuid::Uuid;

const IMPORT: &str = "/api/v1/sync/import";

/// A till that sold offline and never comes online, and an owner who has its file.
struct Scene {
    company: Company,
    owner: Client,
    till: Till,
}

impl Scene {
    async fn set() -> Self {
        let company = Company::open().await;
        let mut till = company.enrol("cashier", company.tills[0], 1).await;
        till.pull_all().await;
        sell(&mut till, company.site);
        let owner = company.sign_in("owner").await.0;
        Self { company, owner, till }
    }

    /// How often what was sold is in the books.
    async fn sold(&self) -> i64 {
        let mut tx = self.company.test.tenant(self.company.tenant).await;
        sqlx::query_scalar("select count(*) from sales_tickets where status = 'completed'").fetch_one(tx.connection()).await.unwrap()
    }

    async fn events(&self, kind: &str) -> Vec<Value> {
        let all: Vec<Value> = self.owner.get("/api/v1/events").await.json();
        all.into_iter().filter(|event| event["type"] == kind).collect()
    }

    /// Nothing of it was taken in, and the answer says why.
    async fn refused(&self, sealed: &SealedPart) -> (u16, String) {
        let response = self.owner.post_json(IMPORT, sealed).await;
        assert_eq!(self.sold().await, 0);
        (response.status.as_u16(), response.code())
    }
}

fn imported(response: &Response) -> Imported {
    assert_eq!(response.status, StatusCode::OK, "{}", String::from_utf8_lossy(&response.body));
    response.json()
}

#[tokio::test]
async fn what_somebody_hands_in_is_in_the_books_once_and_its_device_hears_that_it_is() {
    let mut scene = Scene::set().await;
    let [line] = &scene.till.outbox_file()[..] else { panic!("one line is enough") };
    let first = imported(&scene.owner.post_json(IMPORT, line).await);
    assert_eq!((first.device, first.device_name.as_deref()), (scene.till.chain.device, Some("Till device 1")));
    assert_eq!((first.part, first.parts, first.exported_at), (1, 1, scene.till.now));
    assert_eq!((first.tally, first.outside), (ImportTally { accepted: 4, ..ImportTally::default() }, vec![]));
    let again = imported(&scene.owner.post_json(IMPORT, line).await);
    assert_eq!(again.tally, ImportTally { accepted: 4, known: 4, ..ImportTally::default() });
    let entries = scene.till.pull_all().await;
    let heard = |intent| entries.iter().any(|entry| matches!(entry, Entry::Change { intent_id, .. } if *intent_id == intent));
    assert!(scene.till.outbox.iter().all(|row| heard(row.intent_id)), "the feed brings the answers");
    let synced = scene.till.push_all().await;
    assert!(synced.iter().all(|answer| matches!(answer, Answer::Duplicate { first } if matches!(**first, Answer::Accepted { .. }))), "{synced:?}");
    assert_eq!((scene.sold().await, scene.events("sales.order.created").await.len(), scene.events("payment.received").await.len()), (1, 1, 1));
    let told = scene.events("sync.outbox.imported").await;
    assert_eq!(told.len(), 1, "once, however often it is handed in");
    assert_eq!((&told[0]["data"]["device"], &told[0]["data"]["tally"]["accepted"]), (&json!(scene.till.chain.device), &json!(4)));
}

#[tokio::test]
async fn two_who_hand_in_the_same_at_once_add_it_once() {
    let scene = Scene::set().await;
    let other = scene.company.sign_in("auditor").await.0;
    let line = scene.till.outbox_file().remove(0);
    let (left, right) = tokio::join!(scene.owner.post_json(IMPORT, &line), other.post_json(IMPORT, &line));
    let (left, right) = (imported(&left).tally, imported(&right).tally);
    assert_eq!((left.accepted, right.accepted), (4, 4));
    assert_eq!((scene.sold().await, scene.events("sync.outbox.imported").await.len()), (1, 1));
}

#[tokio::test]
async fn a_file_of_several_lines_is_taken_in_any_order_and_whole_in_the_end() {
    let scene = Scene::set().await;
    let push = undecided(&scene.till.outbox).remove(0);
    let halves = push.envelopes.chunks(2).map(|half| holdfast_sync::wire::PushRequest { grants: push.grants.clone(), envelopes: half.to_vec() });
    let lines = scene.till.file_of(halves.collect());
    let second = imported(&scene.owner.post_json(IMPORT, &lines[1]).await);
    assert_eq!((second.part, second.parts, second.tally), (2, 2, ImportTally { waiting: 2, ..ImportTally::default() }));
    imported(&scene.owner.post_json(IMPORT, &lines[0]).await);
    assert_eq!(scene.sold().await, 1);
    assert_eq!(imported(&scene.owner.post_json(IMPORT, &lines[1]).await).tally.accepted, 2);
}

#[tokio::test]
async fn a_file_that_was_touched_on_its_way_is_not_opened() {
    let scene = Scene::set().await;
    let line = scene.till.outbox_file().remove(0);
    let flipped = |text: &str, at: usize| {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1;
        URL_SAFE_NO_PAD.encode(bytes)
    };
    for at in [0, 1, 100, 1_000, usize::MAX] {
        let touched = SealedPart { ciphertext: flipped(&line.ciphertext, at), ..line.clone() };
        assert_eq!(scene.refused(&touched).await, (422, "import_damaged".to_owned()), "a bit of its content at {at}");
    }
    for (touched, code) in [
        (SealedPart { tag: flipped(&line.tag, 3), ..line.clone() }, "import_damaged"),
        (SealedPart { iv: flipped(&line.iv, 3), ..line.clone() }, "import_damaged"),
        (SealedPart { tag: String::new(), ..line.clone() }, "import_damaged"),
        (SealedPart { iv: String::new(), ..line.clone() }, "import_damaged"),
        (SealedPart { ciphertext: String::new(), ..line.clone() }, "import_damaged"),
        (SealedPart { ciphertext: line.ciphertext[..line.ciphertext.len() / 2].to_owned(), ..line.clone() }, "import_damaged"),
        (SealedPart { ciphertext: format!("{}=", line.ciphertext), ..line.clone() }, "import_damaged"),
        (SealedPart { protected: "e30".to_owned(), ..line.clone() }, "import_malformed"),
        (SealedPart { protected: String::new(), ..line.clone() }, "import_malformed"),
    ] {
        assert_eq!(scene.refused(&touched).await, (422, code.to_owned()), "{touched:?}");
    }
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&line.protected).unwrap()).unwrap();
    let mut beside = scene.till.sealing_key.uncompressed().unwrap();
    beside[64] ^= 1;
    let beside = Point::of(&beside).unwrap();
    for (field, value, status, code) in [
        ("alg", json!("none"), 422, "import_malformed"),
        ("enc", json!("A128GCM"), 422, "import_malformed"),
        ("zip", json!("DEF"), 422, "import_malformed"),
        ("crit", json!(["exp"]), 422, "import_malformed"),
        ("epk", json!({ "crv": "P-256", "kty": "EC", "x": "AA", "y": "AA" }), 422, "import_malformed"),
        ("epk", json!(beside), 422, "import_damaged"),
        ("epk", json!(scene.till.sealing_key), 422, "import_damaged"),
        ("typ", json!("holdfast-outbox+jwe "), 422, "import_malformed"),
        ("kid", json!("another"), 409, "import_key_unknown"),
    ] {
        let mut header = header.clone();
        header[field] = value;
        let protected = URL_SAFE_NO_PAD.encode(header.to_string());
        let answered = scene.refused(&SealedPart { protected, ..line.clone() }).await;
        assert_eq!(answered, (status, code.to_owned()), "{field}");
    }
}

#[tokio::test]
async fn what_is_sealed_must_be_a_part_of_this_company_in_a_version_that_is_known() {
    let scene = Scene::set().await;
    let part = scene.till.parts(undecided(&scene.till.outbox)).remove(0);
    let sealed = |content: &[u8]| seal(content, &scene.till.sealing_key, 9);
    let many = vec![part.envelopes[0].clone(); MAX_PUSH + 1];
    for (part, status, code) in [
        (Part { tenant: TenantId(Uuid::from_u128(7)), ..part.clone() }, 403, "import_of_another_company"),
        (Part { v: 2, ..part.clone() }, 422, "import_version_unknown"),
        (Part { part: 0, ..part.clone() }, 422, "import_malformed"),
        (Part { part: 2, ..part.clone() }, 422, "import_malformed"),
        (Part { parts: u32::MAX, ..part.clone() }, 422, "import_malformed"),
        (Part { envelopes: many, ..part.clone() }, 413, "push_too_large"),
        (Part { grants: vec![String::new(); 101], ..part.clone() }, 413, "push_too_large"),
    ] {
        assert_eq!(scene.refused(&sealed(&cbor::encode(&part))).await, (status, code.to_owned()));
    }
    let whole = cbor::encode(&part);
    for content in [&b""[..], b"{}", &whole[..whole.len() - 1], &[&whole[..], &[0]].concat()] {
        assert_eq!(scene.refused(&sealed(content)).await, (422, "import_malformed".to_owned()));
    }
    let later = Part { exported_at_ms: Timestamp(i64::MAX), ..part };
    let taken = imported(&scene.owner.post_json(IMPORT, &sealed(&cbor::encode(&later))).await);
    assert_eq!(taken.tally.accepted, 4, "a clock that lies stops nothing");
}

#[tokio::test]
async fn another_company_gets_nothing_out_of_a_file() {
    let scene = Scene::set().await;
    let (tenant, site, till) = (TenantId(Uuid::from_u128(0x51)), SiteId(Uuid::from_u128(0x52)), TillId(Uuid::from_u128(0x53)));
    scene.company.found("rock", tenant, &[(site, &[till])]).await;
    let stranger = scene.company.sign_in_at("rock", "owner").await.0;
    let refused = stranger.post_json(IMPORT, &scene.till.outbox_file()[0]).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "import_of_another_company"));
    // Sealed anew as their own company's, each envelope is still ours.
    let part = Part { tenant, ..scene.till.parts(undecided(&scene.till.outbox)).remove(0) };
    let taken = imported(&stranger.post_json(IMPORT, &seal(&cbor::encode(&part), &scene.till.sealing_key, 9)).await);
    assert_eq!((taken.tally, taken.device_name), (ImportTally { refused: 4, ..ImportTally::default() }, None));
    assert!(taken.outside.iter().all(|envelope| envelope.code == "foreign_tenant"), "{:?}", taken.outside);
    assert_eq!(scene.sold().await, 0);
}

#[tokio::test]
async fn what_is_held_or_refused_is_told_one_by_one_also_to_a_carrier_whose_device_was_revoked() {
    let scene = Scene::set().await;
    let mut push = undecided(&scene.till.outbox).remove(0);
    push.envelopes[3].signature.0[0] ^= 1;
    let path = format!("/api/v1/identity/devices/{}/revocation", scene.till.chain.device);
    assert!(scene.owner.post_json(&path, &json!({ "reason": "it fell into the sea" })).await.status.is_success());
    let line = scene.till.file_of(vec![push]).remove(0);
    let taken = imported(&scene.till.client.post_json(IMPORT, &line).await);
    assert_eq!(taken.tally, ImportTally { held: 3, refused: 1, ..ImportTally::default() });
    let said: Vec<_> = taken.outside.iter().map(|envelope| (envelope.name.as_str(), envelope.held, envelope.code.as_str())).collect();
    assert_eq!(said[0], ("sales.till_session.open", true, "grant_revoked"));
    assert_eq!(said[3], ("sales.ticket.pay_cash", false, "signature_wrong"));
    assert_eq!(taken.outside[0].intent, Some(scene.till.outbox[0].intent_id));
}

#[tokio::test]
async fn a_file_is_opened_with_the_key_that_it_was_sealed_to_until_that_is_thrown_away() {
    let scene = Scene::set().await;
    let line = scene.till.outbox_file().remove(0);
    let environment = scene.company.test.world.environment();
    let run = async |statement: &'static str| {
        let mut superuser = scene.company.test.as_superuser().connect().await.unwrap();
        sqlx::query(statement).execute(&mut superuser).await.unwrap();
        Identity::start(&scene.company.test.database, &environment).await.unwrap()
    };
    let rotated = run("update sealing_keys set retired_at = now()").await;
    assert_ne!(rotated.sealing_keys().public(), &scene.till.sealing_key, "a new one is given out");
    assert!(rotated.sealing_keys().open(&line).is_ok());
    let forgotten = run("delete from sealing_keys where retired_at is not null").await;
    assert_eq!(forgotten.sealing_keys().public(), rotated.sealing_keys().public());
    assert!(forgotten.sealing_keys().open(&line).is_err());
}

#[tokio::test]
async fn nobody_who_is_not_signed_in_hands_anything_in() {
    let scene = Scene::set().await;
    let nobody = Client::of(scene.company.router.clone());
    let refused = nobody.post_json(IMPORT, &scene.till.outbox_file()[0]).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (401, "not_signed_in"));
}

#[tokio::test]
async fn a_key_that_another_server_made_since_is_found() {
    let mut scene = Scene::set().await;
    let mut superuser = scene.company.test.as_superuser().connect().await.unwrap();
    sqlx::query("update sealing_keys set retired_at = now()").execute(&mut superuser).await.unwrap();
    let other = Identity::start(&scene.company.test.database, &scene.company.test.world.environment()).await.unwrap();
    scene.till.sealing_key = other.sealing_keys().public().clone();
    let line = scene.till.outbox_file().remove(0);
    assert_eq!(imported(&scene.owner.post_json(IMPORT, &line).await).tally.accepted, 4);
}

#[tokio::test]
async fn what_no_device_vouches_for_is_noted_nowhere() {
    let scene = Scene::set().await;
    let mut push = undecided(&scene.till.outbox).remove(0);
    push.envelopes.iter_mut().for_each(|envelope| envelope.signature.0[0] ^= 1);
    let line = scene.till.file_of(vec![push]).remove(0);
    for _ in 0..2 {
        assert_eq!(imported(&scene.owner.post_json(IMPORT, &line).await).tally, ImportTally { refused: 4, ..ImportTally::default() });
    }
    assert_eq!((scene.sold().await, scene.events("sync.outbox.imported").await.len()), (0, 0));
    let mut tx = scene.company.test.tenant(scene.company.tenant).await;
    let kept: i64 = sqlx::query_scalar("select count(*) from sync_rejects").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(kept, 4, "as evidence, once");
}

#[tokio::test]
async fn a_line_of_nothing_or_of_another_device_is_none() {
    let scene = Scene::set().await;
    let mut other = scene.company.enrol("cashier", scene.company.tills[1], 2).await;
    other.pull_all().await;
    sell(&mut other, scene.company.site);
    let nothing = holdfast_sync::wire::PushRequest { grants: Vec::new(), envelopes: Vec::new() };
    for push in [nothing, undecided(&other.outbox).remove(0)] {
        let line = scene.till.file_of(vec![push]).remove(0);
        assert_eq!(scene.refused(&line).await, (422, "import_malformed".to_owned()));
    }
}
