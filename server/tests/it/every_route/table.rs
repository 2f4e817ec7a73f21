//! The routes, each with what it takes and what becomes of it in the wrong hands.

use super::row::Row;
use super::{records, role_terms, views};
use crate::support::{COMPANY_PASSWORD, Client, Company, Till, parking};
use crate::sync::sell;
use axum::http::Method;
use holdfast_domain::RESOURCES;
use holdfast_domain::identity::GrantRequest;
use holdfast_server::rehearsal::{device_key, grant_request, prove};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::wire::{Entry, PushRequest};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use uuid::Uuid;

/// The device that sold it.
const DEVICE: u128 = 1;

/// An enrolment by the scene's own device.
fn proved_enrolment(client: &Client, enrolment: Value) -> Value {
    let enrolment = serde_json::from_value(enrolment).expect("the table says all that an enrolment takes");
    serde_json::to_value(prove(client, &device_key(DEVICE), enrolment)).expect("an enrolment is JSON")
}

/// A question for a grant by the scene's own device.
fn proved_grant(client: &Client, request: Value) -> Value {
    let GrantRequest { device, .. } = serde_json::from_value(request).expect("the table says all that it takes");
    serde_json::to_value(grant_request(client, &device_key(DEVICE), device)).expect("a request is JSON")
}

/// A company that has sold something.
pub struct Scene {
    pub company: Company,
    pub ids: Ids,
}

/// What it is known by.
#[derive(Default)]
pub struct Ids {
    tenant: Uuid,
    site: Uuid,
    till: Uuid,
    device: Uuid,
    chain: Uuid,
    grant: Uuid,
    ticket: Uuid,
    exception: Uuid,
    account: Uuid,
    /// The cashier's role.
    giving: Uuid,
    /// Two envelopes that are held.
    held: [Uuid; 2],
    /// Two events that are parked.
    parked: [Uuid; 2],
    public_key: String,
    page: String,
    push: Value,
    /// A line of a file.
    file: Value,
}

const PAGED: &[(&str, &str)] = &[("limit=0", "limit_out_of_range"), ("limit=201", "limit_out_of_range"), ("limit=x", "invalid_query")];
const PARKED: &[(&str, &str)] = &[("after=1", "cursor_malformed"), ("limit=0", "limit_out_of_range"), ("limit=x", "invalid_query")];
const AUDIT: &[(&str, &str)] = &[
    ("limit=0", "limit_out_of_range"),
    ("limit=201", "limit_out_of_range"),
    ("after=1", "cursor_malformed"),
    ("after=1.e1%27", "cursor_malformed"),
    ("actor=x", "invalid_query"),
    ("action=x", "invalid_query"),
    ("kind=%27", "invalid_query"),
    ("from=2026-13-01", "invalid_query"),
    ("from=2026-11-20&zone=Mars", "invalid_query"),
];
const AUDIT_FILE: &[(&str, &str)] = &[("limit=5", "invalid_query"), ("after=1.e1", "invalid_query"), ("result=lost", "invalid_query")];
const PRICES: &[(&str, &str)] = &[
    ("", "invalid_query"),
    ("product=%27", "invalid_query"),
    ("product=00000000-0000-0000-0000-000000000001&quantity=0", "quantity_out_of_range"),
    ("product=00000000-0000-0000-0000-000000000001&quantity=-1", "quantity_out_of_range"),
    ("product=00000000-0000-0000-0000-000000000001&quantity=1.50", "invalid_query"),
    ("product=00000000-0000-0000-0000-000000000001&quantity=99999999999", "invalid_query"),
    ("product=00000000-0000-0000-0000-000000000001&day=2026-02-30", "invalid_query"),
    ("product=00000000-0000-0000-0000-000000000001&customer=x", "invalid_query"),
    ("product=00000000-0000-0000-0000-000000000001&site=x", "invalid_query"),
];
const DAYS: &[(&str, &str)] = &[("day=2026-13-01", "invalid_query"), ("day=", "invalid_query"), ("", "invalid_query")];

