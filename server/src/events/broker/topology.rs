//! What Holdfast declares at the broker. Queues are whoever's who listens: they bind their own to the exchange.

use crate::failure::Fault;
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

/// Where events are published: a topic exchange, by their types.
pub const EXCHANGE: &str = "holdfast.events";
/// Where events go for which nobody has bound a queue: a quorum queue, behind an exchange of the same name.
pub const UNROUTED: &str = "holdfast.events.unrouted";
/// What that queue may weigh. Beyond it the oldest fall out; the API has them still.
const UNROUTED_BYTES: i64 = 256 << 20;

/// Declares it all; what is there stays.
pub(super) async fn declare(channel: &Channel) -> Result<(), Fault> {
    declare_as_it_is(channel).await.map_err(|error| Fault::new("declare the exchange holdfast.events at the broker", error))
}

async fn declare_as_it_is(channel: &Channel) -> Result<(), lapin::Error> {
    let lasting = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    channel.exchange_declare(UNROUTED.into(), ExchangeKind::Fanout, lasting, FieldTable::default()).await?;
    let queue = arguments([
        ("x-queue-type", AMQPValue::LongString("quorum".into())),
        ("x-max-length-bytes", AMQPValue::LongLongInt(UNROUTED_BYTES)),
        ("x-overflow", AMQPValue::LongString("drop-head".into())),
    ]);
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(UNROUTED.into(), durable, queue).await?;
    channel.queue_bind(UNROUTED.into(), UNROUTED.into(), "".into(), QueueBindOptions::default(), FieldTable::default()).await?;
    let events = arguments([("alternate-exchange", AMQPValue::LongString(UNROUTED.into()))]);
    channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, lasting, events).await
}

fn arguments<const N: usize>(named: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in named {
        table.insert(name.into(), value);
    }
    table
}
