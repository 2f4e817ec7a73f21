//! Each sale is told once, and heard once by each who listens.

use super::scene::{Shop, bread, coffee};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use holdfast_domain::kernel::{DocumentId, Money};
use holdfast_domain::sales::{OrderCreated, PaymentReceived, ReceiptNumber};
use holdfast_server::events::{Consumer, Effect, Event, Runner};
use holdfast_server::failure::Fault;
use holdfast_server::reporting::KeptTakings;
use holdfast_server::tenancy::TenantTx;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn told_once() -> Vec<(String, i64)> {
    [("payment.received", 1), ("sales.order.created", 1), ("sales.till.opened", 1)].map(|(kind, count)| (kind.to_owned(), count)).to_vec()
}

fn runner(shop: &Shop, consumer: Arc<dyn Consumer>) -> Runner {
    Runner { consumers: vec![consumer], ..Runner::of(&shop.company.app) }
}

#[tokio::test]
async fn a_sale_is_told_once_however_often_it_is_pushed() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[coffee()]);
    let unsent = seller.till.outbox.clone();
    seller.push().await;
    for _ in 0..3 {
        seller.till.outbox = unsent.clone();
        seller.till.push_all().await;
    }
    shop.hear().await;
    shop.hear().await;
    assert_eq!(shop.published().await, told_once());
    assert_eq!(shop.takings("2026-11-20").await, [(seller.till.till, shop.now(), 250, 1)]);
}

#[tokio::test]
async fn a_sale_that_arrives_act_by_act_is_told_once_and_not_before_it_is_paid() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let ticket = seller.ring_up(&[coffee(), bread()]);
    seller.push().await;
    assert_eq!(shop.published().await, [("sales.till.opened".to_owned(), 1)]);
    seller.pay(ticket);
    seller.push().await;
    assert_eq!(shop.published().await, told_once());
}

/// Keeps what it heard.
#[derive(Default)]
struct Listener {
    heard: Mutex<Vec<Event>>,
}

impl Consumer for Listener {
    fn name(&self) -> &'static str {
        "test.listener"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[OrderCreated::KIND, PaymentReceived::KIND]
    }

    fn handle<'a>(&'a self, _: &'a mut TenantTx, event: &'a Event) -> BoxFuture<'a, Result<Effect, Fault>> {
        self.heard.lock().unwrap().push(event.clone());
        async { Ok(Effect::Unseen) }.boxed()
    }
}

#[tokio::test]
async fn an_event_says_what_was_sold_and_what_set_it_off() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let ticket = seller.sell(&[coffee(), bread()]);
    seller.push().await;
    let listener = Arc::new(Listener::default());
    runner(&shop, listener.clone()).catch_up().await.unwrap();
    let heard = listener.heard.lock().unwrap();
    let order: OrderCreated = heard[0].body().unwrap();
    let payment: PaymentReceived = heard[1].body().unwrap();
    assert_eq!((order.order, order.gross_minor, order.tax_minor), (ticket, 370, 62));
    assert_eq!(order.lines.iter().map(|line| (line.name.as_str(), line.gross_minor)).collect::<Vec<_>>(), [("Coffee", 250), ("Bread", 120)]);
    assert_eq!(order.receipt, ReceiptNumber { block: seller.block.block, number: seller.block.first });
    assert_eq!((payment.order, payment.amount), (ticket, Money::new(370, super::scene::EUR)));
    assert_eq!(
        (heard[0].subject.parse(), heard[0].site, heard[0].occurred_at),
        (Ok::<DocumentId, uuid::Error>(ticket), Some(seller.site), shop.now())
    );
    assert!(heard.iter().all(|event| event.tenant == shop.tenant() && event.cause.request.is_some() && event.cause.traceparent.is_some()));
}

/// Adds up takings, and then, so many times, the server dies before the transaction commits.
struct Dying {
    deaths_left: AtomicU32,
}

