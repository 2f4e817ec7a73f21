//! Blobs over HTTP against Postgres and real files: sent in pieces that break off anywhere, and shown to whoever gets a document that names them.

use crate::support::{Client, Company, Till};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use holdfast_domain::blobs::{MAX_CHUNK_BYTES, UPLOAD_OFFSET, UploadBegin, UploadState};
use holdfast_domain::kernel::{AccountId, BlobRef, Currency, DocumentId, MAX_BLOB_BYTES, MediaType, Money, SiteId};
use holdfast_domain::sales::office::Closings;
use holdfast_domain::sales::till_session;
use holdfast_server::blobs::Blobs;
use holdfast_server::http::{App, Limits, router};
use holdfast_server::identity::Role;
use holdfast_server::sync::Retention;
use holdfast_sync::bytes::Digest32;
use holdfast_sync::wire::Answer;
use std::time::Duration;
use tower::ServiceExt as _;

/// A photo of that size, each `n` another one.
fn photo(n: u8, size: usize) -> Vec<u8> {
    let noise = (0..size).map(|at| (at as u8).wrapping_mul(31).wrapping_add(n) ^ (at >> 8) as u8);
    [0xff, 0xd8, 0xff, 0xe0].into_iter().chain(noise.skip(4)).collect()
}

fn begin(blob: &BlobRef) -> UploadBegin {
    UploadBegin { bytes: blob.bytes, media_type: blob.media_type }
}

/// How far the server says that the upload is.
async fn state(client: &Client, blob: &BlobRef) -> UploadState {
    let response = client.begin_upload(blob.sha256, &begin(blob)).await;
    assert_eq!(response.status, StatusCode::OK, "{}", String::from_utf8_lossy(&response.body));
    response.json()
}

/// Sends the whole of it, in chunks of that size, from where the server is.
async fn upload(client: &Client, bytes: &[u8], chunk: usize) -> BlobRef {
    let blob = BlobRef::of(bytes).unwrap();
    let mut at = state(client, &blob).await;
    while !at.complete {
        let from = at.offset as usize;
        let response = client.send_chunk(blob.sha256, (from, &bytes[from..bytes.len().min(from + chunk)])).await;
        assert_eq!(response.status, StatusCode::OK, "{}", String::from_utf8_lossy(&response.body));
        at = response.json();
        assert_eq!(response.headers[UPLOAD_OFFSET].to_str().unwrap(), at.offset.to_string());
    }
    blob
}

async fn look(client: &Client, sha256: Digest32) -> Result<Vec<u8>, (u16, String)> {
    let response = client.get(&format!("/api/v1/blobs/{sha256}")).await;
    if response.status == StatusCode::OK { Ok(response.body) } else { Err((response.status.as_u16(), response.code())) }
}

fn refused<T>(status: u16, code: &str) -> Result<T, (u16, String)> {
    Err((status, code.to_owned()))
}

/// Opens the till at that site and closes it with these photos; all of it accepted.
async fn close_with(till: &mut Till, site: SiteId, photos: Vec<BlobRef>) -> DocumentId {
    let session: DocumentId = till.draw();
    let float = Money::new(10_000, Currency::EUR);
    let open = till_session::Open { till: till.till, site, currency: Currency::EUR, float };
    till.act("sales.till_session", session, &open);
    till.act("sales.till_session", session, &till_session::Close { counted: float, expected: float, tickets: 0, photos });
    let answers = till.push_all().await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "{answers:?}");
    session
}

/// Another server on the same tables and files, with another quota.
fn with_quota(company: &Company, quota_bytes: u64) -> axum::Router {
    let blobs = Blobs { quota_bytes, ..company.app.blobs.clone() };
    router(App { blobs, ..company.app.clone() }, Limits::default())
}

fn account(company: &Company, name: &str) -> AccountId {
    let n = ["cashier", "owner", "auditor"].iter().position(|known| *known == name).unwrap();
    AccountId(uuid::Uuid::from_u128(company.tenant.0.as_u128() + 0xa0 + n as u128))
}

