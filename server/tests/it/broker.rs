//! Every event reaches a real RabbitMQ, whatever dies on the way.

use crate::books::scene::{Shop, coffee};
use crate::support::flood::flood;
use crate::support::{Company, Program, eventually};
use futures::StreamExt as _;
use holdfast_server::events::{Broker, BrokerAddress, EXCHANGE, UNROUTED};
use holdfast_server::rehearsal::RabbitMq;
use lapin::message::Delivery;
use lapin::options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions, QueuePurgeOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties};
use rustix::process::Signal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard, OnceCell, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// One for all tests of a run, which take turns: each may kill it.
static RABBIT: OnceCell<Mutex<RabbitMq>> = OnceCell::const_new();

async fn rabbit() -> MutexGuard<'static, RabbitMq> {
    let mut rabbit = RABBIT.get_or_init(prepare).await.lock().await;
    tokio::task::block_in_place(|| rabbit.start()).unwrap();
    rabbit
}

/// Where Holdfast has published before, where somebody listens, and which was stopped in order since: RabbitMQ 3.10 forgets some of what it was told to declare in
/// the seconds before it is killed.
async fn prepare() -> Mutex<RabbitMq> {
    let mut rabbit = tokio::task::block_in_place(RabbitMq::prepare).unwrap();
    tokio::task::block_in_place(|| rabbit.start()).unwrap();
    let company = Company::open().await;
    let relaying = Relaying::of(&company, &rabbit.url());
    let ear = Ear { url: rabbit.url() };
    eventually("the exchange is there", async || ear.bind().await.is_ok()).await;
    relaying.end().await;
    tokio::task::block_in_place(|| rabbit.stop());
    Mutex::new(rabbit)
}

fn kill_and_start(rabbit: &mut RabbitMq) {
    tokio::task::block_in_place(|| {
        rabbit.kill();
        rabbit.start().unwrap();
    });
}

/// A server's relay, as a task.
struct Relaying {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Relaying {
    fn of(company: &Company, url: &str) -> Self {
        let (stop, stopping) = watch::channel(false);
        let broker = Broker::of(&company.app, BrokerAddress::read(url).unwrap());
        Self { stop, task: tokio::spawn(broker.run(stopping)) }
    }

    async fn end(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap();
    }
}

/// Someone who listens at the broker to all that these modules say: a durable queue.
struct Ear {
    url: String,
}

const QUEUE: &str = "test.events";
const HEARD: [&str; 3] = ["payment.#", "procurement.#", "sales.#"];
/// One of them.
const CHANGED: &str = "procurement.supplier.changed";
/// None of them.
const UNHEARD: &str = "crm.lead.created";

impl Ear {
    /// Listens from now on.
    async fn open(url: &str) -> Self {
        let ear = Self { url: url.to_owned() };
        let (_connection, channel) = ear.channel().await.unwrap();
        for queue in [QUEUE, UNROUTED] {
            channel.queue_purge(queue.into(), QueuePurgeOptions::default()).await.unwrap();
        }
        ear
    }

