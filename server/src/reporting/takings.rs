//! KeptTakings per till and hour, as the office's chart shows them.

use super::queries::{self, Counted};
use crate::events::{Consumer, Effect, Event};
use crate::failure::Fault;
use crate::tenancy::TenantTx;
use futures::FutureExt;
use futures::future::BoxFuture;
use holdfast_domain::sales::{OrderCreated, PaymentReceived};

/// Adds up payments, and counts tickets.
pub struct KeptTakings;

impl Consumer for KeptTakings {
    fn name(&self) -> &'static str {
        "reporting.takings"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[OrderCreated::KIND, PaymentReceived::KIND]
    }

    fn handle<'a>(&'a self, tx: &'a mut TenantTx, event: &'a Event) -> BoxFuture<'a, Result<Effect, Fault>> {
        keep(tx, event).boxed()
    }
}

async fn keep(tx: &mut TenantTx, event: &Event) -> Result<Effect, Fault> {
    let counted = match event.kind.as_str() {
        OrderCreated::KIND => {
            let order = event.body::<OrderCreated>()?;
            Counted { site: order.site, till: order.till, currency: order.currency, gross_minor: 0, tickets: 1 }
        }
        _ => {
            let payment = event.body::<PaymentReceived>()?;
            Counted { site: payment.site, till: payment.till, currency: payment.amount.currency, gross_minor: payment.amount.minor, tickets: 0 }
        }
    };
    queries::add_takings(tx, event.occurred_at, counted).await?;
    Ok(Effect::Seen)
}
