//! Which files a record gets, and who reads them.

use super::super::{CUSTOMERS, SUPPLIERS, at, company, errors};
use super::{PRODUCTS, change, contract, file_of, image, make, pdf, png, product, refused, upload};
use crate::support::{Client, Company};
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use holdfast_domain::kernel::resource::RecordView;
use holdfast_domain::kernel::{SiteId, TenantId, TillId};
use holdfast_server::identity::Role;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;

async fn told(client: &Client, address: &str) -> (u16, String) {
    let answer = client.get(address).await;
    let status = answer.status.as_u16();
    (status, if answer.status.is_success() { String::new() } else { answer.code() })
}

#[tokio::test]
async fn a_record_has_its_file_until_it_gets_another_or_none() {
    let (_company, owner) = company().await;
    let (first, second) = (image(&owner, 1).await, image(&owner, 2).await);
    let made = product(&owner, "Chai", &first).await;
    let address = file_of(PRODUCTS, made.id, "image");
    assert_eq!((&made.values["image"], owner.get(&address).await.body), (&first, png(4, 3, 1)));
    let changed: RecordView = change(&owner, (PRODUCTS, made.id, 1), json!({ "image": second })).await.json();
    assert_eq!((&changed.values["image"], changed.version, owner.get(&address).await.body), (&second, 2, png(4, 3, 2)));
    let same: RecordView = change(&owner, (PRODUCTS, made.id, 2), json!({ "image": second })).await.json();
    assert_eq!(same.version, 2, "nothing changed");
    assert_eq!(change(&owner, (PRODUCTS, made.id, 1), json!({ "image": null })).await.status.as_u16(), 412);
    // Its name is whoever writes' to choose, as long as it is one.
    let mut renamed = second.clone();
    renamed["name"] = json!("Chai from the side.png");
    let called: RecordView = change(&owner, (PRODUCTS, made.id, 2), json!({ "image": renamed })).await.json();
    assert_eq!(called.values["image"]["name"], "Chai from the side.png");
    let without: RecordView = change(&owner, (PRODUCTS, made.id, 3), json!({ "image": null })).await.json();
    assert_eq!(without.values["image"], Value::Null);
    assert_eq!(told(&owner, &address).await, (404, "file_unknown".to_owned()));
    assert_eq!(told(&owner, &file_of(PRODUCTS, Uuid::from_u128(0xdead), "image")).await, (404, "record_unknown".to_owned()));
}

#[tokio::test]
async fn a_record_gets_no_file_that_its_writer_did_not_upload_or_that_is_another_than_was_found() {
    let (company, owner) = company().await;
    company.hire("manager", (Role::SiteManager, company.site)).await;
    let manager = company.sign_in("manager").await.0;
    let theirs = image(&manager, 1).await;
    let own = image(&owner, 2).await;
    let contract = contract(&owner, SUPPLIERS, 3).await;
    let with = |field: &str, value: Value| {
        let mut file = own.clone();
        file[field] = value;
        file
    };
    let guessed = with("sha256", json!("ab".repeat(32)));
    let lacking = json!({ "name": "chai.png", "sha256": own["sha256"] });
    for (what, file, wrong) in [
        ("a hash that was guessed", guessed, "unknown_file"),
        ("what somebody else uploaded", theirs.clone(), "unknown_file"),
        ("fewer bytes", with("bytes", json!(1)), "unknown_file"),
        ("another width", with("width", json!(5)), "unknown_file"),
        ("another type", with("media_type", json!("image/webp")), "not_valid"),
        ("a type that is not taken", with("media_type", json!("image/svg+xml")), "not_valid"),
        ("more bytes than are taken", with("bytes", json!(5 << 20)), "out_of_range"),
        ("no picture", contract, "not_valid"),
        ("a picture of no size", with("width", Value::Null), "not_valid"),
        ("a name with a folder", with("name", json!("../../chai.png")), "not_valid"),
        ("a name that says it is a page", with("name", json!("chai.html")), "not_valid"),
        ("a name with what is not printed", with("name", json!("chai\u{202e}.png")), "not_valid"),
        ("a hash that is a path", with("sha256", json!("../".repeat(22)[..64])), "not_valid"),
        ("a hash in capitals", with("sha256", json!("AB".repeat(32))), "not_valid"),
        ("something more", with("url", json!("https://evil.example")), "not_valid"),
        ("something less", lacking, "not_valid"),
        ("a text", json!("chai.png"), "wrong_type"),
        ("a list", json!([own]), "wrong_type"),
        ("a number", json!(7), "wrong_type"),
    ] {
        let answer = owner.post_json(PRODUCTS, &json!({ "values": { "name": "Chai", "image": file } })).await;
        assert_eq!(refused(&answer), (422, "fields_invalid".to_owned()), "{what}");
        assert_eq!(errors(&answer), [("image".to_owned(), wrong.to_owned())], "{what}");
    }
    // Nor does a change; and what a record has already, nobody has to have uploaded who leaves it there.
    let made = product(&manager, "Chai", &theirs).await;
    assert_eq!(errors(&change(&manager, (PRODUCTS, made.id, 1), json!({ "image": own })).await), [("image".to_owned(), "unknown_file".to_owned())]);
    let kept: RecordView = change(&owner, (PRODUCTS, made.id, 1), json!({ "name": "Chai tea", "image": theirs })).await.json();
    assert_eq!((kept.version, &kept.values["image"]), (2, &theirs));
}

