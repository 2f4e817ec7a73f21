//! Settles tickets again whose till session came after them.

use super::queries;
use crate::events::{Consumer, Effect, Event};
use crate::failure::Fault;
use crate::http::App;
use crate::sync;
use crate::tenancy::TenantTx;
use futures::FutureExt;
use futures::future::BoxFuture;
use holdfast_domain::sales::TillOpened;

/// Hears of till sessions.
pub struct AwaitedSessions {
    app: App,
}

impl AwaitedSessions {
    /// Settles with what this server has.
    pub fn new(app: App) -> Self {
        Self { app }
    }

    async fn hear(&self, tx: &mut TenantTx, event: &Event) -> Result<Effect, Fault> {
        let waiting = queries::awaiting_session(tx, event.body::<TillOpened>()?.till_session).await?;
        let ruled = sync::settle_all_again(&self.app, tx, &waiting).await?;
        Ok(if ruled { Effect::Seen } else { Effect::Unseen })
    }
}

impl Consumer for AwaitedSessions {
    fn name(&self) -> &'static str {
        "sales.awaited_sessions"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[TillOpened::KIND]
    }

    /// Settling takes the feed's counter.
    fn batch(&self) -> u32 {
        1
    }

    fn handle<'a>(&'a self, tx: &'a mut TenantTx, event: &'a Event) -> BoxFuture<'a, Result<Effect, Fault>> {
        self.hear(tx, event).boxed()
    }
}
