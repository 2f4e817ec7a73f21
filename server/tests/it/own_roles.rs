//! Roles of a company's own: made, changed, put away, given; by nobody beyond what they may; and what they bite on.

use crate::support::{Client, Company};
use holdfast_domain::audit::EntriesPage;
use holdfast_domain::identity::{GrantIssued, RoleGiven, RoleList, RoleView, RolesPage, SessionView};
use holdfast_domain::kernel::resource::RecordView;
use holdfast_server::identity::Role;
use holdfast_server::rehearsal::Response;
use serde_json::{Value, json};

const TERMS: &str = "/api/v1/identity/role-terms";
const ROLES: &str = "/api/v1/identity/roles";
const CUSTOMERS: &str = "/api/v1/sales/customers";
const EMAIL: &str = "maria.anders@alfreds.example";

fn said(answer: &Response) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

fn terms(permissions: &[&str], of_customers: Value) -> Value {
    json!({ "permissions": permissions, "fields": { "sales.customer": of_customers } })
}

async fn make(client: &Client, name: &str, terms: Value) -> RoleView {
    let made = client.post_json(TERMS, &json!({ "name": name, "terms": terms })).await;
    assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
    made.json()
}

async fn change(client: &Client, role: &RoleView, terms: Value) -> Response {
    client.if_match(role.version).patch_json(&at(role, ""), &json!({ "name": role.name, "terms": terms })).await
}

fn at(role: &RoleView, rest: &str) -> String {
    format!("{TERMS}/{}{rest}", role.id.unwrap())
}

/// The account holds the role, at the first shop or everywhere.
async fn give(owner: &Client, (session, role): (&SessionView, &RoleView), site: Option<&Company>) -> RoleGiven {
    let body = json!({ "account": session.account, "role": role.role, "site": site.map(|company| company.site), "from": null, "until": null, "reason": "the fair" });
    let given = owner.post_json(ROLES, &body).await;
    assert_eq!(given.status.as_u16(), 201, "{}", String::from_utf8_lossy(&given.body));
    given.json()
}

async fn customer(owner: &Client) -> String {
    let values = json!({ "name": "Alfreds Futterkiste", "email": EMAIL, "phone": "030-0074321" });
    let made: RecordView = owner.post_json(CUSTOMERS, &json!({ "values": values })).await.json();
    format!("{CUSTOMERS}/{}", made.id)
}