#[tokio::test]
async fn another_companys_files_are_as_good_as_none() {
    let (company, owner) = company().await;
    let far = TenantId(Uuid::from_u128(0xfa_0000));
    company.found("far", far, &[(SiteId(Uuid::from_u128(0xfa_0001)), &[TillId(Uuid::from_u128(0xfa_0002))])]).await;
    let stranger = company.sign_in_at("far", "owner").await.0;
    let ours = image(&owner, 1).await;
    let made = product(&owner, "Chai", &ours).await;
    let answer = stranger.post_json(PRODUCTS, &json!({ "values": { "name": "Chai", "image": ours } })).await;
    assert_eq!(errors(&answer), [("image".to_owned(), "unknown_file".to_owned())], "a hash opens nothing");
    assert_eq!(told(&stranger, &file_of(PRODUCTS, made.id, "image")).await, (404, "record_unknown".to_owned()));
    // The same bytes are theirs once they have them, and lie apart.
    assert_eq!(image(&stranger, 1).await, ours);
    product(&stranger, "Chai", &ours).await;
    let folder = |tenant: TenantId| company.test.files_folder().join(tenant.to_string()).join(ours["sha256"].as_str().unwrap());
    assert!(folder(company.tenant).is_file() && folder(far).is_file());
    std::fs::remove_file(folder(company.tenant)).unwrap();
    assert_eq!(told(&owner, &file_of(PRODUCTS, made.id, "image")).await, (404, "file_lost".to_owned()));
    // Whoever sends it again mends it.
    image(&owner, 1).await;
    assert_eq!(told(&owner, &file_of(PRODUCTS, made.id, "image")).await, (200, String::new()));
}

#[tokio::test]
async fn a_file_is_read_by_whoever_reads_the_record_and_the_field() {
    let (company, owner) = company().await;
    for (name, role) in [("manager", Role::SiteManager), ("buyer", Role::Buyer), ("marketing", Role::Marketing), ("viewer", Role::ProductViewer)] {
        company.hire(name, (role, company.site)).await;
    }
    let paper = contract(&owner, SUPPLIERS, 1).await;
    let supplier = make(&owner, SUPPLIERS, json!({ "name": "Exotic", "contract": paper })).await;
    let paper = contract(&owner, CUSTOMERS, 2).await;
    let customer = make(&owner, CUSTOMERS, json!({ "name": "Alfreds", "contract": paper })).await;
    let chai = product(&owner, "Chai", &image(&owner, 3).await).await;
    let addresses = [file_of(SUPPLIERS, supplier.id, "contract"), file_of(CUSTOMERS, customer.id, "contract"), file_of(PRODUCTS, chai.id, "image")];
    let (yes, field, right) = ((200, ""), (403, "field_forbidden"), (403, "permission_missing"));
    for (name, expected) in [
        ("owner", [yes, yes, yes]),
        // Masked.
        ("auditor", [field, field, yes]),
        // Not at all.
        ("manager", [field, yes, yes]),
        ("marketing", [right, field, yes]),
        ("buyer", [yes, right, yes]),
        ("viewer", [right, right, yes]),
        ("cashier", [right, right, right]),
    ] {
        let client = company.sign_in(name).await.0;
        for (address, (status, code)) in addresses.iter().zip(expected) {
            assert_eq!(told(&client, address).await, (status, code.to_owned()), "{name} {address}");
        }
    }
    assert_eq!(told(&Client::of(company.router.clone()), &addresses[2]).await, (401, "not_signed_in".to_owned()));
    // What the auditor is told of it is no file.
    let masked: RecordView = company.sign_in("auditor").await.0.get(&at(SUPPLIERS, supplier.id)).await.json();
    assert_eq!(masked.values["contract"], "•••");
    let list = company.sign_in("auditor").await.0.get(SUPPLIERS).await;
    assert!(!String::from_utf8_lossy(&list.body).contains(paper["sha256"].as_str().unwrap()));
}