#[tokio::test]
async fn a_photo_that_comes_in_pieces_is_here_only_when_it_is_whole() {
    let company = Company::open().await;
    let (client, _) = company.sign_in("cashier").await;
    let bytes = photo(1, 300_000);
    let blob = BlobRef::of(&bytes).unwrap();
    assert_eq!(state(&client, &blob).await, UploadState { offset: 0, complete: false });
    assert_eq!(client.send_chunk(blob.sha256, (0, &bytes[..100_000])).await.status, StatusCode::OK);
    assert_eq!(look(&client, blob.sha256).await, refused(404, "blob_unknown"));
    assert_eq!(state(&client, &blob).await, UploadState { offset: 100_000, complete: false });
    assert_eq!(upload(&client, &bytes, 64 * 1024).await, blob);
    assert_eq!(look(&client, blob.sha256).await, Ok(bytes.clone()));
    // Again, and the last piece again, whose answer may have been lost.
    assert_eq!(state(&client, &blob).await, UploadState { offset: blob.bytes, complete: true });
    let again: UploadState = client.send_chunk(blob.sha256, (250_000, &bytes[250_000..])).await.json();
    assert!(again.complete);
}

/// At the beginning, in the middle, before the end, at the end, beyond it.
#[tokio::test]
async fn a_chunk_at_another_offset_is_not_taken_and_told_where_the_next_one_goes() {
    let company = Company::open().await;
    let (client, _) = company.sign_in("cashier").await;
    let bytes = photo(2, 10_000);
    let blob = BlobRef::of(&bytes).unwrap();
    state(&client, &blob).await;
    client.send_chunk(blob.sha256, (0, &bytes[..4_000])).await;
    for offset in [0, 1, 3_999, 4_001, 9_999, 10_000, 10_001, u32::MAX as usize] {
        let response = client.send_chunk(blob.sha256, (offset, b"x")).await;
        assert_eq!((response.status.as_u16(), response.code()), (409, "blob_offset_differs".to_owned()), "{offset}");
        assert_eq!(response.headers[UPLOAD_OFFSET], "4000");
    }
    let beyond = client.send_chunk(blob.sha256, (4_000, &photo(0, 6_001))).await;
    assert_eq!((beyond.status.as_u16(), beyond.code()), (413, "blob_longer_than_said".to_owned()));
    assert_eq!(upload(&client, &bytes, 1_000).await, blob, "none of it left a trace");
}

#[tokio::test]
async fn a_chunk_that_says_not_where_it_goes_or_is_too_large_is_refused() {
    let company = Company::open().await;
    let (client, _) = company.sign_in("cashier").await;
    let blob = BlobRef::of(&photo(3, 2_000_000)).unwrap();
    let unknown = client.send_chunk(blob.sha256, (0, b"x")).await;
    assert_eq!((unknown.status.as_u16(), unknown.code()), (404, "blob_upload_unknown".to_owned()));
    state(&client, &blob).await;
    let path = format!("/api/v1/blobs/{}/upload", blob.sha256);
    let nowhere = client.send(Method::PATCH, &path, (Some("application/partial-upload"), vec![1])).await;
    assert_eq!((nowhere.status.as_u16(), nowhere.code()), (400, "upload_offset_invalid".to_owned()));
    let large = client.send_chunk(blob.sha256, (0, &photo(3, MAX_CHUNK_BYTES + 1))).await;
    assert_eq!((large.status.as_u16(), large.code()), (413, "body_too_large".to_owned()));
    assert_eq!(state(&client, &blob).await.offset, 0);
}