impl Consumer for Dying {
    fn name(&self) -> &'static str {
        KeptTakings.name()
    }

    fn kinds(&self) -> &'static [&'static str] {
        KeptTakings.kinds()
    }

    fn handle<'a>(&'a self, tx: &'a mut TenantTx, event: &'a Event) -> BoxFuture<'a, Result<Effect, Fault>> {
        async move {
            let effect = KeptTakings.handle(tx, event).await?;
            let dies = self.deaths_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            if dies { Err(Fault::because("killed between effect and commit")) } else { Ok(effect) }
        }
        .boxed()
    }
}

#[tokio::test]
async fn an_effect_happens_once_though_the_server_dies_between_effect_and_cursor() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[coffee()]);
    seller.sell(&[bread()]);
    seller.push().await;
    let morning = shop.now();
    let dying = runner(&shop, Arc::new(Dying { deaths_left: AtomicU32::new(5) }));
    for _ in 0..10 {
        dying.catch_up().await.unwrap();
        shop.company.test.world.pass(Duration::from_mins(1));
    }
    shop.hear().await;
    assert_eq!(shop.takings("2026-11-20").await, [(seller.till.till, morning, 370, 2)]);
}

/// Cannot stand one event.
struct Choking {
    on: String,
    heard: Mutex<Vec<String>>,
}

impl Consumer for Choking {
    fn name(&self) -> &'static str {
        "test.choking"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[OrderCreated::KIND]
    }

    fn handle<'a>(&'a self, _: &'a mut TenantTx, event: &'a Event) -> BoxFuture<'a, Result<Effect, Fault>> {
        async move {
            if event.subject == self.on {
                return Err(Fault::because("this one it cannot stand"));
            }
            self.heard.lock().unwrap().push(event.subject.clone());
            Ok(Effect::Unseen)
        }
        .boxed()
    }
}

#[tokio::test]
async fn an_event_that_fails_is_not_skipped_and_holds_up_nothing_but_its_own_lane() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let tickets = [seller.sell(&[coffee()]), seller.sell(&[coffee()]), seller.sell(&[coffee()])].map(|ticket| ticket.to_string());
    seller.push().await;
    let choking = Arc::new(Choking { on: tickets[1].clone(), heard: Mutex::default() });
    for _ in 0..3 {
        runner(&shop, choking.clone()).catch_up().await.unwrap();
    }
    let heard: BTreeSet<_> = choking.heard.lock().unwrap().iter().cloned().collect();
    assert_eq!(heard, BTreeSet::from([tickets[0].clone(), tickets[2].clone()]), "what is before it and behind it was worked through");
    shop.company.test.world.pass(Duration::from_secs(1));
    let healed = Arc::new(Choking { on: String::new(), heard: Mutex::default() });
    runner(&shop, healed.clone()).catch_up().await.unwrap();
    assert_eq!(*healed.heard.lock().unwrap(), tickets[1..2], "it is heard when its time has come, and no other again");
}

#[tokio::test]
async fn two_servers_that_consume_at_once_do_each_effect_once() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    for _ in 0..20 {
        seller.sell(&[coffee()]);
    }
    seller.push().await;
    let runners: Vec<_> = (0..4).map(|_| Runner::of(&shop.company.app)).collect();
    for outcome in futures::future::join_all(runners.iter().map(Runner::catch_up)).await {
        outcome.unwrap();
    }
    shop.hear().await;
    assert_eq!(shop.takings("2026-11-20").await, [(seller.till.till, shop.now(), 20 * 250, 20)]);
}

#[tokio::test]
async fn a_running_server_hears_of_a_sale_as_it_arrives_and_tells_who_listens() {
    let shop = Shop::open().await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let mut moves = shop.company.app.movements.listen(shop.tenant());
    let running = tokio::spawn(Runner::of(&shop.company.app).run(stopping));
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[coffee()]);
    seller.push().await;
    while shop.takings("2026-11-20").await.iter().map(|(_, _, cents, tickets)| (*cents, *tickets)).ne([(250, 1)]) {
        moves.changed().await.unwrap();
    }
    stop.send(true).unwrap();
    running.await.unwrap();
}
