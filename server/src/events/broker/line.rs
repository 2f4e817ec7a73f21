//! A line to the broker, with publisher confirms.

use super::super::event::Event;
use super::address::BrokerAddress;
use super::message::Message;
use super::topology::{self, EXCHANGE};
use crate::failure::Fault;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Confirmation, Connection, ConnectionProperties, PublisherConfirm};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// How long the broker may take to let us in.
const OPEN_PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to confirm what is under way. Shorter than a transaction may idle.
const CONFIRM_PATIENCE: Duration = Duration::from_secs(20);
/// How long it may take to say farewell.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

/// An open line.
pub(super) struct Line {
    connection: Connection,
}

/// Why not all went.
pub(super) enum Broke {
    /// The line is at its end.
    Line(Fault),
    /// The broker, or we, will not have one of these events; the line is sound.
    Refused(Fault),
}

impl Line {
    /// Opens a line, and declares what there must be.
    pub(super) async fn open(address: &BrokerAddress) -> Result<Self, Fault> {
        let opened = timeout(OPEN_PATIENCE, Self::open_without_end(address)).await;
        opened.unwrap_or_else(|_| Err(Fault::because("the broker does not answer")))
    }

    async fn open_without_end(address: &BrokerAddress) -> Result<Self, Fault> {
        let failed = |error| Fault::new("reach the broker", error);
        let mut properties = ConnectionProperties::default().with_connection_name("holdfast".into());
        if let Some(auth) = address.auth() {
            properties = properties.with_auth_provider(auth);
        }
        let connection = Connection::connect_uri(address.uri(), properties).await.map_err(failed)?;
        let channel = connection.create_channel().await.map_err(failed)?;
        topology::declare(&channel).await?;
        channel.close(200, "declared".into()).await.map_err(failed)?;
        Ok(Self { connection })
    }

    /// Publishes events in their order, all of them under way at once, on a channel of their own: what is returned is told apart by channel only. How many of
    /// them, from the first on, the broker has for sure; and what broke, if anything did.
    pub(super) async fn publish(&self, events: Vec<Event>) -> (usize, Option<Broke>) {
        // By the runtime's clock, which runs on whatever the server's says.
        let deadline = Instant::now() + CONFIRM_PATIENCE;
        let opened = timeout_at(deadline, self.channel()).await.unwrap_or_else(|_| Err(Fault::because("the broker takes nothing more")));
        let channel = match opened {
            Ok(channel) => channel,
            Err(fault) => return (0, Some(Broke::Line(fault))),
        };
        let mut under_way = Vec::with_capacity(events.len());
        let mut broke = None;
        for event in events {
            let message = match Message::of(event) {
                Ok(message) => message,
                Err(fault) => {
                    broke = Some(Broke::Refused(fault));
                    break;
                }
            };
            let sent = timeout_at(deadline, send(&channel, message)).await.unwrap_or_else(|_| Err(Fault::because("the broker takes nothing more")));
            match sent {
                Ok(confirm) => under_way.push(confirm),
                Err(fault) => {
                    broke = Some(Broke::Line(fault));
                    break;
                }
            }
        }
        let (confirmed, failed) = confirmed(under_way, deadline).await;
        // Its end is the channel's; the line stays.
        drop(timeout(CLOSE_PATIENCE, channel.close(200, "done".into())).await);
        (confirmed, failed.or(broke))
    }

    async fn channel(&self) -> Result<Channel, Fault> {
        let failed = |error| Fault::new("reach the broker", error);
        let channel = self.connection.create_channel().await.map_err(failed)?;
        channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(failed)?;
        Ok(channel)
    }

    /// Whether it stands.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.connection.status().connected() { Ok(()) } else { Err(Fault::because("the line to the broker broke")) }
    }

    /// Says farewell. A broker that is gone is not waited for.
    pub(super) async fn close(self) {
        drop(timeout(CLOSE_PATIENCE, self.connection.close(200, "the server ends".into())).await);
    }
}

async fn send(channel: &Channel, Message { routing_key, properties, body }: Message) -> Result<PublisherConfirm, Fault> {
    let options = BasicPublishOptions { mandatory: true, immediate: false };
    let sent = channel.basic_publish(EXCHANGE.into(), routing_key, options, &body, properties).await;
    sent.map_err(|error| Fault::new("send an event to the broker", error))
}

/// How many are confirmed, from the first on. Where one is refused or comes back, none counts: which one came back is told with whatever confirmation is the next.
async fn confirmed(under_way: Vec<PublisherConfirm>, deadline: Instant) -> (usize, Option<Broke>) {
    let (mut confirmed, mut refused) = (0, false);
    for confirm in under_way {
        match timeout_at(deadline, confirm).await {
            Ok(Ok(Confirmation::Ack(None))) => confirmed += 1,
            Ok(Ok(_)) => refused = true,
            _ if refused => break,
            Ok(Err(error)) => return (confirmed, Some(Broke::Line(Fault::new("hear from the broker", error)))),
            Err(_) => return (confirmed, Some(Broke::Line(Fault::because("the broker does not confirm")))),
        }
    }
    if refused { (0, Some(Broke::Refused(Fault::because("the broker did not take an event")))) } else { (confirmed, None) }
}