#[tokio::test]
async fn who_reads_some_records_of_a_kind_reads_their_files_alone() {
    let (company, owner) = company().await;
    let (cashier, session) = company.sign_in("cashier").await;
    let terms = json!({
        "permissions": ["procurement.supplier.read", "procurement.supplier.update"],
        "fields": {},
        "within": { "procurement.supplier": { "scope": "all", "when": [{ "field": "address.city", "operator": "is", "value": "Brest" }] } },
    });
    let role: Value = owner.post_json("/api/v1/identity/role-terms", &json!({ "name": "Brest", "terms": terms })).await.json();
    let given = json!({ "account": session.account, "role": role["role"], "site": null, "from": null, "until": null, "reason": "the fair" });
    let given = owner.post_json("/api/v1/identity/roles", &given).await;
    assert_eq!(given.status.as_u16(), 201, "{}", String::from_utf8_lossy(&given.body));
    let paper = contract(&owner, SUPPLIERS, 1).await;
    let supplier =
        async |name: &str, city: &str| make(&owner, SUPPLIERS, json!({ "name": name, "address": { "city": city }, "contract": paper })).await.id;
    let (near, far) = (supplier("Near", "Brest").await, supplier("Far", "Bonn").await);
    assert_eq!(told(&cashier, &file_of(SUPPLIERS, near, "contract")).await, (200, String::new()));
    assert_eq!(told(&cashier, &file_of(SUPPLIERS, far, "contract")).await, (404, "record_unknown".to_owned()));
    // To know the hash of the other's, by whatever way, does not bring it here.
    let taken = change(&cashier, (SUPPLIERS, near, 1), json!({ "contract": null })).await;
    assert_eq!(taken.status.as_u16(), 200);
    let again = change(&cashier, (SUPPLIERS, near, 2), json!({ "contract": paper })).await;
    assert_eq!(errors(&again), [("contract".to_owned(), "unknown_file".to_owned())]);
}

#[tokio::test]
async fn a_condition_of_a_role_is_never_about_a_file() {
    let (_company, owner) = company().await;
    let terms = json!({
        "permissions": ["catalog.product.read"],
        "fields": {},
        "within": { "catalog.product": { "scope": "all", "when": [{ "field": "image", "operator": "is", "value": "chai.png" }] } },
    });
    let answer = owner.post_json("/api/v1/identity/role-terms", &json!({ "name": "Chai", "terms": terms })).await;
    assert_eq!(refused(&answer), (422, "role_terms_unknown".to_owned()));
}

#[tokio::test]
async fn a_file_is_given_out_as_nothing_that_could_run() {
    let (company, owner) = company().await;
    let picture = upload(&owner, &format!("{PRODUCTS}/files/image?name=Cr%C3%A8me%20%22x%22.png"), png(4, 3, 1)).await;
    let chai = product(&owner, "Chai", &picture).await;
    let paper = contract(&owner, SUPPLIERS, 2).await;
    let supplier = make(&owner, SUPPLIERS, json!({ "name": "Exotic", "contract": paper })).await;
    let shown = owner.get(&file_of(PRODUCTS, chai.id, "image")).await;
    let header = |name: &str| shown.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(header("cache-control"), "private, no-cache");
    assert_eq!(header("vary"), "cookie");
    assert_eq!(header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(header("content-disposition"), "inline; filename=\"file.png\"; filename*=UTF-8''Cr%C3%A8me%20_x_.png");
    let saved = owner.get(&file_of(SUPPLIERS, supplier.id, "contract")).await;
    assert_eq!(saved.headers["content-disposition"], "attachment; filename=\"file.pdf\"; filename*=UTF-8''contract.pdf");
    assert_eq!((saved.headers["content-type"].to_str().unwrap(), saved.body), ("application/pdf", pdf(2)));
    // A browser that has it asks whether it still may, and is told so.
    let tag = header("etag");
    assert_eq!(tag, format!("\"{}\"", picture["sha256"].as_str().unwrap()));
    let asked = async |client: &Client, tag: &str| {
        let request =
            Request::builder().uri(file_of(PRODUCTS, chai.id, "image")).header(header::HOST, "holdfast.test").header(header::IF_NONE_MATCH, tag);
        let request = request.header(header::COOKIE, client.cookie().unwrap_or_default()).body(Body::empty()).unwrap();
        let answer = company.router.clone().oneshot(request).await.unwrap();
        (answer.status().as_u16(), to_bytes(answer.into_body(), usize::MAX).await.unwrap().len())
    };
    assert_eq!(asked(&owner, &tag).await, (304, 0));
    assert_eq!(asked(&owner, &format!("\"a\", W/{tag}")).await, (304, 0));
    assert_eq!(asked(&owner, "\"a\"").await, (200, png(4, 3, 1).len()));
    assert_eq!(asked(&company.sign_in("cashier").await.0, &tag).await.0, 403, "not by knowing what it is");
}

#[tokio::test]
async fn a_file_of_a_record_that_was_archived_is_there_as_the_record_is() {
    let (company, owner) = company().await;
    let chai = product(&owner, "Chai", &image(&owner, 1).await).await;
    owner.if_match(1).post_json(&format!("{}/archive", at(PRODUCTS, chai.id)), &json!({})).await;
    assert_eq!(told(&owner, &file_of(PRODUCTS, chai.id, "image")).await, (200, String::new()));
    let refusal = change(&owner, (PRODUCTS, chai.id, 2), json!({ "image": null })).await;
    assert_eq!(refused(&refusal), (409, "record_archived".to_owned()));
    drop::<Company>(company);
}