    async fn channel(&self) -> Result<(Connection, Channel), lapin::Error> {
        let connection = Connection::connect(&self.url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        Ok((connection, channel))
    }

    async fn bind(&self) -> Result<(), lapin::Error> {
        let (_connection, channel) = self.channel().await?;
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(QUEUE.into(), durable, FieldTable::default()).await?;
        for kinds in HEARD {
            channel.queue_bind(QUEUE.into(), EXCHANGE.into(), kinds.into(), QueueBindOptions::default(), FieldTable::default()).await?;
        }
        Ok(())
    }

    /// Takes messages from a queue until all of these have come at least once.
    async fn hear(&self, queue: &str, wanted: &[Uuid]) -> Vec<Delivery> {
        let (_connection, channel) = self.channel().await.unwrap();
        let consuming = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
        let mut consumer = channel.basic_consume(queue.into(), "".into(), consuming, FieldTable::default()).await.unwrap();
        let mut missing: BTreeSet<Uuid> = wanted.iter().copied().collect();
        let mut heard = Vec::new();
        let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
        while !missing.is_empty() {
            let next = tokio::time::timeout_at(deadline, consumer.next()).await;
            let delivery = next.unwrap_or_else(|_| panic!("{} of {} never came", missing.len(), wanted.len())).unwrap().unwrap();
            missing.remove(&id(&delivery));
            heard.push(delivery);
        }
        heard
    }
}

fn id(delivery: &Delivery) -> Uuid {
    delivery.properties.message_id().as_ref().unwrap().as_str().parse().unwrap()
}

/// The attributes and the body, as the API tells an event.
fn told(delivery: &Delivery) -> Value {
    let mut event = serde_json::Map::new();
    for (name, value) in delivery.properties.headers().as_ref().unwrap().inner() {
        let AMQPValue::LongString(text) = value else { panic!("{name}: {value:?}") };
        event.insert(name.as_str().strip_prefix("cloudEvents:").unwrap().to_owned(), Value::String(text.to_string()));
    }
    event.insert("datacontenttype".to_owned(), delivery.properties.content_type().as_ref().unwrap().as_str().into());
    event.insert("data".to_owned(), serde_json::from_slice(&delivery.data).unwrap());
    Value::Object(event)
}

async fn published(company: &Company) -> Vec<Value> {
    company.sign_in("auditor").await.0.get("/api/v1/events?limit=500").await.json()
}

fn ids(events: &[Value]) -> Vec<Uuid> {
    events.iter().map(|event| event["id"].as_str().unwrap().parse().unwrap()).collect()
}

/// How far the broker has the company's events.
async fn cursor(company: &Company) -> i64 {
    let mut tx = company.test.tenant(company.tenant).await;
    let statement = "select position from event_cursors where consumer = 'events.broker'";
    sqlx::query_scalar(statement).fetch_optional(tx.connection()).await.unwrap().unwrap_or(0)
}

/// What came more than once came as the same.
fn expect_equal_twins(heard: &[Delivery]) -> usize {
    let mut first: BTreeMap<Uuid, &Delivery> = BTreeMap::new();
    for delivery in heard {
        let twin = first.entry(id(delivery)).or_insert(delivery);
        assert_eq!((&twin.data, &twin.properties), (&delivery.data, &delivery.properties));
    }
    heard.len() - first.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_arrives_in_order_as_the_cloud_event_that_the_api_tells() {
    let rabbit = rabbit().await;
    let shop = Shop::open().await;
    let relaying = Relaying::of(&shop.company, &rabbit.url());
    let ear = Ear::open(&rabbit.url()).await;
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[coffee()]);
    seller.push().await;
    let events = published(&shop.company).await;
    assert_eq!(events.len(), 3);
    let heard = ear.hear(QUEUE, &ids(&events)).await;
    assert_eq!(heard.iter().map(told).collect::<Vec<_>>(), events);
    for delivery in &heard {
        let told = told(delivery);
        let properties = &delivery.properties;
        assert_eq!(told["source"], format!("urn:holdfast:tenant:{}", shop.tenant()));
        assert_eq!((delivery.exchange.as_str(), delivery.routing_key.as_str()), (EXCHANGE, told["type"].as_str().unwrap()));
        assert_eq!(properties.correlation_id().as_ref().unwrap().as_str(), told["correlationid"].as_str().unwrap());
        assert_eq!((*properties.delivery_mode(), properties.kind().as_ref().unwrap().as_str()), (Some(2), told["type"].as_str().unwrap()));
    }
    relaying.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_bound_a_queue_for_lies_in_the_queue_for_that() {
    let rabbit = rabbit().await;
    let shop = Shop::open().await;
    let relaying = Relaying::of(&shop.company, &rabbit.url());
    let ear = Ear::open(&rabbit.url()).await;
    let wanted = flood(&shop.company, UNHEARD, 3).await;
    shop.company.app.movements.moved(shop.tenant());
    let heard = ear.hear(UNROUTED, &wanted).await;
    assert_eq!(heard.iter().map(id).collect::<Vec<_>>(), wanted);
    relaying.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_in_the_middle_three_times_loses_nothing_and_twins_are_equal() {
    const EACH: i64 = 3_000;
    let mut rabbit = rabbit().await;
    let shop = Shop::open().await;
    let relaying = Relaying::of(&shop.company, &rabbit.url());
    let ear = Ear::open(&rabbit.url()).await;
    let mut wanted = Vec::new();
    for _ in 0..3 {
        let before = cursor(&shop.company).await;
        wanted.extend(flood(&shop.company, CHANGED, EACH).await);
        shop.company.app.movements.moved(shop.tenant());
        eventually("some are confirmed", async || cursor(&shop.company).await > before).await;
        kill_and_start(&mut rabbit);
    }
    let heard = ear.hear(QUEUE, &wanted).await;
    let twice = expect_equal_twins(&heard);
    assert_eq!(heard.len() - twice, wanted.len());
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    order.extend(heard.iter().map(id).filter(|id| seen.insert(*id)));
    assert_eq!(order, wanted, "each came first in its place");
    relaying.end().await;
}

/// The address of a test's database, for a program of its own.
fn database_url(company: &Company) -> String {
    let options = company.test.connections().owner;
    let socket = options.get_socket().unwrap().to_str().unwrap().to_owned();
    format!("postgres://postgres@localhost/{}?host={socket}", options.get_database().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_the_middle_loses_nothing_and_twins_are_equal() {
    const COUNT: i64 = 20_000;
    let rabbit = rabbit().await;
    let shop = Shop::open().await;
    let ear = Ear::open(&rabbit.url()).await;
    let began = cursor(&shop.company).await;
    let wanted = flood(&shop.company, CHANGED, COUNT).await;
    let folder = tempfile::tempdir().unwrap();
    let (database, broker) = (database_url(&shop.company), rabbit.url());
    let serve = || tokio::task::block_in_place(|| Program::serve(folder.path(), &["--database-url", &database, "--amqp-url", &broker]));
    let killed = serve();
    eventually("some are confirmed", async || cursor(&shop.company).await > began).await;
    killed.signal(Signal::KILL);
    drop(killed);
    let left = began + COUNT - cursor(&shop.company).await;
    assert!(left > 0, "it was killed in the middle");
    let next = serve();
    let heard = ear.hear(QUEUE, &wanted).await;
    let twice = expect_equal_twins(&heard);
    assert_eq!(heard.len() - twice, wanted.len());
    drop(next);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_not_there_delays_nothing_else_and_gets_it_all_when_it_comes() {
    let mut rabbit = rabbit().await;
    let shop = Shop::open().await;
    let ear = Ear::open(&rabbit.url()).await;
    rabbit.kill();
    let relaying = Relaying::of(&shop.company, &rabbit.url());
    let morning = shop.now();
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[coffee()]);
    seller.push().await;
    shop.hear().await;
    assert_eq!(shop.takings("2026-11-20").await, [(seller.till.till, morning, 250, 1)]);
    let events = published(&shop.company).await;
    tokio::task::block_in_place(|| rabbit.start()).unwrap();
    let heard = ear.hear(QUEUE, &ids(&events)).await;
    assert_eq!(heard.iter().map(told).collect::<Vec<_>>(), events);
    relaying.end().await;
}
