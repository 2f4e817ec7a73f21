//! What people do beside writing records, act by act, and the entry that each leaves. Records and what is taken out of them are told in `records`.

use super::{Stored, since, stored};
use crate::support::{Client, Company};
use crate::sync::sell;
use holdfast_domain::held::HeldPage;
use holdfast_domain::sales::exceptions::ExceptionsPage;
use holdfast_server::identity::Role;
use serde_json::{Value, json};

/// An act, done as the owner.
async fn done(client: &Client, path: &str, body: Value) {
    let answer = client.post_json(path, &body).await;
    assert!(answer.status.is_success(), "{path}: {}", String::from_utf8_lossy(&answer.body));
}

/// What an entry says was done, to what, why.
fn told(entry: &Stored) -> (&str, &str, &str, Option<&str>) {
    (&entry.action, &entry.kind, &entry.title, entry.reason.as_deref())
}

async fn count(company: &Company) -> usize {
    stored(&company.test, company.tenant).await.len()
}

/// The one entry that came since.
async fn one_since(company: &Company, before: usize) -> Stored {
    let [entry] = since(&company.test, company.tenant, before).await.try_into().unwrap();
    entry
}

#[tokio::test]
async fn a_device_that_enrols_and_is_granted_leaves_an_entry_of_each() {
    let company = Company::open().await;
    let before = count(&company).await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let [_, enrolled, granted] = since(&company.test, company.tenant, before).await.try_into().unwrap();
    assert_eq!(told(&enrolled), ("enrol", "identity.device", "Till device 1", None));
    assert_eq!((enrolled.record, enrolled.site, &enrolled.before), (till.chain.device.0, Some(company.site.0), &None));
    assert_eq!(enrolled.after, Some(json!({ "name": "Till device 1", "till": company.tills[0], "chain": till.chain.chain })));
    assert_eq!(told(&granted), ("grant", "identity.grant", "cashier", None));
    assert_eq!((granted.record, granted.site, granted.roles), (till.claims().jti.0, Some(company.site.0), vec!["cashier".to_owned()]));
    let said = granted.after.unwrap();
    assert_eq!((&said["device"], &said["sites"]), (&json!(till.chain.device), &json!([company.site])));
    assert_eq!(said["expires_at"], json!(till.claims().exp * 1_000));
}

#[tokio::test]
async fn a_device_that_enrols_again_tells_what_became_of_it() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let before = count(&company).await;
    assert!(till.enrol_again("Front", Some(company.tills[0])).await.status.is_success());
    let again = since(&company.test, company.tenant, before).await.remove(0);
    assert_eq!((told(&again), again.device), (("enrol_again", "identity.device", "Front", None), Some(till.chain.device.0)));
    assert_eq!(again.before, Some(json!({ "name": "Till device 1" })));
    assert_eq!(again.after, Some(json!({ "name": "Front", "chain": till.chain.chain })));
}

#[tokio::test]
async fn what_is_taken_back_leaves_one_entry_however_often_it_is_asked_for() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let other = company.enrol("cashier", company.tills[1], 2).await;
    let owner = company.sign_in("owner").await.0;
    let before = count(&company).await;
    for _ in 0..2 {
        done(&owner, &format!("/api/v1/identity/grants/{}/revocation", till.claims().jti), json!({ "reason": "lent to nobody" })).await;
        done(&owner, &format!("/api/v1/identity/devices/{}/revocation", other.chain.device), json!({ "reason": "left in a taxi" })).await;
    }
    let [grant, device] = since(&company.test, company.tenant, before).await.try_into().unwrap();
    assert_eq!((told(&grant), grant.record), (("revoke", "identity.grant", "cashier", Some("lent to nobody")), till.claims().jti.0));
    assert_eq!((told(&device), device.record), (("revoke", "identity.device", "Till device 2", Some("left in a taxi")), other.chain.device.0));
    for entry in [grant, device] {
        assert_eq!(
            (entry.before, entry.after, entry.roles),
            (Some(json!({ "revoked": false })), Some(json!({ "revoked": true })), vec!["owner".to_owned()])
        );
    }
}

