//! Settles a closed till session again once its last ticket has arrived.

use super::queries;
use crate::events::{Consumer, Effect, Event};
use crate::failure::Fault;
use crate::http::App;
use crate::sync;
use crate::tenancy::TenantTx;
use futures::FutureExt;
use futures::future::BoxFuture;
use holdfast_domain::kernel::DocumentId;
use holdfast_domain::sales::{PaymentReceived, TillClosed};

/// Hears of payments and closings.
pub struct AwaitedTickets {
    app: App,
}

impl AwaitedTickets {
    /// Settles with what this server has.
    pub fn new(app: App) -> Self {
        Self { app }
    }

    async fn hear(&self, tx: &mut TenantTx, event: &Event) -> Result<Effect, Fault> {
        let till_session = match event.kind.as_str() {
            TillClosed::KIND => event.body::<TillClosed>()?.till_session,
            _ => event.body::<PaymentReceived>()?.till_session,
        };
        self.settle_when_complete(tx, till_session).await
    }

    async fn settle_when_complete(&self, tx: &mut TenantTx, till_session: DocumentId) -> Result<Effect, Fault> {
        let ruled = queries::all_arrived(tx, till_session).await? && sync::settle_again(&self.app, tx, till_session).await?;
        Ok(if ruled { Effect::Seen } else { Effect::Unseen })
    }
}

impl Consumer for AwaitedTickets {
    fn name(&self) -> &'static str {
        "sales.awaited_tickets"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[PaymentReceived::KIND, TillClosed::KIND]
    }

    /// Settling takes the feed's counter.
    fn batch(&self) -> u32 {
        1
    }

    fn handle<'a>(&'a self, tx: &'a mut TenantTx, event: &'a Event) -> BoxFuture<'a, Result<Effect, Fault>> {
        self.hear(tx, event).boxed()
    }
}
