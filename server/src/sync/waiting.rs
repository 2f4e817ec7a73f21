//! What waits for a newer server: an intent, a version or a kind that this one did not know. A server looks at it again when it starts, because it may be
//! the newer one, and the device may be in a drawer.

use super::push;
use super::queries;
use crate::failure::Fault;
use crate::http::App;
use crate::tenancy::TenantScope;
use holdfast_domain::kernel::TenantId;

/// Judges again all that waits in any company. A company that cannot be looked at stands in no other's way.
pub async fn look_again_everywhere(app: App) {
    let tenants = async {
        let mut before = app.database.before_tenant().await?;
        let tenants = before.tenants().await?;
        before.commit().await?;
        Ok::<_, Fault>(tenants)
    };
    match tenants.await {
        Ok(tenants) => {
            for tenant in tenants {
                if let Err(fault) = look_again(&app, tenant).await {
                    tracing::error!(tenant.id = %tenant, error = %fault, "what waits could not be looked at");
                }
            }
        }
        Err(fault) => tracing::error!(error = %fault, "what waits could not be looked at"),
    }
}

/// Judges again all that waits in a company: each document in its lane, as if something had come.
pub async fn look_again(app: &App, tenant: TenantId) -> Result<(), Fault> {
    let scope = TenantScope::system(tenant);
    let mut tx = app.database.tenant(scope.clone()).await?;
    let documents = queries::documents_that_wait(&mut tx).await?;
    tx.commit().await?;
    for document in documents {
        push::look_again(app, &scope, document).await;
    }
    Ok(())
}