#[tokio::test]
async fn what_was_held_and_is_decided_leaves_an_entry_of_who_decided_what_and_why() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let owner = company.sign_in("owner").await.0;
    done(&owner, &format!("/api/v1/identity/devices/{}/revocation", till.chain.device), json!({ "reason": "lost" })).await;
    sell(&mut till, company.site);
    till.push_all().await;
    let held: HeldPage = owner.get("/api/v1/sync/held").await.json();
    let (last, first) = (held.envelopes.first().unwrap(), held.envelopes.iter().find(|held| held.name == "sales.till_session.open").unwrap());
    let before = count(&company).await;
    for _ in 0..2 {
        let release = json!({ "reason": "it happened", "waives": ["grant_revoked"] });
        done(&owner, &format!("/api/v1/sync/held/{}/release", first.intent), release).await;
        done(&owner, &format!("/api/v1/sync/held/{}/reject", last.intent), json!({ "reason": "it did not" })).await;
    }
    let [released, rejected] = since(&company.test, company.tenant, before).await.try_into().unwrap();
    assert_eq!((told(&released), released.record), (("release", "sync.held", "sales.till_session.open", Some("it happened")), first.intent.0));
    assert_eq!(released.before, Some(json!({ "standing": "held", "code": "grant_revoked" })));
    assert_eq!(released.after, Some(json!({ "standing": "released", "waived": ["grant_revoked"], "document": first.document })));
    assert_eq!((told(&rejected), rejected.record), (("reject", "sync.held", last.name.as_str(), Some("it did not")), last.intent.0));
}

#[tokio::test]
async fn an_exception_leaves_an_entry_when_it_changes_hands_and_when_it_is_resolved() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    sell(&mut till, company.site);
    till.push_all().await;
    let (owner, session) = company.sign_in("owner").await;
    let open: ExceptionsPage = owner.get("/api/v1/sales/exceptions").await.json();
    let exception = &open.exceptions[0];
    let at = |what: &str| format!("/api/v1/sales/exceptions/{}/{what}", exception.exception);
    let before = count(&company).await;
    for _ in 0..2 {
        done(&owner, &at("owner"), json!({ "owner": session.account })).await;
    }
    done(&owner, &at("resolution"), json!({ "reason": "counted again" })).await;
    assert_eq!(owner.post_json(&at("resolution"), &json!({ "reason": "and again" })).await.code(), "exception_resolved");
    let [assigned, resolved] = since(&company.test, company.tenant, before).await.try_into().unwrap();
    assert_eq!(told(&assigned), ("assign", "sales.exception", exception.code.as_str(), None));
    assert_eq!((assigned.before, assigned.after), (Some(json!({ "owner": null })), Some(json!({ "owner": session.account }))));
    assert_eq!(told(&resolved), ("resolve", "sales.exception", exception.code.as_str(), Some("counted again")));
    assert_eq!((resolved.record, resolved.site), (exception.exception.0, Some(company.site.0)));
}

#[tokio::test]
async fn a_role_that_is_given_leaves_an_entry_and_one_that_is_held_leaves_none() {
    let company = Company::open().await;
    let before = count(&company).await;
    company.hire("kim", (Role::ShiftLeader, company.site)).await;
    let given = one_since(&company, before).await;
    assert_eq!((told(&given), given.account, given.site), (("give_role", "identity.account", "kim", None), None, Some(company.site.0)));
    assert_eq!(given.after, Some(json!({ "role": "shift_leader", "site": company.site })));
    let mut tx = company.test.tenant(company.tenant).await;
    let again = holdfast_server::identity::give_role(&mut tx, uuid::Uuid::from_u128(9), given.record.into(), (Role::ShiftLeader, Some(company.site)));
    again.await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&company).await, before + 1);
}

#[tokio::test]
async fn a_file_that_is_handed_in_leaves_an_entry_of_whose_work_it_was() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    till.pull_all().await;
    sell(&mut till, company.site);
    let line = serde_json::to_value(till.outbox_file().remove(0)).unwrap();
    let owner = company.sign_in("owner").await.0;
    let before = count(&company).await;
    for _ in 0..2 {
        done(&owner, "/api/v1/sync/import", line.clone()).await;
    }
    let handed = one_since(&company, before).await;
    assert_eq!((told(&handed), handed.record), (("hand_in", "identity.device", "Till device 1", None), till.chain.device.0));
    let tally = handed.after.unwrap();
    assert_eq!((&tally["part"], &tally["parts"], &tally["accepted"], &tally["held"]), (&json!(1), &json!(1), &json!(4), &json!(0)));
}