#[tokio::test]
async fn a_role_lets_do_what_it_says_and_a_change_bites_at_once() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let path = customer(&owner).await;
    let keeping = ["sales.customer.read", "sales.customer.create", "sales.customer.update", "sales.customer.bulk_edit"];
    let role = make(&owner, " Fair helper ", terms(&keeping, json!({ "email": "masked", "phone": "none" }))).await;
    assert_eq!((role.name.as_deref(), role.version, role.may_change, role.holders), (Some("Fair helper"), 1, true, 0));
    let (cashier, session) = company.sign_in("cashier").await;
    assert_eq!(said(&cashier.get(&path).await), (403, "permission_missing".to_owned()));
    give(&owner, (&session, &role), Some(&company)).await;
    let read: RecordView = cashier.get(&path).await.json();
    assert_eq!((&read.values["email"], read.values.contains_key("phone")), (&json!("m•••@•••"), false));

    // A file brings in no column that may not be written, whatever its lines say.
    let import = async |head: &str, line: &str| {
        let csv = format!("{head}\n{line}\n");
        cashier.send(axum::http::Method::POST, &format!("{CUSTOMERS}/import"), (Some("text/csv"), csv.into_bytes())).await
    };
    let refused = import("name,country,email", &format!("Alfreds Futterkiste,Germany,{EMAIL}")).await;
    assert_eq!(said(&refused), (403, "field_forbidden".to_owned()));
    assert_eq!(refused.json::<Value>()["errors"], json!([{ "field": "email", "wrong": "forbidden" }]));
    let taken = import("name,country,city", "Around the Horn,Britain,London").await;
    assert!(String::from_utf8_lossy(&taken.body).contains("\"created\":1"), "{}", String::from_utf8_lossy(&taken.body));

    let changed: RoleView = change(&owner, &role, terms(&["sales.customer.read"], json!({ "phone": "none" }))).await.json();
    assert_eq!((changed.version, changed.holders), (2, 1));
    let read: RecordView = cashier.get(&path).await.json();
    assert_eq!(read.values["email"], json!(EMAIL));
    let patch = cashier.if_match(1).patch_json(&path, &json!({ "values": { "address": { "city": "Bonn" } } })).await;
    assert_eq!(said(&patch), (403, "permission_missing".to_owned()));

    let put = async |verb: &str| owner.post_json(&at(&role, verb), &json!({ "reason": "the fair" })).await;
    let away: RoleView = put("/archive").await.json();
    assert!(away.archived_at.is_some());
    assert_eq!(said(&cashier.get(&path).await), (403, "permission_missing".to_owned()), "it lets nobody do anything any more");
    assert_eq!(put("/archive").await.json::<RoleView>(), away, "the first time stands");
    assert_eq!(said(&change(&owner, &away, terms(&[], json!({}))).await), (409, "role_archived".to_owned()));
    let gift = json!({ "account": session.account, "role": role.role, "site": null, "from": null, "until": null, "reason": "again" });
    assert_eq!(said(&owner.post_json(ROLES, &gift).await), (422, "role_unknown".to_owned()), "nor is it given");
    assert_eq!(put("/restore").await.status.as_u16(), 200);
    assert_eq!(cashier.get(&path).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_role_is_given_ended_and_told_like_any_other_by_what_the_company_calls_it() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let role = make(&owner, "Fair helper", terms(&["sales.customer.read"], json!({ "email": "masked" }))).await;
    let (cashier, session) = company.sign_in("cashier").await;
    let given = give(&owner, (&session, &role), None).await;
    assert_eq!((given.role.as_str(), given.may_end), (role.role.as_str(), true));
    let page: RolesPage = owner.get(ROLES).await.json();
    assert_eq!(page.names.get(&role.role).map(String::as_str), Some("Fair helper"));
    assert!(page.offers.iter().all(|offer| offer.roles.contains(&role.role)));
    let list: RoleList = owner.get(TERMS).await.json();
    assert_eq!(list.roles.len(), Role::ALL.len() + 1);
    assert_eq!((list.roles.last().unwrap().holders, list.roles.last().unwrap().role.as_str()), (1, role.role.as_str()));
    assert!(list.most.permissions.len() > 40 && list.most.fields.is_empty(), "an owner may let do all of it");
    let path = customer(&owner).await;
    cashier.get(&path).await;
    let ended = owner.post_json(&format!("{ROLES}/{}/end", given.id), &json!({ "reason": "it rains" })).await;
    assert_eq!(ended.status.as_u16(), 200);
    assert_eq!(said(&cashier.get(&path).await), (403, "permission_missing".to_owned()));
    let entries: EntriesPage = owner.get("/api/v1/audit/entries?action=give_role").await.json();
    assert!(entries.entries[0].changes.iter().any(|change| change.field == "role" && change.after == json!("Fair helper")));
}

#[tokio::test]
async fn nobody_lets_a_role_do_more_than_they_may_themselves_everywhere_and_for_good() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let own = ["identity.role.edit", "identity.role.read", "sales.customer.read", "sales.customer.update"];
    let keeper = make(&owner, "Keeper of roles", terms(&own, json!({ "email": "masked", "notes": "read" }))).await;
    let strong = make(&owner, "Strong", terms(&["sales.ticket.sell"], json!({}))).await;
    let (client, session) = company.sign_in("cashier").await;
    let here = give(&owner, (&session, &keeper), Some(&company)).await;
    let weak = terms(&["sales.customer.read"], json!({ "email": "masked", "notes": "none" }));
    let new = |name: &str, terms: &Value| json!({ "name": name, "terms": terms });
    assert_eq!(said(&client.post_json(TERMS, &new("Weak", &weak)).await), (403, "permission_missing".to_owned()), "at one site is not everywhere");
    assert_eq!(owner.post_json(&format!("{ROLES}/{}/end", here.id), &json!({ "reason": "wrong place" })).await.status.as_u16(), 200);
    give(&owner, (&session, &keeper), None).await;

    let beyond = (403, "role_beyond_yours".to_owned());
    for (more, why) in [
        (terms(&["sales.customer.read", "sales.ticket.sell"], json!({ "email": "masked", "notes": "read" })), "sold only at a shop"),
        (terms(&["sales.customer.read"], json!({ "notes": "read" })), "reads what is masked for them"),
        (terms(&["sales.customer.read"], json!({ "email": "read", "notes": "read" })), "the same"),
        (terms(&["sales.customer.update"], json!({ "email": "masked" })), "writes what they only read"),
        (terms(&["sales.customer.delete"], json!({ "email": "none", "notes": "none" })), "archives"),
    ] {
        assert_eq!(said(&client.post_json(TERMS, &new("More", &more)).await), beyond, "{why}");
    }
    let mine = make(&client, "Weak", weak.clone()).await;
    assert_eq!(said(&change(&client, &mine, terms(&["sales.customer.read"], json!({}))).await), beyond);
    assert_eq!(said(&change(&client, &strong, weak.clone()).await), beyond, "also where it would be less then");
    assert_eq!(said(&client.post_json(&at(&strong, "/archive"), &json!({ "reason": "mine" })).await), beyond);
    let own_role =
        change(&client, &keeper, terms(&[&own[..], &["identity.role.give"][..]].concat(), json!({ "email": "masked", "notes": "read" }))).await;
    assert_eq!(said(&own_role), beyond, "nor the one they hold");
    let list: RoleList = client.get(TERMS).await.json();
    let may_change: Vec<_> = list.roles.iter().filter(|role| role.may_change).filter_map(|role| role.name.clone()).collect();
    assert_eq!(may_change, ["Keeper of roles", "Weak"]);
    assert_eq!(list.most, keeper.terms);

    // Who stands in for a time changes nothing that outlasts them.
    let auditor = company.sign_in("auditor").await;
    let stand_in = json!({ "account": auditor.1.account, "role": "owner", "site": null, "from": null, "until": "2126-11-20", "reason": "holidays" });
    assert_eq!(owner.post_json(ROLES, &stand_in).await.status.as_u16(), 201);
    assert_eq!(said(&auditor.0.post_json(TERMS, &new("Mine", &weak)).await), (403, "permission_missing".to_owned()));
    assert_eq!(said(&change(&auditor.0, &mine, terms(&[], json!({}))).await), (403, "permission_missing".to_owned()));
}

