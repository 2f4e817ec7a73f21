//! Events that a consumer fails on: tried again with patience, parked, and seen to by a person.

use super::scene::{Seller, Shop, bread, coffee};
use crate::support::{eventually, parking};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use holdfast_domain::events::{ParkedPage, Unparked};
use holdfast_domain::kernel::{SiteId, TenantId, TillId};
use holdfast_server::events::{Consumer, Effect, Event, Runner};
use holdfast_server::failure::Fault;
use holdfast_server::rehearsal::Response;
use holdfast_server::tenancy::TenantTx;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

const SUPPLIERS: &str = "/api/v1/procurement/suppliers";

/// Fails on everything that is about one subject until it is healed; keeps the rest.
struct Stubborn {
    on: String,
    panics: bool,
    in_one_lane: bool,
    healed: AtomicBool,
    failures: AtomicU32,
    heard: Mutex<Vec<(String, String)>>,
}

impl Stubborn {
    fn on(subject: &str) -> Arc<Self> {
        Arc::new(Self::new(subject))
    }

    fn new(subject: &str) -> Self {
        let (on, healed) = (subject.to_owned(), AtomicBool::new(false));
        Self { on, panics: false, in_one_lane: false, healed, failures: AtomicU32::new(0), heard: Mutex::default() }
    }

    fn heard(&self) -> Vec<(String, String)> {
        self.heard.lock().unwrap().clone()
    }

    fn failures(&self) -> u32 {
        self.failures.load(Ordering::SeqCst)
    }
}

impl Consumer for Stubborn {
    fn name(&self) -> &'static str {
        "test.stubborn"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["procurement.supplier.created", "procurement.supplier.changed"]
    }

    fn lane<'e>(&self, event: &'e Event) -> &'e str {
        if self.in_one_lane { "" } else { &event.subject }
    }

    fn handle<'a>(&'a self, _: &'a mut TenantTx, event: &'a Event) -> BoxFuture<'a, Result<Effect, Fault>> {
        async move {
            if event.subject == self.on && !self.healed.load(Ordering::SeqCst) {
                self.failures.fetch_add(1, Ordering::SeqCst);
                assert!(!self.panics, "it cannot stand this one");
                return Err(Fault::because("it cannot stand this one"));
            }
            self.heard.lock().unwrap().push((event.subject.clone(), event.kind.clone()));
            Ok(Effect::Unseen)
        }
        .boxed()
    }
}

fn runner(shop: &Shop, consumer: &Arc<Stubborn>) -> Runner {
    Runner { consumers: vec![consumer.clone()], ..Runner::of(&shop.company.app) }
}

fn told(subject: &str, what: &str) -> (String, String) {
    (subject.to_owned(), format!("procurement.supplier.{what}"))
}

