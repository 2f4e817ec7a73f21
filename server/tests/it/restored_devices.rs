//! Devices that a restored server knows nothing of: enrolled, or given their till, after the backup.

use crate::restored::{all_accepted, block, entered, heads, offer_again, restore};
use crate::support::{Company, Response, Till};
use crate::sync::sell;
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_domain::identity::{
    ConfirmedKey, DeviceEnrolled, DeviceStanding, DevicesPage, GrantClaims, GrantIssued, KeyAlgorithm, KeyConfirmation, SiteKind,
};
use holdfast_domain::kernel::{AccountId, ChainId, DeviceId, DocumentId, SiteId, TillId};
use holdfast_domain::sales::BlockRequest;
use holdfast_domain::sales::exceptions::ExceptionsPage;
use holdfast_domain::sales::office::TicketsPage;
use holdfast_server::identity::{NewSite, NewTill, Role, create_site, create_till, give_role};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::envelope::{Author, Envelope, Header, Principal};
use holdfast_sync::replica::Witnessed;
use holdfast_sync::wire::{Answer, PullRequest, PushRequest, PushResponse};
use uuid::Uuid;

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
    let refused = device.enrol_again("The same device", Some(till)).await;
    assert_eq!(problem(&refused), (404, "till_unknown".to_owned()));
    let enrolled = device.enrol_again("The same device", None).await;
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

    // So it is with its till: who works at the site again enrols the device as what it was, and is given its numbers.
    let again = serde_json::json!({ "id": till, "values": { "name": "Its till", "site": site } });
    assert_eq!(office.post_json("/api/v1/identity/tills", &again).await.status, 201);
    company.move_to("cashier", site).await;
    (device.client, device.session) = company.sign_in("cashier").await;
    assert_eq!(device.enrol_again("The same device", Some(till)).await.status, 200);
    let next: holdfast_domain::sales::ReceiptBlock = device.client.post_json("/api/v1/sales/number-blocks", &request(till)).await.json();
    assert!(next.first > given.last, "{next:?} after {given:?}");
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
    let enrolled = device.enrol_again("The same device", Some(device.till)).await;
    assert_eq!(enrolled.status, 201);
    let answers = device.push_all().await;
    let taken = |answer: &Answer| matches!(answer, Answer::Accepted { .. } | Answer::Held { .. });
    assert!(answers.len() == 4 && answers.iter().all(taken), "{answers:?}");
    assert!(all_accepted(&answers), "{answers:?}");
}

/// A till that is enrolled after the backup and sells, a colleague's that sees it, and the server put back to before.
struct Scene {
    company: Company,
    maker: Till,
    witness: Till,
    sold: [DocumentId; 2],
}

impl Scene {
    /// `who` works at the maker's till.
    async fn play(who: &str) -> Self {
        let company = Company::open().await;
        let mut witness = company.enrol("cashier", company.tills[1], 2).await;
        witness.pull_all().await;
        company.test.back_up().await;
        if who == "temp" {
            company.hire(who, (Role::Cashier, company.site)).await;
        }
        let mut maker = company.enrol(who, company.tills[0], 1).await;
        let sold = sell(&mut maker, company.site);
        assert!(all_accepted(&maker.push_all().await));
        witness.pull_all().await;
        restore(&company).await;
        witness.pull_all().await;
        Self { company, maker, witness, sold }
    }

    /// The maker's first envelope as the witness has it, with the grant that came with it.
    fn first(&self) -> (Envelope, String) {
        let of_maker = |kept: &&Witnessed| kept.envelope.read_header().unwrap().device == self.maker.chain.device;
        let kept = self.witness.witnessed.iter().find(of_maker).unwrap();
        (kept.envelope.clone(), kept.grant.clone().unwrap())
    }

    async fn push(&self, grant: &str, envelope: &Envelope) -> Answer {
        let request = PushRequest { grants: vec![grant.to_owned()], envelopes: vec![envelope.clone()] };
        let answers = self.witness.client.post_cbor("/api/v1/sync/push", &request).await.cbor::<PushResponse>().answers;
        answers.into_iter().next().unwrap()
    }

