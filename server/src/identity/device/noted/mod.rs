//! That a device was enrolled stands in the audit, with what changed about one that was known.

mod queries;

use super::queries::site_of_till;
use crate::audit::{self, Actor};
use crate::failure::Fault;
use crate::http::App;
use crate::tenancy::TenantTx;
use holdfast_domain::audit::Action;
use holdfast_domain::identity::DeviceEnrolment;
use holdfast_domain::kernel::resource::Values;
use holdfast_domain::kernel::{DeviceId, TillId};
use serde_json::json;

/// How a device was called, and where it stood.
pub(super) struct Before {
    name: String,
    till: Option<TillId>,
}

/// How it is now; none where nothing is known of it.
pub(super) async fn look(tx: &mut TenantTx, device: DeviceId) -> Result<Option<Before>, Fault> {
    queries::before(tx, device).await
}

/// Writes the entry.
pub(super) async fn note(app: &App, tx: &mut TenantTx, actor: &Actor, (before, enrolment): (Option<Before>, &DeviceEnrolment)) -> Result<(), Fault> {
    let name = enrolment.name.trim();
    let site = match enrolment.till {
        Some(till) => site_of_till(tx, till).await?,
        None => None,
    };
    let known = before.is_some();
    let before = before.map(|before| values(&before.name, before.till)).unwrap_or_default();
    let mut after = values(name, enrolment.till);
    after.retain(|field, value| before.get(field) != Some(value));
    let before: Values = before.into_iter().filter(|(field, _)| after.contains_key(field)).collect();
    // Which database of the device it speaks for: each begins a chain of its own.
    after.insert("chain".to_owned(), json!(enrolment.chain));
    let entry = audit::Entry {
        id: app.environment.new_id(),
        action: if known { Action::EnrolAgain } else { Action::Enrol },
        record: ("identity.device", enrolment.device.0, name),
        site,
        before: known.then_some(&before),
        after: Some(&after),
        reason: None,
    };
    audit::write(tx, actor, std::slice::from_ref(&entry)).await
}

fn values(name: &str, till: Option<TillId>) -> Values {
    audit::fields([("name", json!(name)), ("till", json!(till))])
}