/// A supplier that is bad, another one, and a change of both, in that order; their ids.
async fn suppliers(shop: &Shop, slug: &str) -> [String; 2] {
    let owner = shop.company.sign_in_at(slug, "owner").await.0;
    let mut ids = Vec::new();
    for name in ["Bad", "Good"] {
        let made: Value = owner.post_json(SUPPLIERS, &json!({ "values": { "name": name } })).await.json();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    for id in &ids {
        let changed = owner.if_match(1).patch_json(&format!("{SUPPLIERS}/{id}"), &json!({ "values": { "address": { "city": "Leeds" } } })).await;
        assert_eq!(changed.status.as_u16(), 200);
    }
    ids.try_into().unwrap()
}

#[tokio::test]
async fn what_is_about_the_same_waits_behind_a_failing_event_and_comes_in_order() {
    let shop = Shop::open().await;
    let [bad, good] = suppliers(&shop, "kelp").await;
    let stubborn = Stubborn::on(&bad);
    runner(&shop, &stubborn).catch_up().await.unwrap();
    assert_eq!(stubborn.heard(), [told(&good, "created"), told(&good, "changed")]);
    stubborn.healed.store(true, Ordering::SeqCst);
    shop.company.test.world.pass(Duration::from_secs(1));
    runner(&shop, &stubborn).catch_up().await.unwrap();
    assert_eq!(stubborn.heard()[2..], [told(&bad, "created"), told(&bad, "changed")]);
}

#[tokio::test]
async fn a_consumer_that_has_one_lane_hears_everything_in_order() {
    let shop = Shop::open().await;
    let [bad, good] = suppliers(&shop, "kelp").await;
    let stubborn = Arc::new(Stubborn { in_one_lane: true, ..Stubborn::new(&bad) });
    runner(&shop, &stubborn).catch_up().await.unwrap();
    assert_eq!(stubborn.heard(), []);
    stubborn.healed.store(true, Ordering::SeqCst);
    shop.company.test.world.pass(Duration::from_secs(1));
    runner(&shop, &stubborn).catch_up().await.unwrap();
    assert_eq!(stubborn.heard(), [told(&bad, "created"), told(&good, "created"), told(&bad, "changed"), told(&good, "changed")]);
}

#[tokio::test]
async fn an_event_is_tried_with_growing_pauses_and_then_parked_and_no_other_company_waits() {
    let shop = Shop::open().await;
    let tenant = TenantId(Uuid::from_u128(0xfa0_0000));
    shop.company.found("wrack", tenant, &[(SiteId(Uuid::from_u128(0xfa0_0001)), &[TillId(Uuid::from_u128(0xfa0_0002))])]).await;
    let [bad, _] = suppliers(&shop, "kelp").await;
    let theirs = suppliers(&shop, "wrack").await;
    let stubborn = Stubborn::on(&bad);
    let began = shop.now();
    let mut tried_at_s = Vec::new();
    for second in 0..600 {
        let before = stubborn.failures();
        // A new runner each time: what was counted is in the database.
        runner(&shop, &stubborn).catch_up().await.unwrap();
        if stubborn.failures() > before {
            tried_at_s.push(second);
        }
        shop.company.test.world.pass(Duration::from_secs(1));
    }
    assert_eq!(tried_at_s, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
    assert!(theirs.iter().all(|subject| stubborn.heard().contains(&told(subject, "changed"))));
    let parked = parking::parked(&shop.company).await;
    let at = |second: i64| began.plus_ms(second * 1_000);
    let [parked] = parked.as_slice() else { panic!("one is parked: {parked:?}") };
    assert_eq!((parked.first_failed_at, parked.last_failed_at, parked.parked_at), (at(0), at(243), at(243)));
    assert_eq!((parked.tries, parked.error.as_str(), parked.behind), (10, "it cannot stand this one", 1));
    assert_eq!((parked.consumer.as_str(), &parked.subject, parked.kind.as_str()), ("test.stubborn", &bad, "procurement.supplier.created"));
    let stranger = shop.company.sign_in_at("wrack", "owner").await.0;
    let page: ParkedPage = stranger.get("/api/v1/events/parked").await.json();
    assert_eq!(page.parked, []);
}

#[tokio::test]
async fn a_consumer_that_panics_has_failed_and_goes_on_with_the_others() {
    let shop = Shop::open().await;
    let [bad, good] = suppliers(&shop, "kelp").await;
    let panicking = Arc::new(Stubborn { panics: true, ..Stubborn::new(&bad) });
    runner(&shop, &panicking).catch_up().await.unwrap();
    assert_eq!(panicking.heard(), [told(&good, "created"), told(&good, "changed")]);
}

#[tokio::test]
async fn a_running_server_tries_again_by_itself() {
    let shop = Shop::open().await;
    let [bad, _] = suppliers(&shop, "kelp").await;
    let stubborn = Stubborn::on(&bad);
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(runner(&shop, &stubborn).run(stopping));
    eventually("the first try", async || stubborn.failures() == 1).await;
    stubborn.healed.store(true, Ordering::SeqCst);
    eventually("another try", async || {
        shop.company.test.world.pass(Duration::from_secs(1));
        stubborn.heard().contains(&told(&bad, "changed"))
    })
    .await;
    stop.send(true).unwrap();
    running.await.unwrap();
}

async fn sale(shop: &Shop) -> Seller {
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[coffee(), bread()]);
    seller.push().await;
    seller
}

async fn post(shop: &Shop, path: &str, body: Value) -> Response {
    shop.company.sign_in("owner").await.0.post_json(&format!("/api/v1/events/parked/{path}"), &body).await
}

/// What the audit says was done with events: action, outcome, reason.
async fn audited(shop: &Shop) -> Vec<(String, String, Option<String>)> {
    let mut tx = shop.company.test.tenant(shop.tenant()).await;
    let statement = "select e.action, e.after ->> 'outcome', e.reason from audit_entries e join accounts a on a.tid = e.tid and a.id = e.account
                     where e.kind = 'events.event' and a.name = 'owner' order by e.ordinal";
    sqlx::query_as(statement).fetch_all(tx.connection()).await.unwrap()
}

#[tokio::test]
async fn a_parked_event_that_is_replayed_has_its_effect_once() {
    let shop = Shop::open().await;
    let morning = shop.now();
    let seller = sale(&shop).await;
    let parked = parking::park(&shop.company, &["payment.received"]).await;
    let takings = parked.iter().find(|parked| parked.consumer == "reporting.takings").unwrap();
    assert_eq!(shop.takings("2026-11-20").await, [(seller.till.till, morning, 0, 1)]);
    let failed = post(&shop, &format!("{}/replay", takings.id), json!({})).await;
    assert_eq!((failed.status.as_u16(), failed.code().as_str()), (409, "replay_failed"));
    let again = parking::parked(&shop.company).await.into_iter().find(|parked| parked.id == takings.id).unwrap();
    assert_eq!((again.tries, again.parked_at, again.last_failed_at), (11, takings.parked_at, shop.now()));
    parking::mend(&shop.company).await;
    let replayed = post(&shop, &format!("{}/replay", takings.id), json!({})).await;
    assert_eq!((replayed.status.as_u16(), replayed.json::<Unparked>().id), (200, takings.id));
    let gone = post(&shop, &format!("{}/replay", takings.id), json!({})).await;
    assert_eq!((gone.status.as_u16(), gone.code().as_str()), (404, "parked_unknown"));
    shop.hear().await;
    assert_eq!(shop.takings("2026-11-20").await, [(seller.till.till, morning, 370, 1)]);
    let [failed, done] = [("replay".to_owned(), "failed".to_owned(), None), ("replay".to_owned(), "done".to_owned(), None)];
    assert_eq!(audited(&shop).await, [failed, done]);
}

#[tokio::test]
async fn two_who_replay_at_once_have_one_effect() {
    let shop = Shop::open().await;
    let morning = shop.now();
    let seller = sale(&shop).await;
    let parked = parking::park(&shop.company, &["payment.received"]).await;
    let takings = parked.iter().find(|parked| parked.consumer == "reporting.takings").unwrap();
    parking::mend(&shop.company).await;
    let path = format!("{}/replay", takings.id);
    let mut answers: Vec<_> =
        futures::future::join_all((0..4).map(|_| post(&shop, &path, json!({})))).await.iter().map(|answer| answer.status.as_u16()).collect();
    answers.sort_unstable();
    assert_eq!(answers, [200, 404, 404, 404]);
    assert_eq!(shop.takings("2026-11-20").await, [(seller.till.till, morning, 370, 1)]);
}

#[tokio::test]
async fn a_parked_event_that_is_dismissed_never_happens_and_what_waited_behind_it_goes_on() {
    let shop = Shop::open().await;
    let [bad, _] = suppliers(&shop, "kelp").await;
    let stubborn = Stubborn::on(&bad);
    for _ in 0..10 {
        runner(&shop, &stubborn).catch_up().await.unwrap();
        shop.company.test.world.pass(Duration::from_mins(1));
    }
    let id = parking::parked(&shop.company).await[0].id;
    let unknown = post(&shop, &format!("{id}/replay"), json!({})).await;
    assert_eq!((unknown.status.as_u16(), unknown.code().as_str()), (409, "consumer_unknown"), "no part of the server has that name");
    for reason in ["", "  ", "a\u{7}b", &"x".repeat(501)] {
        let refused = post(&shop, &format!("{id}/dismiss"), json!({ "reason": reason })).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "reason_missing"), "{reason:?}");
    }
    let dismissed = post(&shop, &format!("{id}/dismiss"), json!({ "reason": "it was a rehearsal" })).await;
    assert_eq!((dismissed.status.as_u16(), dismissed.json::<Unparked>().id), (200, id));
    stubborn.healed.store(true, Ordering::SeqCst);
    runner(&shop, &stubborn).catch_up().await.unwrap();
    assert_eq!(stubborn.heard().last(), Some(&told(&bad, "changed")));
    assert!(!stubborn.heard().contains(&told(&bad, "created")), "it is given up");
    assert_eq!(parking::parked(&shop.company).await, []);
    assert_eq!(audited(&shop).await, [("dismiss".to_owned(), "given_up".to_owned(), Some("it was a rehearsal".to_owned()))]);
}

#[tokio::test]
async fn what_is_parked_is_read_page_by_page() {
    let shop = Shop::open().await;
    let mut seller = sale(&shop).await;
    seller.sell(&[coffee()]);
    seller.push().await;
    let all = parking::park(&shop.company, &["sales.order.created", "payment.received"]).await;
    assert!(all.len() > 4, "{}", all.len());
    let auditor = shop.auditor().await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page: ParkedPage = auditor.get(&format!("/api/v1/events/parked?limit=2{after}")).await.json();
        assert!(page.parked.len() <= 2);
        seen.extend(page.parked);
        let Some(next) = page.next else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, all);
}
