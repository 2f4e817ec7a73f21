//! Events to a RabbitMQ with confirms: how many a second, and that none is lost while the broker is killed and started three times.

use super::print;
use super::shop::Shop;
use crate::events::{Broker, BrokerAddress, EXCHANGE, NewEvent};
use crate::failure::{Failure, Fault};
use crate::rehearsal::RabbitMq;
use crate::sync;
use futures::StreamExt as _;
use holdfast_domain::kernel::Timestamp;
use lapin::options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

const EVENTS: usize = 20_000;
/// Published around each restart.
const EACH_RESTART: usize = 5_000;
const RESTARTS: usize = 3;
/// Events of one transaction.
const TOGETHER: usize = 500;
const QUEUE: &str = "bench";
/// All that is confirmed is in the queue; what does not come for so long is lost.
const SILENCE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How long all may take to arrive.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) async fn measure(shop: &Shop) -> Result<(), Failure> {
    let mut rabbit = start().await?;
    let address = BrokerAddress::read(&rabbit.url())?;
    let publishing = tokio::spawn(Broker::of(&shop.app, address.clone()).run(shop.app.stopping.clone()));
    let broker = Broker::of(&shop.app, address);
    let watched = measure_with(shop, &broker, &mut rabbit).await;
    publishing.abort();
    // Ending it takes a moment of its own thread.
    drop(tokio::task::spawn_blocking(move || drop(rabbit)).await);
    watched
}

async fn measure_with(shop: &Shop, broker: &Broker, rabbit: &mut RabbitMq) -> Result<(), Failure> {
    listen(&rabbit.url()).await?;
    wait_until(broker, |behind| behind == 0).await?;
    let mut ids = happen(shop, EVENTS).await?;
    let began = shop.app.environment.elapsed();
    tell(shop).await?;
    wait_until(broker, |behind| behind == 0).await?;
    let took = shop.app.environment.elapsed().saturating_sub(began).as_secs_f64();
    let detail = json!({ "events": EVENTS, "broker": "RabbitMQ, one node, quorum queue, persistent, mandatory, confirmed", "until": "the cursor stands behind the last" });
    print("events.publish_per_s", EVENTS as f64 / took, "events/s", detail);
    for _ in 0..RESTARTS {
        ids.extend(happen(shop, EACH_RESTART).await?);
        tell(shop).await?;
        wait_until(broker, |behind| behind < EACH_RESTART as u64).await?;
        tokio::task::block_in_place(|| {
            rabbit.kill();
            rabbit.start()
        })?;
    }
    wait_until(broker, |behind| behind == 0).await?;
    let (lost, twice) = count(&rabbit.url(), ids).await?;
    print(
        "events.publish_lost",
        lost as f64,
        "events",
        json!({ "restarts": RESTARTS, "how": "kill -9 while events are under way", "came_twice": twice }),
    );
    Ok(())
}

/// A broker that runs.
async fn start() -> Result<RabbitMq, Fault> {
    let started = tokio::task::spawn_blocking(|| {
        let mut rabbit = RabbitMq::prepare()?;
        rabbit.start()?;
        Ok(rabbit)
    });
    started.await.map_err(|error| Fault::new("start RabbitMQ", error))?
}

/// So many events, which nobody is told of yet; their ids.
async fn happen(shop: &Shop, count: usize) -> Result<Vec<Uuid>, Failure> {
    let mut ids = Vec::with_capacity(count);
    while ids.len() < count {
        let mut tx = shop.tenant_tx().await?;
        let now = tx.now();
        let events: Vec<NewEvent> = (0..TOGETHER.min(count - ids.len())).map(|n| event(shop, n, now)).collect();
        ids.extend(events.iter().map(|event| event.id));
        sync::append(&mut tx, &[], events).await?;
        tx.commit().await?;
    }
    Ok(ids)
}

fn event(shop: &Shop, n: usize, occurred_at: Timestamp) -> NewEvent {
    let subject: Uuid = shop.app.environment.new_id();
    let values = json!({ "name": format!("Exotic Liquids {n}"), "address": { "line1": null, "line2": null, "postal_code": null, "city": "London", "region": null, "country": "GB" }, "payment_days": 30, "tags": ["drinks", "local"] });
    NewEvent {
        id: shop.app.environment.new_id(),
        kind: "procurement.supplier.changed",
        subject: subject.to_string(),
        site: None,
        occurred_at,
        data: json!({ "id": subject, "version": 2, "changed": ["address"], "values": values }),
    }
}

async fn tell(shop: &Shop) -> Result<(), Failure> {
    let tenant = shop.tenant_tx().await?.tenant();
    shop.app.movements.moved(tenant);
    Ok(())
}

async fn wait_until(broker: &Broker, enough: impl Fn(u64) -> bool) -> Result<(), Fault> {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    let waiting = async {
        loop {
            ticks.tick().await;
            if enough(broker.behind().await?.0) {
                return Ok(());
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| Err(Fault::because("the broker did not get all events")))
}

async fn channel(url: &str) -> Result<(Connection, Channel), Fault> {
    let failed = |error| Fault::new("listen at the broker", error);
    let connection = Connection::connect(url, ConnectionProperties::default()).await.map_err(failed)?;
    let channel = connection.create_channel().await.map_err(failed)?;
    Ok((connection, channel))
}

/// Binds a quorum queue to all events, once the exchange is there.
async fn listen(url: &str) -> Result<(), Fault> {
    let mut ticks = tokio::time::interval(LOOK_EVERY * 20);
    let binding = async {
        loop {
            ticks.tick().await;
            let (_connection, channel) = channel(url).await?;
            let mut quorum = FieldTable::default();
            quorum.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
            let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
            channel.queue_declare(QUEUE.into(), durable, quorum).await.map_err(|error| Fault::new("declare a queue", error))?;
            let bound = channel.queue_bind(QUEUE.into(), EXCHANGE.into(), "#".into(), QueueBindOptions::default(), FieldTable::default()).await;
            if bound.is_ok() {
                return Ok(());
            }
        }
    };
    tokio::time::timeout(PATIENCE, binding).await.unwrap_or_else(|_| Err(Fault::because("the exchange was not declared")))
}

/// How many of these are not in the queue, and how many are there more than once.
async fn count(url: &str, ids: Vec<Uuid>) -> Result<(usize, usize), Fault> {
    let failed = |error| Fault::new("listen at the broker", error);
    let (_connection, channel) = channel(url).await?;
    let consuming = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    let mut consumer = channel.basic_consume(QUEUE.into(), "".into(), consuming, FieldTable::default()).await.map_err(failed)?;
    let wanted: BTreeSet<String> = ids.iter().map(Uuid::to_string).collect();
    let (mut there, mut twice) = (BTreeSet::new(), 0);
    while let Ok(Some(delivery)) = tokio::time::timeout(SILENCE, consumer.next()).await {
        let delivery = delivery.map_err(failed)?;
        let id = delivery.properties.message_id().as_ref().map(ToString::to_string).unwrap_or_default();
        twice += usize::from(wanted.contains(&id) && !there.insert(id));
    }
    Ok((wanted.iter().filter(|id| !there.contains(*id)).count(), twice))
}