#[tokio::test]
async fn what_is_not_what_it_was_said_to_be_is_thrown_away() {
    let company = Company::open().await;
    let (client, _) = company.sign_in("cashier").await;
    let (named, sent) = (BlobRef::of(&photo(4, 5_000)).unwrap(), photo(5, 5_000));
    state(&client, &named).await;
    let refused_hash = client.send_chunk(named.sha256, (0, &sent)).await;
    assert_eq!((refused_hash.status.as_u16(), refused_hash.code()), (422, "blob_hash_differs".to_owned()));
    let page = b"<html><script>alert(1)</script></html>".to_vec();
    let as_photo = BlobRef { sha256: Digest32::of(&page), bytes: page.len() as u32, media_type: MediaType::Jpeg };
    state(&client, &as_photo).await;
    let refused_type = client.send_chunk(as_photo.sha256, (0, &page)).await;
    assert_eq!((refused_type.status.as_u16(), refused_type.code()), (422, "blob_type_differs".to_owned()));
    for blob in [named, as_photo] {
        assert_eq!(look(&client, blob.sha256).await, refused(404, "blob_unknown"));
        assert!(!company.app.blobs.files.coming(company.tenant, account(&company, "cashier"), blob.sha256).exists());
    }
    assert_eq!(upload(&client, &photo(4, 5_000), 5_000).await, named, "the true one still comes");
}

#[tokio::test]
async fn a_file_that_is_too_large_or_empty_is_not_begun() {
    let company = Company::open().await;
    let (client, _) = company.sign_in("cashier").await;
    for bytes in [0, MAX_BLOB_BYTES + 1, u32::MAX] {
        let response = client.begin_upload(Digest32::of(b"kelp"), &UploadBegin { bytes, media_type: MediaType::Jpeg }).await;
        assert_eq!((response.status.as_u16(), response.code()), (413, "blob_too_large".to_owned()), "{bytes}");
    }
}

#[tokio::test]
async fn a_company_keeps_no_more_than_its_quota_and_what_is_under_way_counts() {
    let company = Company::open().await;
    let client = company.sign_in("cashier").await.0.elsewhere(with_quota(&company, 25_000));
    upload(&client, &photo(6, 10_000), 10_000).await;
    state(&client, &BlobRef::of(&photo(7, 10_000)).unwrap()).await;
    let blob = BlobRef::of(&photo(8, 5_001)).unwrap();
    let full = client.begin_upload(blob.sha256, &begin(&blob)).await;
    assert_eq!((full.status.as_u16(), full.code()), (507, "blob_quota_reached".to_owned()));
    upload(&client, &photo(9, 5_000), 5_000).await;
}

#[tokio::test]
async fn an_account_may_send_only_so_much_that_nothing_names() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let mut sent = Vec::new();
    for n in 0..100 {
        sent.push(upload(&till.client, &photo(n, 100), 100).await);
    }
    let blob = BlobRef::of(&photo(200, 100)).unwrap();
    let refused_one = till.client.begin_upload(blob.sha256, &begin(&blob)).await;
    assert_eq!((refused_one.status.as_u16(), refused_one.code()), (507, "blob_account_limit".to_owned()));
    close_with(&mut till, company.site, vec![sent[0]]).await;
    upload(&till.client, &photo(200, 100), 100).await;
}

