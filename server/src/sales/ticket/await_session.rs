//! Settles tickets again whose till session came after them.

use super::queries;
use crate::events::{Consumer, Effect, Event};
use crate::failure::Fault;
use crate::http::App;
use crate::sync;
use crate::tenancy::{TenantScope, TenantTx};
use futures::FutureExt;
use futures::future::BoxFuture;
use holdfast_domain::kernel::DocumentId;
use holdfast_domain::sales::TillOpened;
use std::collections::BTreeSet;

/// Tickets settled in one transaction.
const AT_ONCE: usize = 100;

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
        let waiting: Vec<_> = queries::awaiting_session(tx, event.body::<TillOpened>()?.till_session).await?.into_iter().collect();
        let (before, last) = waiting.split_at(waiting.len().saturating_sub(AT_ONCE));
        let mut ruled = false;
        for batch in before.chunks(AT_ONCE) {
            ruled |= self.settle_apart(tx, batch.iter().copied().collect()).await?;
        }
        ruled |= sync::settle_all_again(&self.app, tx, &last.iter().copied().collect()).await?;
        Ok(if ruled { Effect::Seen } else { Effect::Unseen })
    }
}

impl AwaitedSessions {
    /// In a transaction of its own: whoever settles holds up the whole company's feed. Done again, it finds nothing left to rule.
    async fn settle_apart(&self, tx: &TenantTx, tickets: BTreeSet<DocumentId>) -> Result<bool, Fault> {
        let work = async |mut apart: TenantTx| {
            let ruled = sync::settle_all_again(&self.app, &mut apart, &tickets).await?;
            Ok(apart.done(ruled))
        };
        self.app.database.in_tenant(&TenantScope::system(tx.tenant()), work).await
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