#[tokio::test]
async fn what_is_no_role_is_refused_and_changes_nothing() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let role = make(&owner, "Fair helper", terms(&["sales.customer.read"], json!({}))).await;
    let sound = terms(&["sales.customer.read"], json!({}));
    let long = "x".repeat(61);
    for (name, terms, code) in [
        ("", sound.clone(), "role_name_malformed"),
        ("a\nb", sound.clone(), "role_name_malformed"),
        (&*long, sound.clone(), "role_name_malformed"),
        ("Site Manager", sound.clone(), "role_name_malformed"),
        ("owner", sound.clone(), "role_name_malformed"),
        ("Fair helper", sound.clone(), "role_name_taken"),
        ("Crown", terms(&["company.crown.wear"], json!({})), "role_terms_unknown"),
        ("Crown", terms(&["sales.customer.read"], json!({ "crown": "none" })), "role_terms_unknown"),
        ("Nameless", terms(&["sales.customer.read"], json!({ "name": "masked" })), "role_terms_unknown"),
        ("Crown", json!({ "permissions": [], "fields": { "sales.crown": { "name": "none" } } }), "role_terms_unknown"),
    ] {
        assert_eq!(said(&owner.post_json(TERMS, &json!({ "name": name, "terms": terms })).await), (422, code.to_owned()), "{name:?} {terms}");
    }
    let renamed: RoleView = owner.if_match(1).patch_json(&at(&role, ""), &json!({ "name": "Helper", "terms": sound })).await.json();
    let same: RoleView = owner.if_match(2).patch_json(&at(&role, ""), &json!({ "name": "Helper", "terms": sound })).await.json();
    assert_eq!((renamed.version, same.version), (2, 2), "what says the same changes nothing");
    assert_eq!(said(&change(&owner, &role, sound.clone()).await), (412, "version_stale".to_owned()));
    let unsaid = owner.patch_json(&at(&role, ""), &json!({ "name": "Helper", "terms": sound })).await;
    assert_eq!(said(&unsaid), (428, "if_match_missing".to_owned()));
    let kept: EntriesPage = owner.get("/api/v1/audit/entries?kind=identity.role").await.json();
    let told: Vec<_> = kept.entries.iter().map(|entry| (entry.action.as_str(), entry.title.as_str(), entry.changes.len())).collect();
    assert_eq!(told, [("update", "Helper", 1), ("create", "Fair helper", 3)]);
    assert_eq!((&kept.entries[0].changes[0].before, &kept.entries[0].changes[0].after), (&json!("Fair helper"), &json!("Helper")));
}

#[tokio::test]
async fn a_device_hears_of_a_change_with_its_next_grant() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let role = make(&owner, "Reader", terms(&["sales.ticket.read"], json!({}))).await;
    let reads = async || {
        let issued: GrantIssued = till.ask_for_grant().await.json();
        let claims = company.app.identity.verify_grant(&issued.grant).unwrap();
        claims.permissions.iter().any(|permission| permission.as_str() == "sales.ticket.read")
    };
    assert!(!reads().await);
    give(&owner, (&till.session, &role), Some(&company)).await;
    assert!(reads().await);
    assert_eq!(change(&owner, &role, terms(&[], json!({}))).await.status.as_u16(), 200);
    assert!(!reads().await);
}
