//! What waits for a newer server: an intent, a version or a kind that this one did not know. A server looks at it again when it starts, because it may be
//! the newer one, and the device may be in a drawer. While an older server still runs beside it, more may come, so it goes on looking at what is new.

use super::push;
use super::queries;
use crate::failure::Fault;
use crate::http::App;
use crate::tenancy::TenantScope;
use holdfast_domain::kernel::{TenantId, Timestamp};
use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(600);
/// Servers' clocks may differ by so much, and a lane takes its time.
const OVERLAP_MS: i64 = 60_000;
/// Before anything came.
const EVER: Timestamp = Timestamp(0);

/// Judges again what waits in any company: all of it at first, and then what has come since. Runs until it is dropped.
pub async fn keep_looking(app: App) {
    let mut since = EVER;
    loop {
        let began = app.environment.now();
        if let Err(fault) = look_everywhere(&app, since).await {
            tracing::error!(error = %fault, "what waits could not be looked at");
        }
        since = began.plus_ms(-OVERLAP_MS);
        tokio::time::sleep(PAUSE).await;
    }
}

/// A company that cannot be looked at stands in no other's way.
async fn look_everywhere(app: &App, since: Timestamp) -> Result<(), Fault> {
    let mut before = app.database.before_tenant().await?;
    let tenants = before.tenants().await?;
    before.commit().await?;
    for tenant in tenants {
        if let Err(fault) = look_again(app, tenant, since).await {
            tracing::error!(tenant.id = %tenant, error = %fault, "what waits could not be looked at");
        }
    }
    Ok(())
}

/// Judges again what has come to a company since then and waits: each document in its lane, as if something had come.
pub async fn look_again(app: &App, tenant: TenantId, since: Timestamp) -> Result<(), Fault> {
    let scope = TenantScope::system(tenant);
    let mut tx = app.database.tenant(scope.clone()).await?;
    let documents = queries::documents_that_wait(&mut tx, since).await?;
    tx.commit().await?;
    for document in documents {
        push::look_again(app, &scope, document).await;
    }
    Ok(())
}