    /// Nothing is known of the maker's device any more, as if it had never enrolled.
    async fn forget_maker(&self) {
        let connection = sqlx::PgPool::connect_with(self.company.test.as_superuser()).await.unwrap();
        let mut tx = connection.begin().await.unwrap();
        sqlx::raw_sql("set local session_replication_role = replica").execute(&mut *tx).await.unwrap();
        for table in ["device_chains", "grants", "device_contacts", "session_devices"] {
            let forget = format!("delete from {table} where device = $1");
            sqlx::query(sqlx::AssertSqlSafe(forget)).bind(self.maker.chain.device.0).execute(&mut *tx).await.unwrap();
        }
        sqlx::query("delete from devices where id = $1").bind(self.maker.chain.device.0).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn device(&self) -> Option<DeviceStanding> {
        let (office, _) = self.company.sign_in("owner").await;
        let page: DevicesPage = office.get("/api/v1/identity/devices?limit=200").await.json();
        page.devices.into_iter().find(|device| device.device == self.maker.chain.device)
    }
}

fn unknown() -> Answer {
    Answer::Refused { code: "device_unknown".to_owned() }
}

#[tokio::test]
async fn what_a_dead_till_made_that_was_enrolled_after_the_backup_comes_back_from_one_that_saw_it() {
    let scene = Scene::play("cashier").await;
    let told = heads(&scene.witness, "sales.ticket", scene.sold[1]);
    assert!(scene.device().await.is_none());
    let answers = scene.witness.offer_witnessed().await;
    assert!(answers.len() > 4 && all_accepted(&answers), "{answers:?}");
    let mut third = scene.company.enrol("cashier", scene.company.tills[0], 3).await;
    let entries = third.pull_all().await;
    assert!(scene.sold.iter().all(|document| entered(&entries).contains(document)));
    assert_eq!(heads(&third, "sales.ticket", scene.sold[1]), told);

    // The office sees how it came to be there, and takes it back like any other.
    let known = scene.device().await.unwrap();
    assert!(known.taken_up_at.is_some() && known.till.is_none() && known.holders.len() == 1, "{known:?}");
    let audited: i64 = {
        let mut tx = scene.company.test.tenant(scene.company.tenant).await;
        let count = sqlx::query_scalar("select count(*) from audit_entries where kind = 'identity.device' and record = $1 and action = 'take_up'");
        count.bind(known.device.0).fetch_one(tx.connection()).await.unwrap()
    };
    assert_eq!(audited, 1, "however many of its envelopes came");
    let (office, _) = scene.company.sign_in("owner").await;
    let path = format!("/api/v1/identity/devices/{}/revocation", known.device);
    assert!(office.post_json(&path, &serde_json::json!({ "reason": "it is dead" })).await.status.is_success());
    let mut maker = scene.maker;
    (maker.client, _) = scene.company.sign_in("cashier").await;
    let before = maker.outbox.len();
    sell(&mut maker, scene.company.site);
    let row = &maker.outbox[before];
    let envelope = Envelope { header: row.header.clone(), change: row.change.clone(), signature: row.signature.clone().unwrap() };
    assert_eq!(maker.push(vec![envelope]).await, [Answer::Held { code: "grant_revoked".to_owned() }]);
}

#[tokio::test]
async fn a_device_that_was_taken_up_enrols_when_it_comes_and_is_one_like_any_other() {
    let mut scene = Scene::play("cashier").await;
    assert!(all_accepted(&scene.witness.offer_witnessed().await));
    (scene.maker.client, _) = scene.company.sign_in("cashier").await;
    let refused = scene.maker.ask_for_grant().await;
    assert_eq!(problem(&refused), (404, "device_unknown".to_owned()), "it is known from hearsay alone");
    let enrolled = scene.maker.enrol_again("The same device", Some(scene.maker.till)).await;
    assert_eq!(enrolled.status, 200);
    let known = scene.device().await.unwrap();
    assert!(known.taken_up_at.is_none() && known.till == Some(scene.maker.till), "{known:?}");
    // A chain that it did not enrol is nobody's, whatever grants say.
    let (envelope, grant) = scene.first();
    let header = envelope.read_header().unwrap();
    let elsewhere = Header { chain: Some(ChainId(Uuid::from_u128(7))), intent_id: scene.maker.draw(), ..header };
    let answer = scene.push(&grant, &scene.maker.seal(&elsewhere, envelope.change.0.clone())).await;
    assert_eq!(answer, Answer::Held { code: "chain_unknown".to_owned() });
}

#[tokio::test]
async fn only_our_own_word_on_its_own_key_brings_back_a_device_that_nobody_knows() {
    let scene = Scene::play("cashier").await;
    let (envelope, grant) = scene.first();
    // The grant that the device has itself names no key; it enrols again.
    assert_eq!(scene.push(&scene.maker.grant, &envelope).await, unknown());
    // A word that is not ours: the key changed for one's own.
    let [header, payload, signature] = <[&str; 3]>::try_from(grant.split('.').collect::<Vec<_>>()).unwrap();
    let mut claims: GrantClaims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let own = scene.witness.key.public_key().as_ref().to_vec();
    let key = ConfirmedKey { algorithm: KeyAlgorithm::Ed25519, public_key: Bytes(own.clone()) };
    claims.cnf = Some(KeyConfirmation { key: Some(key), ..KeyConfirmation::of(&own) });
    let forged = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap()));
    let stated = envelope.read_header().unwrap();
    assert_eq!(scene.push(&forged, &scene.witness.seal(&stated, envelope.change.0.clone())).await, unknown());
    // Our word, and another's signature; and the word on another device.
    assert_eq!(scene.push(&grant, &scene.witness.seal(&stated, envelope.change.0.clone())).await, unknown());
    let other = Header { device: DeviceId(Uuid::from_u128(0xbad)), ..stated.clone() };
    assert_eq!(scene.push(&grant, &scene.maker.seal(&other, envelope.change.0.clone())).await, unknown());
    // The device's own signature in the name of somebody else.
    let author = Author { account: Principal::Account(AccountId(Uuid::from_u128(9))), ..stated.author.clone() };
    assert_eq!(scene.push(&grant, &scene.maker.seal(&Header { author, ..stated }, envelope.change.0.clone())).await, unknown());
    assert!(scene.device().await.is_none(), "nobody brought it");
    assert!(matches!(scene.push(&grant, &envelope).await, Answer::Accepted { .. }), "and its own does");
}

