//! Roles are given and ended: by whom, for how long, and what they bite on.

use crate::support::{Client, Company};
use axum::http::StatusCode;
use holdfast_domain::identity::{GiveRole, GrantIssued, Revoke, RoleGiven, RolesPage, SessionView};
use holdfast_domain::kernel::{AccountId, Day, SiteId, Timestamp};
use holdfast_server::identity::Role;
use holdfast_server::rehearsal::Response;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

const ROLES: &str = "/api/v1/identity/roles";

async fn account(company: &Company, name: &str) -> AccountId {
    company.sign_in(name).await.1.account
}

fn gift(account: AccountId, role: Role, site: Option<SiteId>) -> GiveRole {
    GiveRole { account, role: role.name().to_owned(), site, from: None, until: None, reason: "the fair".to_owned() }
}

/// What the world's clock says, as a day in Paris, and so many days later.
fn day(company: &Company, later: i64) -> Day {
    let at = company.app.environment.now().plus_ms(later * 24 * 3_600_000);
    let date = time::OffsetDateTime::from_unix_timestamp(at.0 / 1_000).unwrap().to_offset(time::UtcOffset::from_hms(1, 0, 0).unwrap()).date();
    date.to_string().parse().unwrap()
}

async fn give(client: &Client, gift: &GiveRole) -> RoleGiven {
    let answer = client.post_json(ROLES, gift).await;
    assert!(answer.status.is_success(), "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

async fn end(client: &Client, giving: Uuid) -> Response {
    client.post_json(&format!("{ROLES}/{giving}/end"), &Revoke { reason: "the fair is over".to_owned() }).await
}

async fn may(client: &Client, permission: &str) -> bool {
    let session: SessionView = client.get("/api/v1/identity/session").await.json();
    session.permissions.iter().any(|held| held.as_str() == permission)
}

fn said(answer: &Response) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

#[tokio::test]
async fn a_role_from_tomorrow_until_the_day_after_holds_on_those_days_in_a_live_session() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let (cashier, session) = company.sign_in("cashier").await;
    assert!(!may(&cashier, "sales.ticket.read").await);
    let (from, until) = (Some(day(&company, 1)), Some(day(&company, 2)));
    let given = give(&owner, &GiveRole { from, until, ..gift(session.account, Role::ShiftLeader, Some(company.site)) }).await;
    let (begins, ends) = (given.from.unwrap(), given.until.unwrap());
    assert_eq!(ends.0 - begins.0, 2 * 24 * 3_600_000, "both days are whole");
    assert!(!may(&cashier, "sales.ticket.read").await, "it is to come");
    let until = |at: Timestamp| Duration::from_millis((at.0 - company.app.environment.now().0).unsigned_abs());
    company.test.world.pass(until(begins));
    assert!(may(&cashier, "sales.ticket.read").await);
    company.test.world.pass(until(ends) - Duration::from_millis(1));
    assert!(may(&cashier, "sales.ticket.read").await);
    company.test.world.pass(Duration::from_millis(1));
    assert!(!may(&cashier, "sales.ticket.read").await && may(&cashier, "sales.ticket.sell").await, "what is for good stays");
}

#[tokio::test]
async fn what_is_given_and_ended_is_kept_with_who_and_why_and_in_the_audit() {
    let company = Company::open().await;
    let (owner, by) = company.sign_in("owner").await;
    let cashier = account(&company, "cashier").await;
    let wanted = gift(cashier, Role::Auditor, None);
    let given = give(&owner, &wanted).await;
    assert_eq!((given.given_by, given.reason.as_deref(), given.may_end), (Some(by.account), Some("the fair"), true));
    assert_eq!(owner.post_json(ROLES, &wanted).await.status, StatusCode::OK, "the same stands already");
    let ended: RoleGiven = end(&owner, given.id).await.json();
    let how = ended.ended.clone().unwrap();
    assert_eq!((how.by, how.reason.as_str(), ended.may_end), (by.account, "the fair is over", false));
    let again: RoleGiven = end(&owner, given.id).await.json();
    assert_eq!(again, ended, "the first end stands");
    assert_ne!(give(&owner, &wanted).await.id, given.id, "and it may be given anew");

    let page: RolesPage = owner.get(ROLES).await.json();
    let told = page.holders.iter().find(|holder| holder.account == cashier).unwrap();
    let (over, standing): (Vec<&RoleGiven>, Vec<&RoleGiven>) = told.roles.iter().partition(|role| role.ended.is_some());
    let names = |roles: Vec<&RoleGiven>| roles.into_iter().map(|role| role.role.clone()).collect::<BTreeSet<_>>();
    assert_eq!((over.len(), names(over)), (1, BTreeSet::from(["auditor".to_owned()])));
    assert_eq!(names(standing), BTreeSet::from(["auditor".to_owned(), "cashier".to_owned()]));
    let mut tx = company.test.tenant(company.tenant).await;
    let entries: Vec<String> = sqlx::query_scalar(
        "select concat_ws(': ', action, reason, (before is not null)::text, (after is not null)::text) from audit_entries
         where kind = 'identity.account' and action like '%_role' and account is not null order by ordinal",
    )
    .fetch_all(tx.connection())
    .await
    .unwrap();
    let gave = "give_role: the fair: false: true";
    assert_eq!(entries, [gave, "end_role: the fair is over: true: false", gave]);
    tx.commit().await.unwrap();
    let events: Vec<Value> = owner.get("/api/v1/events").await.json();
    let kinds: Vec<_> = events.iter().filter_map(|event| event["type"].as_str()).filter(|kind| kind.starts_with("identity.role.")).collect();
    assert_eq!(kinds, ["identity.role.given", "identity.role.ended", "identity.role.given"]);
}

#[tokio::test]
async fn nobody_gives_or_ends_more_than_they_have_there() {
    let company = Company::open().await;
    company.hire("manager", (Role::SiteManager, company.site)).await;
    company.hire("neighbour", (Role::Cashier, company.other_site)).await;
    let manager = company.sign_in("manager").await.0;
    let (cashier, neighbour) = (account(&company, "cashier").await, account(&company, "neighbour").await);
    let here = Some(company.site);
    let refused = [
        (gift(cashier, Role::Owner, here), (403, "role_beyond_yours")),
        (gift(cashier, Role::Auditor, here), (403, "role_beyond_yours")),
        (gift(cashier, Role::Cashier, None), (403, "permission_missing")),
        (gift(cashier, Role::Cashier, Some(company.other_site)), (403, "permission_missing")),
        (gift(neighbour, Role::Cashier, here), (404, "account_unknown")),
        (gift(AccountId(Uuid::from_u128(9)), Role::Cashier, here), (404, "account_unknown")),
        (GiveRole { role: "king".to_owned(), ..gift(cashier, Role::Cashier, here) }, (422, "role_unknown")),
        (GiveRole { reason: " ".to_owned(), ..gift(cashier, Role::Cashier, here) }, (422, "reason_missing")),
    ];
    for (gift, (status, code)) in refused {
        assert_eq!(said(&manager.post_json(ROLES, &gift).await), (status, code.to_owned()), "{gift:?}");
    }
    assert!(!give(&manager, &gift(cashier, Role::ShiftLeader, here)).await.id.is_nil());
    let page: RolesPage = manager.get(ROLES).await.json();
    let names: Vec<_> = page.holders.iter().map(|holder| holder.name.as_str()).collect();
    assert!(names.contains(&"cashier") && names.contains(&"owner") && !names.contains(&"neighbour"), "{names:?}");
    let offered: Vec<_> = page
        .offers
        .iter()
        .map(|offer| (offer.site, offer.roles.contains(&"site_manager".to_owned()), offer.roles.contains(&"owner".to_owned())))
        .collect();
    assert_eq!(offered, [(here, true, false)]);
    let owners = page.holders.iter().find(|holder| holder.name == "owner").unwrap().roles[0].clone();
    assert!(!owners.may_end);
    assert_eq!(said(&end(&manager, owners.id).await), (403, "permission_missing".to_owned()));
    let owner: RolesPage = company.sign_in("owner").await.0.get(ROLES).await.json();
    let theirs = owner.holders.iter().find(|holder| holder.name == "neighbour").unwrap().roles[0].id;
    assert_eq!(said(&end(&manager, theirs).await), (404, "giving_unknown".to_owned()), "what is elsewhere is not there");
    let cashier = company.sign_in("cashier").await.0;
    assert_eq!(said(&cashier.get(ROLES).await), (403, "permission_missing".to_owned()));
}

#[tokio::test]
async fn who_stands_in_for_a_time_gives_and_ends_nothing_that_outlasts_them() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let (stand_in, session) = company.sign_in("cashier").await;
    let held = give(&owner, &GiveRole { until: Some(day(&company, 3)), ..gift(session.account, Role::Owner, None) }).await;
    let auditor = account(&company, "auditor").await;
    for (whom, role, until) in
        [(session.account, Role::Owner, None), (auditor, Role::Cashier, None), (auditor, Role::Cashier, Some(day(&company, 4)))]
    {
        let refused = stand_in.post_json(ROLES, &GiveRole { until, ..gift(whom, role, None) }).await;
        assert_eq!(said(&refused), (403, "role_beyond_yours".to_owned()), "{role:?} {until:?}");
    }
    let page: RolesPage = stand_in.get(ROLES).await.json();
    let owners = page.holders.iter().find(|holder| holder.name == "owner").unwrap().roles[0].clone();
    assert!(!owners.may_end);
    assert_eq!(said(&end(&stand_in, owners.id).await), (403, "role_beyond_yours".to_owned()));
    assert!(give(&stand_in, &GiveRole { until: Some(day(&company, 3)), ..gift(auditor, Role::Cashier, None) }).await.until <= held.until);
    give(&owner, &GiveRole { until: Some("9999-12-31".parse().unwrap()), ..gift(auditor, Role::Office, None) }).await;
}

