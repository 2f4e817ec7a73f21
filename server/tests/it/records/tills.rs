//! Tills, as the office keeps them: what the declaration alone does not say.

use super::importing::{counts, import, wrong};
use super::{at, errors, make, refused};
use crate::support::Company;
use holdfast_domain::identity::SessionView;
use holdfast_domain::kernel::{SiteId, TillId};
use holdfast_server::identity::Role;
use serde_json::json;
use uuid::Uuid;

const TILLS: &str = "/api/v1/identity/tills";

fn offered(session: &SessionView, site: SiteId) -> Vec<(&str, bool)> {
    let tills = session.sites.iter().find(|known| known.id == site).map(|known| &known.tills);
    tills.into_iter().flatten().map(|till| (till.name.as_str(), till.archived)).collect()
}

#[tokio::test]
async fn a_till_that_the_office_makes_is_offered_to_devices_and_one_that_is_put_away_is_not() {
    let company = Company::open().await;
    let (owner, _) = company.sign_in("owner").await;
    let made = make(&owner, TILLS, json!({ "name": "Terrace", "site": company.site })).await;
    let terrace = TillId(made.id);
    let (_, session) = company.sign_in("cashier").await;
    assert_eq!(offered(&session, company.site), [("Terrace", false), ("Till 0", false), ("Till 1", false)]);
    let till = company.enrol("cashier", terrace, 1).await;

    let archived = owner.if_match(made.version).post_json(&format!("{}/archive", at(TILLS, made.id)), &json!({ "reason": "the winter" })).await;
    assert_eq!(archived.status.as_u16(), 200, "{}", String::from_utf8_lossy(&archived.body));
    let (_, session) = company.sign_in("cashier").await;
    assert_eq!(offered(&session, company.site)[0], ("Terrace", true), "its name is told: what was sold there is shown");
    // The device that is this till goes on; another does not become it.
    assert_eq!(till.enrol_again("Till device 1", Some(terrace)).await.status.as_u16(), 200);
    let other = company.enrol("cashier", company.tills[0], 2).await;
    assert_eq!(refused(&other.enrol_again("Till device 2", Some(terrace)).await), (409, "till_archived".to_owned()));
    assert_eq!(other.enrol_again("Till device 2", Some(company.tills[1])).await.status.as_u16(), 200);
}

#[tokio::test]
async fn two_tills_of_a_site_do_not_share_a_name_and_a_till_does_not_move() {
    let company = Company::open().await;
    let (owner, _) = company.sign_in("owner").await;
    let again = owner.post_json(TILLS, &json!({ "values": { "name": "Till 0", "site": company.site } })).await;
    assert_eq!(errors(&again), [("name".to_owned(), "taken".to_owned())]);
    let elsewhere = make(&owner, TILLS, json!({ "name": "Till 1", "site": company.other_site })).await;
    let moved = owner.if_match(elsewhere.version).patch_json(&at(TILLS, elsewhere.id), &json!({ "values": { "site": company.site } })).await;
    assert_eq!(errors(&moved), [("site".to_owned(), "fixed".to_owned())]);
    let nowhere = owner.post_json(TILLS, &json!({ "values": { "name": "Nowhere", "site": Uuid::from_u128(9) } })).await;
    assert_eq!(errors(&nowhere), [("site".to_owned(), "unknown_record".to_owned())]);
}

#[tokio::test]
async fn tills_of_two_sites_that_share_a_name_are_taken_out_and_in() {
    let company = Company::open().await;
    let (owner, _) = company.sign_in("owner").await;
    let file = owner.get(&format!("{TILLS}/export")).await.body;
    assert_eq!(counts(&import(&owner, &format!("{TILLS}/import"), file).await), (0, 0, 3, 0));
    let file = format!("name,site\nTill 1,{}\nTill 1,{}\nTill 1,{}\n", company.other_site, company.site, company.other_site);
    let report = import(&owner, &format!("{TILLS}/import"), file).await;
    assert_eq!((counts(&report), wrong(&report)), ((1, 0, 0, 2), ["3 name taken", "4 name twice"].map(str::to_owned).to_vec()));
    let till = super::page(&owner, &format!("{TILLS}?site={}", company.other_site)).await.records[0].clone();
    let file = format!("id,name\n{},Till 1\n", till.id);
    assert_eq!(wrong(&import(&owner, &format!("{TILLS}/import"), file).await), ["2 name taken"]);
}

#[tokio::test]
async fn a_site_manager_keeps_the_tills_of_their_site_and_sees_no_other() {
    let company = Company::open().await;
    company.hire("manager", (Role::SiteManager, company.site)).await;
    let (manager, _) = company.sign_in("manager").await;
    make(&manager, TILLS, json!({ "name": "Terrace", "site": company.site })).await;
    assert_eq!(super::names(&manager, TILLS).await, ["Terrace", "Till 0", "Till 1"]);
    let elsewhere = manager.post_json(TILLS, &json!({ "values": { "name": "Mine", "site": company.other_site } })).await;
    assert_eq!(refused(&elsewhere), (403, "permission_missing".to_owned()));
    assert_eq!(manager.get(&at(TILLS, company.other_till.0)).await.status.as_u16(), 404);
}