/// Every route there is.
pub fn rows(ids: &Ids) -> Vec<Row> {
    let Ids { site, giving, till, device, chain, grant, ticket, exception, account, .. } = ids;
    let reason = || json!({ "reason": "so it is" });
    let enrolment =
        json!({ "device": device, "chain": chain, "name": "Till", "algorithm": "ed25519", "public_key": ids.public_key, "till": till, "proof": "" });
    let pull = json!({ "epoch": null, "cursors": {}, "device": device, "till": till, "limit": 10 });
    let mut rows = vec![
        Row::get("/health/live").open(),
        Row::get("/health/ready").open(),
        Row::get("/metrics").open(),
        Row::get("/api/v1/openapi.json").open(),
        Row::get("/docs").open(),
        Row::post("/api/v1/identity/sessions", json!({ "tenant": "kelp", "email": "owner@kelp.example", "password": COMPANY_PASSWORD }))
            .twice(201, 201)
            .open(),
        Row::get("/api/v1/identity/session").sees_nothing(),
        Row::get("/api/v1/identity/devices").query("", PAGED).sees_nothing(),
        Row::post("/api/v1/identity/devices", enrolment).proved(proved_enrolment).foreign(404, "till_unknown").twice(200, 200),
        Row::get("/api/v1/identity/roles").query("", PAGED).sees_nothing(),
        Row::post(
            "/api/v1/identity/roles",
            json!({ "account": account, "role": "cashier", "site": site, "from": null, "until": "2126-11-20", "reason": "the fair" }),
        )
        .foreign(404, "account_unknown")
        .twice(201, 200),
        Row::post("/api/v1/identity/grants", json!({ "device": device, "proof": "" }))
            .proved(proved_grant)
            .foreign(404, "device_unknown")
            .twice(201, 201),
        Row::get("/api/v1/sync/bootstrap/{pack}/{page}").at(ids.page.clone()).foreign(404, "page_unknown").unknown("page_unknown"),
        Row::post("/api/v1/sync/push", ids.push.clone()).wire().sees_nothing(),
        Row::post("/api/v1/sync/import", ids.file.clone()).foreign(403, "import_of_another_company"),
        Row::post("/api/v1/sync/pull", pull).wire().foreign(403, "till_of_another_site"),
        Row::get("/api/v1/sync/live"),
        Row::get("/api/v1/sync/held")
            .query("", &[("state=lost", "invalid_query"), ("after=1", "cursor_malformed"), ("limit=0", "limit_out_of_range")])
            .sees_nothing(),
        Row::post("/api/v1/sync/held/{intent}/release", json!({ "reason": "it happened", "waives": ["grant_revoked"] }))
            .at(format!("/api/v1/sync/held/{}/release", ids.held[0]))
            .foreign(404, "held_unknown")
            .unknown("held_unknown"),
        Row::post("/api/v1/sync/held/{intent}/reject", reason())
            .at(format!("/api/v1/sync/held/{}/reject", ids.held[1]))
            .foreign(404, "held_unknown")
            .unknown("held_unknown"),
        Row::post("/api/v1/sales/number-blocks", json!({ "device": device, "chain": chain, "till": till }))
            .foreign(404, "till_unknown")
            .twice(201, 201),
        Row::get("/api/v1/catalog/prices").query(&format!("?product={}", records::first("catalog.product")), PRICES).foreign(404, "record_unknown"),
        Row::get("/api/v1/sales/tickets").query("?day=2026-11-20", DAYS).sees_nothing(),
        Row::get("/api/v1/sales/tickets/{document}")
            .at(format!("/api/v1/sales/tickets/{ticket}"))
            .foreign(404, "ticket_unknown")
            .unknown("ticket_unknown"),
        Row::get("/api/v1/sales/tills").sees_nothing(),
        Row::get("/api/v1/sales/closings").query("?day=2026-11-20", DAYS).sees_nothing(),
        Row::get("/api/v1/sales/exceptions")
            .query(
                "",
                &[
                    ("state=lost", "invalid_query"),
                    ("sort=lost", "invalid_query"),
                    ("after=1", "cursor_malformed"),
                    ("limit=0", "limit_out_of_range"),
                ],
            )
            .sees_nothing(),
        Row::post("/api/v1/sales/exceptions/{exception}/owner", json!({ "owner": account }))
            .at(format!("/api/v1/sales/exceptions/{exception}/owner"))
            .foreign(404, "exception_unknown")
            .unknown("exception_unknown"),
        Row::post("/api/v1/sales/exceptions/{exception}/resolution", reason())
            .at(format!("/api/v1/sales/exceptions/{exception}/resolution"))
            .foreign(404, "exception_unknown")
            .unknown("exception_unknown")
            .twice(200, 409),
        Row { method: Method::PUT, ..Row::post("/api/v1/blobs/{sha256}/upload", json!({ "bytes": 3, "media_type": "image/jpeg" })) }
            .at(format!("/api/v1/blobs/{}/upload", blob())),
        // Without its header a chunk goes nowhere; what a sound one does is told in `blobs`.
        Row { method: Method::PATCH, ..Row::get("/api/v1/blobs/{sha256}/upload") }.at(format!("/api/v1/blobs/{}/upload", blob())).twice(415, 415),
        Row::get("/api/v1/blobs/{sha256}").at(format!("/api/v1/blobs/{}", blob())).foreign(404, "blob_unknown"),
        Row::get("/api/v1/reporting/takings").query("?day=2026-11-20", DAYS).sees_nothing(),
        Row::get("/api/v1/events").query("", &[("after=1", "cursor_malformed"), ("limit=501", "limit_out_of_range")]).sees_nothing(),
        Row::get("/api/v1/events/types"),
        Row::get("/api/v1/events/parked").query("", PARKED).sees_nothing(),
        Row::post("/api/v1/events/parked/{id}/replay", json!({}))
            .at(format!("/api/v1/events/parked/{}/replay", ids.parked[0]))
            .foreign(404, "parked_unknown")
            .unknown("parked_unknown")
            .twice(200, 404),
        Row::post("/api/v1/events/parked/{id}/dismiss", reason())
            .at(format!("/api/v1/events/parked/{}/dismiss", ids.parked[1]))
            .foreign(404, "parked_unknown")
            .unknown("parked_unknown")
            .twice(200, 404),
        Row::get("/api/v1/audit/entries").query("?limit=50", AUDIT).sees_nothing(),
        Row::get("/api/v1/audit/entries/file").query("?kind=sales.ticket", AUDIT_FILE).sees_nothing(),
        Row::get("/api/v1/search").query("?q=shop", &[("", "invalid_query"), ("q=%00", "invalid_query")]).sees_nothing(),
    ];
    rows.extend(RESOURCES.iter().flat_map(records::rows).chain(role_terms::rows()).chain(views::rows()));
    // What ends something comes last.
    rows.extend([
        Row::post("/api/v1/identity/roles/{giving}/end", reason())
            .at(format!("/api/v1/identity/roles/{giving}/end"))
            .foreign(404, "giving_unknown")
            .unknown("giving_unknown"),
        Row::post("/api/v1/identity/grants/{grant}/revocation", reason())
            .at(format!("/api/v1/identity/grants/{grant}/revocation"))
            .foreign(404, "grant_unknown")
            .unknown("grant_unknown"),
        Row::post("/api/v1/identity/devices/{device}/revocation", reason())
            .at(format!("/api/v1/identity/devices/{device}/revocation"))
            .foreign(404, "device_unknown")
            .unknown("device_unknown"),
        Row { method: Method::DELETE, ..Row::get("/api/v1/identity/session") }.twice(204, 401),
    ]);
    rows
}