#[tokio::test]
async fn the_last_owner_stays() {
    let company = Company::open().await;
    let (owner, session) = company.sign_in("owner").await;
    let page: RolesPage = owner.get(ROLES).await.json();
    let own = page.holders.iter().find(|holder| holder.account == session.account).unwrap().roles[0].id;
    assert_eq!(said(&end(&owner, own).await), (409, "last_owner".to_owned()));
    let cashier = account(&company, "cashier").await;
    let for_a_day = GiveRole { until: Some(day(&company, 1)), ..gift(cashier, Role::Owner, None) };
    give(&owner, &for_a_day).await;
    assert_eq!(said(&end(&owner, own).await), (409, "last_owner".to_owned()), "one for a time is none for good");
    give(&owner, &gift(cashier, Role::Owner, None)).await;
    assert_eq!(end(&owner, own).await.status, StatusCode::OK);
    assert_eq!(said(&owner.get(ROLES).await), (403, "permission_missing".to_owned()), "it bites at once");
}

#[tokio::test]
async fn a_period_that_is_over_or_the_wrong_way_round_is_refused() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let cashier = account(&company, "cashier").await;
    let at = |from: Option<i64>, until: Option<i64>| GiveRole {
        from: from.map(|later| day(&company, later)),
        until: until.map(|later| day(&company, later)),
        ..gift(cashier, Role::ShiftLeader, Some(company.site))
    };
    for (gift, code) in [(at(Some(3), Some(2)), "period_reversed"), (at(None, Some(-1)), "period_over"), (at(Some(-9), Some(-2)), "period_over")] {
        assert_eq!(said(&owner.post_json(ROLES, &gift).await), (422, code.to_owned()), "{gift:?}");
    }
    let elsewhere = GiveRole { site: Some(SiteId(Uuid::from_u128(9))), ..gift(cashier, Role::ShiftLeader, None) };
    assert_eq!(said(&owner.post_json(ROLES, &elsewhere).await), (404, "site_unknown".to_owned()));
    assert!(owner.post_json(ROLES, &at(None, Some(0))).await.status.is_success(), "today is a day");
}

#[tokio::test]
async fn a_grant_ends_with_the_role_that_it_rests_on_and_not_with_one_that_adds_nothing() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let account = till.session.account;
    let expires = async || {
        let issued: GrantIssued = till.ask_for_grant().await.json();
        company.app.identity.verify_grant(&issued.grant).unwrap().exp
    };
    let now_s = || company.app.environment.now().0.div_euclid(1_000);
    let whole = 45 * 24 * 3_600;
    give(&owner, &GiveRole { until: Some(day(&company, 2)), ..gift(account, Role::Cashier, Some(company.site)) }).await;
    assert_eq!(expires().await - now_s(), whole, "they are a cashier for good anyway");
    let given = give(&owner, &GiveRole { until: Some(day(&company, 3)), ..gift(account, Role::ShiftLeader, Some(company.site)) }).await;
    assert_eq!(expires().await, given.until.unwrap().0.div_euclid(1_000));
    assert_eq!(end(&owner, given.id).await.status, StatusCode::OK);
    assert_eq!(expires().await - now_s(), whole);
}