#[tokio::test]
async fn two_who_send_the_same_at_once_disturb_each_other_nowhere_and_it_is_kept_once() {
    let company = Company::open().await;
    let ((one, _), (same, _), (other, _)) = (company.sign_in("cashier").await, company.sign_in("cashier").await, company.sign_in("owner").await);
    let bytes = photo(10, 50_000);
    let blob = BlobRef::of(&bytes).unwrap();
    state(&one, &blob).await;
    state(&other, &blob).await;
    // Two browsers of one person: one of them is told where to go on.
    let (first, second) = tokio::join!(one.send_chunk(blob.sha256, (0, &bytes[..20_000])), same.send_chunk(blob.sha256, (0, &bytes[..20_000])));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    // Somebody else who sends something else in its name spoils nothing but their own.
    other.send_chunk(blob.sha256, (0, &photo(11, 30_000))).await;
    assert_eq!(state(&same, &blob).await.offset, 20_000);
    let spoiled = other.send_chunk(blob.sha256, (30_000, &photo(12, 20_000))).await;
    assert_eq!(spoiled.code(), "blob_hash_differs");
    let (one, other) = tokio::join!(upload(&one, &bytes, 7_000), upload(&other, &bytes, 50_000));
    assert_eq!([one, other], [blob, blob]);
    let mut tx = company.test.tenant(company.tenant).await;
    let kept: i64 = sqlx::query_scalar("select count(*) from blobs").fetch_one(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn whoever_gets_a_document_that_names_a_photo_may_look_at_it_and_nobody_else() {
    let company = Company::open().await;
    company.hire("walker", (Role::Cashier, company.site)).await;
    company.hire("elsewhere", (Role::Cashier, company.other_site)).await;
    let mut till = company.enrol("walker", company.tills[0], 1).await;
    let bytes = photo(13, 9_000);
    let blob = upload(&till.client, &bytes, 9_000).await;
    let ((colleague, _), (elsewhere, _), (owner, _)) =
        (company.sign_in("cashier").await, company.sign_in("elsewhere").await, company.sign_in("owner").await);
    // Nobody names it yet: it is the sender's alone.
    assert_eq!(look(&till.client, blob.sha256).await, Ok(bytes.clone()));
    assert_eq!(look(&colleague, blob.sha256).await, refused(404, "blob_unknown"));
    close_with(&mut till, company.site, vec![blob]).await;
    for client in [&till.client, &colleague, &owner] {
        assert_eq!(look(client, blob.sha256).await, Ok(bytes.clone()));
    }
    assert_eq!(look(&elsewhere, blob.sha256).await, refused(404, "blob_unknown"));
    // Rights are those of now.
    company.move_to("walker", company.other_site).await;
    assert_eq!(look(&till.client, blob.sha256).await, refused(404, "blob_unknown"));
}

#[tokio::test]
async fn the_office_lists_the_days_closings_with_their_photos_at_its_sites_alone() {
    let company = Company::open().await;
    company.hire("elsewhere", (Role::SiteManager, company.other_site)).await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let photos = vec![BlobRef::of(&photo(30, 100)).unwrap(), BlobRef::of(&photo(31, 100)).unwrap()];
    let session = close_with(&mut till, company.site, photos.clone()).await;
    let list = async |name: &str| company.sign_in(name).await.0.get("/api/v1/sales/closings?day=2026-11-20").await.json::<Closings>().closings;
    let seen = list("owner").await;
    assert_eq!((seen.len(), seen[0].document, seen[0].photos.clone()), (1, session, photos));
    assert_eq!((seen[0].counted.minor, seen[0].expected.minor, &*seen[0].opened_by), (10_000, 10_000, "cashier"));
    assert_eq!(list("elsewhere").await, []);
}

#[tokio::test]
async fn to_name_a_photo_that_one_never_had_opens_it_to_nobody() {
    let company = Company::open().await;
    company.hire("elsewhere", (Role::Cashier, company.other_site)).await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let mut spy = company.enrol("elsewhere", company.other_till, 2).await;
    let bytes = photo(14, 9_000);
    let blob = upload(&till.client, &bytes, 9_000).await;
    close_with(&mut till, company.site, vec![blob]).await;
    close_with(&mut spy, company.other_site, vec![blob]).await;
    assert_eq!(look(&spy.client, blob.sha256).await, refused(404, "blob_not_uploaded"), "as if it were not there");
    assert_eq!(state(&spy.client, &blob).await, UploadState { offset: 0, complete: false }, "it must be sent whole");
    assert_eq!(look(&till.client, blob.sha256).await, Ok(bytes.clone()));
    upload(&spy.client, &bytes, 9_000).await;
    assert_eq!(look(&spy.client, blob.sha256).await, Ok(bytes));
}

#[tokio::test]
async fn the_fact_may_come_first_and_a_colleague_may_carry_the_photo_up() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let bytes = photo(15, 9_000);
    let blob = BlobRef::of(&bytes).unwrap();
    close_with(&mut till, company.site, vec![blob]).await;
    let (owner, _) = company.sign_in("owner").await;
    assert_eq!(look(&owner, blob.sha256).await, refused(404, "blob_not_uploaded"));
    // Another person signs in on that device, and its queue goes on.
    company.hire("colleague", (Role::Cashier, company.site)).await;
    let (colleague, _) = company.sign_in("colleague").await;
    assert!(till.ask_for_grant_as(&colleague).await.status.is_success());
    upload(&colleague, &bytes, 9_000).await;
    assert_eq!(look(&owner, blob.sha256).await, Ok(bytes));
}

#[tokio::test]
async fn another_company_and_whoever_is_not_signed_in_see_nothing_of_it() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let bytes = photo(16, 9_000);
    let blob = upload(&till.client, &bytes, 9_000).await;
    close_with(&mut till, company.site, vec![blob]).await;
    let (tenant, site, theirs) = (uuid::Uuid::from_u128(0x51).into(), uuid::Uuid::from_u128(0x52).into(), uuid::Uuid::from_u128(0x53).into());
    company.found("rock", tenant, &[(site, &[theirs])]).await;
    let (stranger, _) = company.sign_in_at("rock", "owner").await;
    assert_eq!(look(&stranger, blob.sha256).await, refused(404, "blob_unknown"));
    assert_eq!(state(&stranger, &blob).await, UploadState { offset: 0, complete: false });
    let nobody = Client::of(company.router.clone());
    assert_eq!(look(&nobody, blob.sha256).await, refused(401, "not_signed_in"));
    assert_eq!(nobody.begin_upload(blob.sha256, &begin(&blob)).await.code(), "not_signed_in");
    assert_eq!(nobody.send_chunk(blob.sha256, (0, &bytes)).await.code(), "not_signed_in");
    let (owner, _) = company.sign_in("owner").await;
    let revocation = format!("/api/v1/identity/devices/{}/revocation", till.chain.device);
    assert!(owner.post_json(&revocation, &serde_json::json!({ "reason": "lost" })).await.status.is_success());
    assert_eq!(look(&till.client, blob.sha256).await.unwrap_err().1, "device_revoked");
    assert_eq!(till.client.begin_upload(blob.sha256, &begin(&blob)).await.code(), "device_revoked");
    assert_eq!(till.client.send_chunk(blob.sha256, (0, &bytes)).await.code(), "device_revoked");
}

