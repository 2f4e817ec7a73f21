//! The audit's partitions, a month each.

use super::queries;
use crate::failure::Fault;
use crate::http::App;
use std::time::Duration;
use tokio::sync::watch;

/// Often enough that a month is there long before it begins: one is made when the month before has begun.
const LOOK_EVERY: Duration = Duration::from_hours(24);

/// Makes this month's partition and the next, now and once a day. What falls beside them all the same is kept in one for the rest.
pub(crate) async fn keep_months(app: App, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        if let Err(fault) = make(&app).await {
            tracing::error!(error = %fault, "the audit's months were not made");
        }
        tokio::select! {
            stopped = stopping.changed() => if stopped.is_err() { return },
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn make(app: &App) -> Result<(), Fault> {
    let mut tx = app.database.before_tenant().await?;
    queries::make_months(tx.connection(), app.environment.now()).await?;
    tx.commit().await
}
