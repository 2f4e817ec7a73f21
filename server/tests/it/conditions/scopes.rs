//! Whose records: one's own, and those of the team.

use super::{CUSTOMERS, at, company, customer, define, give, keeping, make, names, said};
use holdfast_domain::kernel::resource::RecordView;
use holdfast_server::identity::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn ones_own_are_those_that_one_made_oneself() {
    let (company, owner, (clerk, session)) = company().await;
    let role = define(&owner, "Own customers", &keeping("sales.customer", json!({ "scope": "own" }))).await;
    give(&owner, (&session, &role), Some(company.site)).await;
    let theirs = customer(&owner, "Alpha", "Brest").await;
    let own = customer(&clerk, "Beta", "Lyon").await;
    assert_eq!((own.created_by, theirs.created_by == own.created_by), (Some(session.account), false));
    assert_eq!(names(&clerk, CUSTOMERS).await, ["Beta"]);
    assert_eq!(said(&clerk.get(&at(CUSTOMERS, theirs.id, "")).await), (404, "record_unknown".to_owned()));
    let change = json!({ "values": { "address": { "city": "Brest" } } });
    assert_eq!(clerk.if_match(1).patch_json(&at(CUSTOMERS, own.id, ""), &change).await.status.as_u16(), 200);
    // Whoever changes it last has not made it.
    assert_eq!(
        owner.if_match(2).patch_json(&at(CUSTOMERS, own.id, ""), &json!({ "values": { "address": { "city": "Lyon" } } })).await.status.as_u16(),
        200
    );
    assert_eq!(names(&clerk, CUSTOMERS).await, ["Beta"]);
}

#[tokio::test]
async fn the_teams_are_those_of_whoever_is_given_a_role_at_the_same_site() {
    let (company, owner, (clerk, session)) = company().await;
    let role = define(&owner, "Team customers", &keeping("sales.customer", json!({ "scope": "team" }))).await;
    company.hire("mate", (Role::SiteManager, company.site)).await;
    company.hire("stranger", (Role::SiteManager, company.other_site)).await;
    let (mate, stranger) = (company.sign_in("mate").await.0, company.sign_in("stranger").await.0);
    customer(&owner, "Alpha of the owner", "Brest").await;
    customer(&mate, "Beta of a mate", "Brest").await;
    customer(&stranger, "Gamma of a stranger", "Brest").await;
    give(&owner, (&session, &role), Some(company.site)).await;
    customer(&clerk, "Delta of their own", "Brest").await;
    assert_eq!(names(&clerk, CUSTOMERS).await, ["Beta of a mate", "Delta of their own"]);
    give(&owner, (&session, &role), Some(company.other_site)).await;
    assert_eq!(names(&clerk, CUSTOMERS).await, ["Beta of a mate", "Delta of their own", "Gamma of a stranger"], "of either team");
    give(&owner, (&session, &role), None).await;
    assert_eq!(names(&clerk, CUSTOMERS).await.len(), 4, "everywhere all are of the team");
}

#[tokio::test]
async fn a_record_at_a_site_is_reached_as_far_as_the_role_held_there_goes() {
    let (company, owner, (clerk, session)) = company().await;
    let of_tills = |within: Value| keeping("identity.till", within);
    let (all, own) =
        (define(&owner, "All tills", &of_tills(json!({}))).await, define(&owner, "Own tills", &of_tills(json!({ "scope": "own" }))).await);
    give(&owner, (&session, &all), Some(company.site)).await;
    give(&owner, (&session, &own), Some(company.other_site)).await;
    let tills = "/api/v1/identity/tills";
    let here = names(&clerk, tills).await;
    assert_eq!(here.len(), 2, "those of the first shop: {here:?}");
    let there = company.other_site;
    let mine: RecordView = make(&clerk, tills, json!({ "name": "Till 9", "site": there })).await;
    let theirs: RecordView = make(&owner, tills, json!({ "name": "Till 8", "site": there })).await;
    let now = names(&clerk, tills).await;
    assert!(now.len() == 3 && now.contains(&"Till 9".to_owned()), "{now:?}");
    assert_eq!(clerk.get(&at(tills, mine.id, "")).await.status.as_u16(), 200);
    assert_eq!(said(&clerk.get(&at(tills, theirs.id, "")).await), (404, "record_unknown".to_owned()));
}

#[tokio::test]
async fn who_may_look_at_all_and_change_their_own_is_told_why_not() {
    let (_company, owner, (clerk, session)) = company().await;
    let reading = json!({ "permissions": ["sales.customer.read"], "fields": { "sales.customer": { "email": "none" } } });
    let roles = [define(&owner, "Reader", &reading).await, define(&owner, "Own", &keeping("sales.customer", json!({ "scope": "own" }))).await];
    for role in &roles {
        give(&owner, (&session, role), None).await;
    }
    let email = json!({ "email": "a@b.example" });
    let with_email = |name: &str| json!({ "name": name, "email": email["email"] });
    let (theirs, own) = (make(&owner, CUSTOMERS, with_email("Alpha")).await, make(&clerk, CUSTOMERS, with_email("Beta")).await);
    let read: RecordView = clerk.get(&at(CUSTOMERS, theirs.id, "")).await.json();
    assert!(!read.values.contains_key("email"), "as far as the role goes that lets them look at it");
    let read: RecordView = clerk.get(&at(CUSTOMERS, own.id, "")).await.json();
    assert_eq!(read.values["email"], email["email"]);
    let change = json!({ "values": { "address": { "city": "Brest" } } });
    assert_eq!(said(&clerk.if_match(1).patch_json(&at(CUSTOMERS, theirs.id, ""), &change).await), (403, "record_out_of_reach".to_owned()));
    assert_eq!(clerk.if_match(1).patch_json(&at(CUSTOMERS, own.id, ""), &change).await.status.as_u16(), 200);
}