#[tokio::test]
async fn a_photo_is_shown_as_what_it_is_runs_nothing_and_is_kept_for_its_session_alone() {
    let company = Company::open().await;
    let (client, _) = company.sign_in("cashier").await;
    let bytes = photo(17, 9_000);
    let blob = upload(&client, &bytes, 9_000).await;
    let response = client.get(&format!("/api/v1/blobs/{}", blob.sha256)).await;
    let said = |name: &str| response.headers[name].to_str().unwrap();
    assert_eq!(said("content-type"), "image/jpeg");
    assert_eq!(said("x-content-type-options"), "nosniff");
    assert_eq!(said("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(said("cache-control"), "private, max-age=31536000, immutable");
    assert_eq!(said("vary"), "cookie");
    assert_eq!(said("content-disposition"), format!("inline; filename=\"{}.jpg\"", &blob.sha256.to_string()[..12]));
    let part = Request::get(format!("/api/v1/blobs/{}", blob.sha256)).header(header::HOST, "holdfast.test").header(header::RANGE, "bytes=100-199");
    let part = part.header(header::COOKIE, client.cookie().unwrap()).body(Body::empty()).unwrap();
    let part = company.router.clone().oneshot(part).await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()[header::CONTENT_RANGE], "bytes 100-199/9000");
    assert_eq!(to_bytes(part.into_body(), usize::MAX).await.unwrap(), &bytes[100..200]);
    let head = client.send(Method::HEAD, &format!("/api/v1/blobs/{}", blob.sha256), (None, Vec::new())).await;
    assert_eq!((head.status, head.headers[header::CONTENT_LENGTH].to_str().unwrap(), head.body.len()), (StatusCode::OK, "9000", 0));
}

/// What a server that is killed while it appends leaves: bytes in the file of which the tables know nothing.
#[tokio::test]
async fn what_a_killed_server_had_half_written_is_cut_off_and_the_upload_goes_on() {
    let company = Company::open().await;
    let (client, _) = company.sign_in("cashier").await;
    let bytes = photo(18, 30_000);
    let blob = BlobRef::of(&bytes).unwrap();
    state(&client, &blob).await;
    client.send_chunk(blob.sha256, (0, &bytes[..10_000])).await;
    let file = company.app.blobs.files.coming(company.tenant, account(&company, "cashier"), blob.sha256);
    for torn in [[&bytes[..10_000], &photo(19, 5_000)].concat(), [&bytes[..10_000], &photo(19, 40_000)].concat()] {
        std::fs::write(&file, torn).unwrap();
        assert_eq!(state(&client, &blob).await.offset, 10_000);
    }
    assert_eq!(client.send_chunk(blob.sha256, (10_000, &bytes[10_000..12_000])).await.status, StatusCode::OK);
    // The disk lost some of it after all, or all of it: the server says from where.
    for left in [5_000, 0] {
        std::fs::write(&file, &bytes[..left]).unwrap();
        let offset = state(&client, &blob).await.offset as usize;
        let short = client.send_chunk(blob.sha256, (offset, &bytes[offset..offset + 1_000])).await;
        assert_eq!((short.status.as_u16(), short.headers[UPLOAD_OFFSET].to_str().unwrap()), (409, &*left.to_string()));
    }
    std::fs::remove_file(&file).unwrap();
    upload(&client, &bytes, 8_000).await;
    assert_eq!(look(&client, blob.sha256).await, Ok(bytes));
}

#[tokio::test]
async fn a_file_that_the_server_has_lost_is_said_to_be_missing_and_can_be_sent_again() {
    let company = Company::open().await;
    let (client, _) = company.sign_in("cashier").await;
    let bytes = photo(20, 9_000);
    let blob = upload(&client, &bytes, 9_000).await;
    let file = company.app.blobs.files.whole(company.tenant, blob.sha256);
    for lose in [|file: &std::path::Path| std::fs::write(file, b"cut").unwrap(), |file: &std::path::Path| std::fs::remove_file(file).unwrap()] {
        lose(&file);
        assert_eq!(look(&client, blob.sha256).await, refused(404, "blob_lost"));
    }
    assert_eq!(upload(&client, &bytes, 5_000).await, blob);
    assert_eq!(look(&client, blob.sha256).await, Ok(bytes));
}

#[tokio::test]
async fn an_upload_that_rests_for_a_week_is_swept_and_begins_anew() {
    let company = Company::open().await;
    let (client, _) = company.sign_in("cashier").await;
    let (old, bytes) = (photo(21, 9_000), photo(22, 9_000));
    let (rested, kept) = (BlobRef::of(&old).unwrap(), upload(&client, &bytes, 9_000).await);
    state(&client, &rested).await;
    client.send_chunk(rested.sha256, (0, &old[..5_000])).await;
    company.test.world.pass(Duration::from_hours(24 * 7 - 1));
    Retention::of(&company.app).sweep().await.unwrap();
    assert_eq!(state(&client, &rested).await.offset, 5_000);
    company.test.world.pass(Duration::from_hours(2));
    Retention::of(&company.app).sweep().await.unwrap();
    assert!(!company.app.blobs.files.coming(company.tenant, account(&company, "cashier"), rested.sha256).exists());
    assert_eq!(state(&client, &rested).await.offset, 0);
    assert_eq!(look(&client, kept.sha256).await, Ok(bytes));
}