#[tokio::test]
async fn a_grant_to_somebody_who_is_not_known_brings_no_device() {
    let scene = Scene::play("temp").await;
    let (envelope, grant) = scene.first();
    assert_eq!(scene.push(&grant, &envelope).await, unknown());
    assert!(scene.device().await.is_none());
}

#[tokio::test]
async fn a_grant_of_the_servers_present_life_brings_no_device() {
    let mut scene = Scene::play("cashier").await;
    scene.company.test.world.pass(std::time::Duration::from_secs(60));
    (scene.maker.client, _) = scene.company.sign_in("cashier").await;
    assert_eq!(scene.maker.enrol_again("The same device", Some(scene.maker.till)).await.status, 201);
    scene.maker.grant = scene.maker.ask_for_grant().await.json::<GrantIssued>().grant;
    sell(&mut scene.maker, scene.company.site);
    offer_again(&mut scene.maker);
    assert!(all_accepted(&scene.maker.push_all().await));
    scene.witness.witnessed.clear();
    scene.witness.chain.feed = holdfast_sync::replica::FeedState::default();
    scene.witness.pull_all().await;
    let newest = scene.maker.claims().jti;
    let kept = scene.witness.witnessed.iter().find(|kept| kept.envelope.read_header().unwrap().author.grant == Some(newest)).unwrap();
    let (envelope, grant) = (kept.envelope.clone(), kept.grant.clone().unwrap());
    // However it came to be gone: it was not this server that was put back.
    scene.forget_maker().await;
    assert_eq!(scene.push(&grant, &envelope).await, unknown());
    assert!(scene.device().await.is_none());
}