/// Which nobody has sent.
fn blob() -> Digest32 {
    Digest32::of(b"kelp")
}

impl Scene {
    /// A sale at a till, with something for the office to look at, and another company beside it.
    pub async fn set() -> Self {
        let company = Company::open().await;
        let mut till = company.enrol("cashier", company.tills[0], DEVICE).await;
        let [_, ticket] = sell(&mut till, company.site);
        let envelope = |row: &holdfast_sync::replica::OutboxRow| Envelope {
            header: row.header.clone(),
            change: row.change.clone(),
            signature: row.signature.clone().unwrap(),
        };
        let push = PushRequest { grants: vec![till.grant.clone()], envelopes: till.outbox.iter().map(envelope).collect() };
        let file = till.outbox_file().remove(0);
        till.push_all().await;
        let page = till.pull_all().await.iter().find_map(first_page).expect("the site's names are packed");
        let mut tx = company.test.tenant(company.tenant).await;
        let exception = sqlx::query_scalar("select id from sales_exceptions limit 1").fetch_one(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
        let ids = ids(&company, &till, (ticket.0, exception, page), serde_json::to_value(push).unwrap());
        let (tenant, site, theirs) = (Uuid::from_u128(0x51).into(), Uuid::from_u128(0x52).into(), Uuid::from_u128(0x53).into());
        company.found("rock", tenant, &[(site, &[theirs])]).await;
        let (owner, session) = company.sign_in("owner").await;
        for resource in RESOURCES {
            records::make(&owner, resource).await;
        }
        role_terms::make(&owner).await;
        views::make(&owner).await;
        let mut lost = company.enrol("cashier", company.tills[1], 2).await;
        let revocation = format!("/api/v1/identity/devices/{}/revocation", lost.chain.device);
        assert!(owner.post_json(&revocation, &json!({ "reason": "lost" })).await.status.is_success());
        let [_, _] = sell(&mut lost, company.site);
        let held = [lost.outbox[0].intent_id.0, lost.outbox.last().expect("it sold").intent_id.0];
        lost.push_all().await;
        let file = serde_json::to_value(file).unwrap();
        let parked = parking::park(&company, &["sales.order.created", "payment.received"]).await;
        parking::mend(&company).await;
        let parked = [parked[0].id.0, parked[1].id.0];
        Self { ids: Ids { account: session.account.0, held, parked, file, ..ids }, company }
    }

    pub fn rows(&self) -> Vec<Row> {
        rows(&self.ids)
    }

    pub async fn owner(&self) -> Client {
        self.company.sign_in("owner").await.0
    }

    /// The owner of the other company.
    pub async fn stranger(&self) -> Client {
        self.company.sign_in_at("rock", "owner").await.0
    }

    /// Everything the company's tables hold, but for what says only that somebody was there: sessions, grants, contacts, packed pages, numbers given out.
    pub async fn fingerprint(&self) -> Vec<(String, String)> {
        const PRESENCE: [&str; 7] =
            ["sessions", "grants", "device_contacts", "reference_packs", "reference_pages", "sales_receipt_blocks", "sales_receipt_heads"];
        let mut superuser = self.company.test.as_superuser().connect().await.unwrap();
        // What the audit says of such.
        const PRESENT: &str = "action not in ('sign_in', 'sign_in_failed', 'sign_out', 'enrol_again', 'grant')";
        let statement = "select table_name::text from information_schema.columns where table_schema = 'public' and column_name = 'tid' order by 1";
        let tables: Vec<String> = sqlx::query_scalar(statement).fetch_all(&mut superuser).await.unwrap();
        let mut prints = Vec::new();
        for table in tables.into_iter().filter(|table| !PRESENCE.contains(&table.as_str())) {
            let lasts = if table.starts_with("audit_entries") { PRESENT } else { "true" };
            let statement = format!("select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {table} t where tid = $1 and {lasts}");
            let print = sqlx::query_scalar(AssertSqlSafe(statement)).bind(self.company.tenant.0).fetch_one(&mut superuser).await.unwrap();
            prints.push((table, print));
        }
        prints
    }
}

impl Ids {
    /// None of these may be told to another company.
    pub fn all(&self) -> Vec<String> {
        [self.tenant, self.site, self.till, self.device, self.chain, self.grant, self.ticket, self.exception].map(|id| id.to_string()).to_vec()
    }
}

fn first_page(entry: &Entry) -> Option<String> {
    match entry {
        Entry::Enter { bootstrap: Some(manifest), .. } => manifest.pages.first().cloned(),
        _ => None,
    }
}

fn ids(company: &Company, till: &Till, (ticket, exception, page): (Uuid, Uuid, String), push: Value) -> Ids {
    use aws_lc_rs::signature::KeyPair as _;
    use base64::Engine as _;
    Ids {
        tenant: company.tenant.0,
        site: company.site.0,
        till: company.tills[0].0,
        device: till.chain.device.0,
        chain: till.chain.chain.0,
        grant: till.claims().jti.0,
        ticket,
        exception,
        account: Uuid::nil(),
        giving: Uuid::from_u128(company.tenant.0.as_u128() + 0xb0),
        held: [Uuid::nil(); 2],
        parked: [Uuid::nil(); 2],
        public_key: base64::engine::general_purpose::STANDARD.encode(till.key.public_key().as_ref()),
        page,
        push,
        file: Value::Null,
    }
}
