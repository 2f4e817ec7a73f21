//! Devices that a restored server knows nothing of: enrolled, or given their till, after the backup.

use crate::restored::{all_accepted, block, offer_again, restore};
use crate::support::{Company, Response, Till};
use crate::sync::sell;
use aws_lc_rs::signature::KeyPair as _;
use holdfast_domain::identity::{DeviceEnrolled, DeviceEnrolment, KeyAlgorithm, SiteKind};
use holdfast_domain::kernel::{AccountId, SiteId, TillId};
use holdfast_domain::sales::BlockRequest;
use holdfast_domain::sales::exceptions::ExceptionsPage;
use holdfast_domain::sales::office::TicketsPage;
use holdfast_server::identity::{NewSite, NewTill, Role, create_site, create_till, give_role};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::wire::{Answer, PullRequest};
use uuid::Uuid;

/// What a device says when it enrols once more.
fn enrolment(till: &Till, at: Option<TillId>) -> DeviceEnrolment {
    DeviceEnrolment {
        device: till.chain.device,
        chain: till.chain.chain,
        name: "The same device".to_owned(),
        algorithm: KeyAlgorithm::Ed25519,
        public_key: Bytes(till.key.public_key().as_ref().to_vec()),
        till: at,
    }
}

fn problem(response: &Response) -> (u16, String) {
    (response.status.as_u16(), response.code())
}

/// A shop opens, with one till; the cashier works there as well.
async fn open_shop(company: &Company) -> (SiteId, TillId) {
    let (site, till) = (SiteId(Uuid::from_u128(0x51)), TillId(Uuid::from_u128(0x52)));
    let mut tx = company.test.tenant(company.tenant).await;
    create_site(&mut tx, &NewSite { id: site, name: "New shop".to_owned(), kind: SiteKind::Shop, time_zone: "Europe/Paris".to_owned() })
        .await
        .unwrap();
    create_till(&mut tx, &NewTill { id: till, site, name: "Its till".to_owned() }).await.unwrap();
    let cashier: Uuid = sqlx::query_scalar("select id from accounts where tid = $1 and email like 'cashier@%'")
        .bind(company.tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    give_role(&mut tx, Uuid::from_u128(0x53), AccountId(cashier), (Role::Cashier, Some(site))).await.unwrap();
    tx.commit().await.unwrap();
    (site, till)
}

#[tokio::test]
async fn work_at_a_till_that_was_made_after_the_backup_is_taken_and_the_office_is_told() {
    let company = Company::open().await;
    company.test.back_up().await;
    let (site, till) = open_shop(&company).await;
    let mut device = company.enrol("cashier", till, 1).await;
    device.pull_all().await;
    let given = block(&device).await;
    let before = sell(&mut device, site);
    assert!(all_accepted(&device.push_all().await));
    let after = sell(&mut device, site);

    restore(&company).await;
    (device.client, device.session) = company.sign_in("cashier").await;
    offer_again(&mut device);
    let refused = device.client.post_json("/api/v1/identity/devices", &enrolment(&device, Some(till))).await;
    assert_eq!(problem(&refused), (404, "till_unknown".to_owned()));
    let enrolled = device.client.post_json("/api/v1/identity/devices", &enrolment(&device, None)).await;
    assert_eq!(enrolled.status, 201);
    assert!(!enrolled.json::<DeviceEnrolled>().grant.is_empty());
    let answers = device.push_all().await;
    assert!(answers.len() == 8 && all_accepted(&answers), "{answers:?}");
    // What is done there from now on, under the grant that it has, is taken as well.
    sell(&mut device, site);
    assert!(all_accepted(&device.push_all().await));
    let pull = PullRequest { epoch: None, cursors: [].into(), device: Some(device.chain.device), till: Some(till.0), limit: 10 };
    assert_eq!(problem(&device.client.post_cbor("/api/v1/sync/pull", &pull).await), (403, "till_of_another_site".to_owned()));
    assert_eq!(device.client.post_cbor("/api/v1/sync/pull", &PullRequest { till: None, ..pull }).await.status, 200);

    // No number is given away for a till that is not there, and those given for another are beyond all that were.
    let request = |till| BlockRequest { device: device.chain.device, chain: device.chain.chain, till };
    let none = device.client.post_json("/api/v1/sales/number-blocks", &request(till)).await;
    assert_eq!(problem(&none), (404, "till_unknown".to_owned()));
    let next: holdfast_domain::sales::ReceiptBlock = device.client.post_json("/api/v1/sales/number-blocks", &request(company.tills[0])).await.json();
    assert!(next.first > given.last, "{next:?} after {given:?}");

    // The office is told, and once it has made the shop again, under the id that it had, all stands where it was.
    let (office, _) = company.sign_in("owner").await;
    let page: ExceptionsPage = office.get("/api/v1/sales/exceptions?limit=200").await.json();
    let unknown = page.exceptions.iter().filter(|exception| exception.code == "till_unknown" && exception.site == site && exception.till == till);
    assert!(unknown.count() >= 2, "{page:?}");
    let tickets = async || {
        let page: TicketsPage = office.get("/api/v1/sales/tickets?day=2026-11-20&limit=200").await.json();
        page.tickets.into_iter().map(|ticket| ticket.document).collect::<Vec<_>>()
    };
    assert!(!tickets().await.contains(&before[1]));
    let again = serde_json::json!({ "id": site, "values": { "name": "New shop", "kind": "shop", "time_zone": "Europe/Paris" } });
    let made = office.post_json("/api/v1/identity/sites", &again).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    let listed = tickets().await;
    assert!(listed.contains(&before[1]) && listed.contains(&after[1]));
}

#[tokio::test]
async fn whoever_was_hired_after_the_backup_has_done_what_they_did() {
    let company = Company::open().await;
    company.test.back_up().await;
    company.hire("temp", (Role::Cashier, company.site)).await;
    let mut device = company.enrol("temp", company.tills[0], 1).await;
    sell(&mut device, company.site);

    restore(&company).await;
    // Nobody knows them: somebody else signs in on the device, which goes on with what it has.
    (device.client, _) = company.sign_in("cashier").await;
    let enrolled = device.client.post_json("/api/v1/identity/devices", &enrolment(&device, Some(device.till))).await;
    assert_eq!(enrolled.status, 201);
    let answers = device.push_all().await;
    let taken = |answer: &Answer| matches!(answer, Answer::Accepted { .. } | Answer::Held { .. });
    assert!(answers.len() == 4 && answers.iter().all(taken), "{answers:?}");
    assert!(all_accepted(&answers), "{answers:?}");
}
