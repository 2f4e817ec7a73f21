//! What is taken in, and what is not.

use super::super::{SUPPLIERS, company};
use super::{BYTES, PRODUCTS, image, jpeg, pdf, png, product, refused, send, upload, webp};
use crate::support::{Client, Company};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use futures::stream;
use holdfast_sync::bytes::Digest32;
use serde_json::{Value, json};
use std::convert::Infallible;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

const IMAGE: &str = "/api/v1/catalog/products/files/image";
/// What a picture of a product may weigh.
const MOST: usize = 4 << 20;

async fn nothing_is_kept(company: &Company) {
    let mut tx = company.test.tenant(company.tenant).await;
    let rows: i64 = sqlx::query_scalar("select count(*) from files").fetch_one(tx.connection()).await.unwrap();
    let lies = std::fs::read_dir(company.test.files_folder()).unwrap().flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap()).count();
    assert_eq!((rows, lies), (0, 0));
}

#[tokio::test]
async fn a_file_is_what_its_bytes_say_whatever_it_is_called() {
    let (_company, owner) = company().await;
    for (bytes, called, name, media_type, size) in [
        (png(640, 480, 1), "chai.png", "chai.png", "image/png", (640, 480)),
        (jpeg(640, 480, 1), "chai.png", "chai.jpg", "image/jpeg", (640, 480)),
        (webp(640, 480, 1), "page.html", "page.webp", "image/webp", (640, 480)),
        (png(1, 1, 2), "", "file.png", "image/png", (1, 1)),
        (png(12_000, 4_000, 3), "wide.PNG", "wide.png", "image/png", (12_000, 4_000)),
    ] {
        let hash = Digest32::of(&bytes).to_string();
        let said = upload(&owner, &format!("{IMAGE}?name={called}"), bytes.clone()).await;
        let told = json!({
            "name": name, "media_type": media_type, "bytes": bytes.len(), "sha256": hash, "width": size.0, "height": size.1,
        });
        assert_eq!(said, told);
    }
    let paper = upload(&owner, &format!("{SUPPLIERS}/files/contract?name=terms.pdf"), pdf(1)).await;
    assert_eq!((&paper["media_type"], &paper["width"], &paper["height"]), (&json!("application/pdf"), &Value::Null, &Value::Null));
    let scanned = upload(&owner, &format!("{SUPPLIERS}/files/contract?name=scan"), jpeg(800, 600, 9)).await;
    assert_eq!((&scanned["name"], &scanned["width"]), (&json!("scan.jpg"), &json!(800)));
}

#[tokio::test]
async fn a_name_leads_nowhere() {
    let (company, owner) = company().await;
    for (called, name) in [
        ("..%2F..%2F..%2Fetc%2Fpasswd", "passwd.png"),
        ("..%5C..%5Cwin.ini", "win.png"),
        ("%2Fetc%2Fcron.d%2Fx", "x.png"),
        ("....%2F%2Fa", "a.png"),
        ("a%00.html", "a.png"),
        ("a%0D%0Aset-cookie:%20b=c.png", "aset-cookie_ b=c.png"),
        ("gnp%E2%80%AE.exe", "gnp.png"),
        ("%3Cscript%3Ealert(1)%3C.png", "_script_alert(1)_.png"),
        ("..", "file.png"),
        (&"x".repeat(5_000), &format!("{}.png", "x".repeat(116))),
    ] {
        let said = upload(&owner, &format!("{IMAGE}?name={called}"), png(2, 2, 7)).await;
        assert_eq!(said["name"], name, "{called}");
    }
    let mut lies = Vec::new();
    for folder in std::fs::read_dir(company.test.files_folder()).unwrap() {
        lies.extend(std::fs::read_dir(folder.unwrap().path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()));
    }
    assert_eq!(lies, [Digest32::of(&png(2, 2, 7)).to_string()], "one file, by its hash, and nothing elsewhere");
    let unknown = send(&owner, &format!("{IMAGE}?name=a&folder=b"), png(2, 2, 7)).await;
    assert_eq!(refused(&unknown), (400, "invalid_query".to_owned()));
}

#[tokio::test]
async fn what_is_no_sound_file_of_a_type_that_is_taken_is_refused_and_not_kept() {
    let (company, owner) = company().await;
    let cut = |bytes: Vec<u8>, at: usize| bytes[..bytes.len() - at].to_vec();
    let with = |head: &[u8], rest: &[u8]| [head, rest].concat();
    let html = b"<!doctype html><script>alert(1)</script>";
    let drawn_nothing = with(&png(4, 3, 1)[..33], &png(4, 3, 1)[png(4, 3, 1).len() - 12..]);
    for (what, bytes, code) in [
        ("nothing", Vec::new(), "file_empty"),
        ("a page", html.to_vec(), "file_type_refused"),
        ("a drawing that runs script", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "file_type_refused"),
        ("the same as XML", b"<?xml version='1.0'?><svg/>".to_vec(), "file_type_refused"),
        ("a program", b"MZ\x90\0".to_vec(), "file_type_refused"),
        ("a picture of another type", b"GIF89a\x01\0\x01\0".to_vec(), "file_type_refused"),
        ("a paper, where pictures are", pdf(1), "file_type_refused"),
        ("a page before a picture", with(html, &png(4, 3, 1)), "file_type_refused"),
        ("a byte before a picture", with(b"\n", &png(4, 3, 1)), "file_type_refused"),
        ("a page behind a picture's mark", with(b"\x89PNG\r\n\x1a\n", html), "file_broken"),
        ("the same as JPEG", with(b"\xff\xd8\xff\xe0", html), "file_broken"),
        ("the same as WebP", with(b"RIFF\xff\xff\0\0WEBP", html), "file_broken"),
        ("a mark alone", b"\xff\xd8\xff".to_vec(), "file_broken"),
        ("a picture without its end", cut(png(4, 3, 1), 12), "file_broken"),
        ("a picture that breaks off", cut(png(4, 3, 1), 40), "file_broken"),
        ("a picture with nothing drawn", drawn_nothing, "file_broken"),
        ("a JPEG that breaks off", cut(jpeg(4, 3, 1), 2), "file_broken"),
        ("a JPEG without a picture", b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9".to_vec(), "file_broken"),
        ("a WebP that breaks off", cut(webp(4, 3, 1), 1), "file_broken"),
        ("a picture of no width", png(0, 3, 1), "file_broken"),
        ("a picture beyond all measure", png(2_000_000_000, 2_000_000_000, 1), "image_too_large"),
        ("a picture that is wide", png(12_001, 1, 1), "image_too_large"),
        ("a picture of too many pixels", png(10_000, 10_000, 1), "image_too_large"),
        ("a JPEG of too many pixels", jpeg(65_535, 65_535, 1), "image_too_large"),
        ("a WebP of too many pixels", webp(16_384, 16_384, 1), "image_too_large"),
    ] {
        assert_eq!(refused(&send(&owner, &format!("{IMAGE}?name=chai.png"), bytes).await), (422, code.to_owned()), "{what}");
    }
    let half = cut(pdf(1), 7);
    assert_eq!(refused(&send(&owner, &format!("{SUPPLIERS}/files/contract"), half).await), (422, "file_broken".to_owned()));
    let typed = async |media_type: Option<&str>| owner.send(Method::POST, IMAGE, (media_type, png(4, 3, 1))).await;
    for media_type in [None, Some("image/png"), Some("text/html"), Some("multipart/form-data; boundary=x"), Some("application/octet-stream2")] {
        assert_eq!(refused(&typed(media_type).await), (415, "unsupported_content_type".to_owned()), "{media_type:?}");
    }
    nothing_is_kept(&company).await;
}

#[tokio::test]
async fn what_somebody_hung_on_behind_a_picture_is_not_kept() {
    let (_company, owner) = company().await;
    for (bytes, n) in [(png(4, 3, 1), 1_u8), (jpeg(4, 3, 1), 2), (webp(4, 3, 1), 3)] {
        let both = [&bytes[..], b"PK\x03\x04<script>alert(1)</script>", &[n; 100]].concat();
        let said = upload(&owner, &format!("{IMAGE}?name=chai"), both).await;
        assert_eq!((&said["bytes"], &said["sha256"]), (&json!(bytes.len()), &json!(Digest32::of(&bytes).to_string())));
        let made = product(&owner, &format!("Chai {n}"), &said).await;
        assert_eq!(owner.get(&format!("{PRODUCTS}/{}/files/image", made.id)).await.body, bytes);
    }
}

/// Sends a body as it comes, with a length that it may not have.
async fn stream_in(client: &Client, company: &Company, said: Option<usize>, parts: Vec<Vec<u8>>) -> (u16, String) {
    let mut request = Request::builder().method(Method::POST).uri(IMAGE).header(header::HOST, "holdfast.test").header(header::CONTENT_TYPE, BYTES);
    request = request.header(header::COOKIE, client.cookie().unwrap()).header("x-holdfast-csrf", client.csrf().unwrap());
    if let Some(said) = said {
        request = request.header(header::CONTENT_LENGTH, said);
    }
    let body = Body::from_stream(stream::iter(parts.into_iter().map(Ok::<_, Infallible>)));
    let answer = company.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    let told: Value = serde_json::from_slice(&to_bytes(answer.into_body(), usize::MAX).await.unwrap()).unwrap();
    (status, told["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_as_soon_as_it_is() {
    let (company, owner) = company().await;
    let large = [png(4, 3, 1), vec![0; MOST]].concat();
    let too_large = (413, "file_too_large".to_owned());
    assert_eq!(refused(&send(&owner, IMAGE, large.clone()).await), too_large);
    let parts = || large.chunks(64 << 10).map(<[u8]>::to_vec).collect::<Vec<_>>();
    assert_eq!(stream_in(&owner, &company, None, parts()).await, too_large, "in chunks");
    assert_eq!(stream_in(&owner, &company, Some(10), parts()).await, too_large, "said to be small");
    assert_eq!(stream_in(&owner, &company, Some(MOST + 1), vec![png(4, 3, 1)]).await, too_large, "said to be large");
    nothing_is_kept(&company).await;
    // A contract may be larger than a picture of a product.
    let contract = [b"%PDF-1.7\n".as_slice(), &vec![b' '; 5 << 20], b"%%EOF"].concat();
    upload(&owner, &format!("{SUPPLIERS}/files/contract"), contract).await;
}

#[tokio::test]
async fn over_a_wire_lies_about_length_and_ends_in_the_middle_keep_nothing() {
    let (company, owner) = company().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(axum::serve(listener, company.router.clone()).into_future());
    let head = |more: &str| {
        let (cookie, csrf) = (owner.cookie().unwrap(), owner.csrf().unwrap());
        format!("POST {IMAGE} HTTP/1.1\r\nhost: {address}\r\ncontent-type: {BYTES}\r\ncookie: {cookie}\r\nx-holdfast-csrf: {csrf}\r\n{more}\r\n\r\n")
    };
    let picture = png(4, 3, 1);
    // As much as was said never comes.
    let mut wire = TcpStream::connect(address).await.unwrap();
    wire.write_all(head("content-length: 100000").as_bytes()).await.unwrap();
    wire.write_all(&picture).await.unwrap();
    wire.shutdown().await.unwrap();
    let mut answer = Vec::new();
    wire.read_to_end(&mut answer).await.unwrap();
    assert!(!String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    // A chunked one without end is answered while it still comes.
    let mut wire = TcpStream::connect(address).await.unwrap();
    wire.write_all(head("transfer-encoding: chunked").as_bytes()).await.unwrap();
    let (mut reading, mut writing) = wire.into_split();
    let sending = tokio::spawn(async move {
        let chunk = [b"10000\r\n".as_slice(), &[0x89; 0x10000], b"\r\n"].concat();
        // Until nobody listens any more.
        while writing.write_all(&chunk).await.is_ok() {}
    });
    let mut answer = vec![0; 12];
    reading.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 413");
    sending.abort();
    serving.abort();
    nothing_is_kept(&company).await;
}

#[tokio::test]
async fn what_is_uploaded_twice_or_by_two_at_once_is_one_file_of_both() {
    let (company, owner) = company().await;
    let other = company.sign_in("owner").await.0;
    let first = image(&owner, 1).await;
    assert_eq!(image(&owner, 1).await, first);
    let (a, b, c) = tokio::join!(image(&owner, 2), image(&other, 2), image(&owner, 2));
    assert!(a == b && b == c);
    let mut tx = company.test.tenant(company.tenant).await;
    let counted = "select (select count(*) from files), (select count(*) from file_holders)";
    let (files, holders): (i64, i64) = sqlx::query_as(counted).fetch_one(tx.connection()).await.unwrap();
    assert_eq!((files, holders), (2, 2), "of one account");
}

#[tokio::test]
async fn an_upload_takes_a_session_its_token_and_the_right_to_write_the_field() {
    let (company, owner) = company().await;
    company.hire("viewer", (holdfast_server::identity::Role::ProductViewer, company.site)).await;
    company.hire("coordinator", (holdfast_server::identity::Role::InventoryCoordinator, company.site)).await;
    company.hire("manager", (holdfast_server::identity::Role::SiteManager, company.site)).await;
    let sent = async |client: &Client, path: &str| {
        let sent = send(client, path, png(4, 3, 1)).await;
        (sent.status.as_u16(), if sent.status.is_success() { String::new() } else { sent.code() })
    };
    let stranger = Client::of(company.router.clone());
    assert_eq!(sent(&stranger, IMAGE).await, (401, "not_signed_in".to_owned()));
    let mut bare = Request::builder().method(Method::POST).uri(IMAGE).header(header::HOST, "holdfast.test").header(header::CONTENT_TYPE, BYTES);
    bare = bare.header(header::COOKIE, owner.cookie().unwrap());
    let answer = company.router.clone().oneshot(bare.body(Body::from(png(4, 3, 1))).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN, "without the token of the session");
    for (name, path, status, code) in [
        ("cashier", IMAGE, 403, "permission_missing"),
        ("viewer", IMAGE, 403, "permission_missing"),
        ("manager", "/api/v1/procurement/suppliers/files/contract", 403, "permission_missing"),
        ("coordinator", IMAGE, 200, ""),
        ("manager", IMAGE, 200, ""),
    ] {
        let client = company.sign_in(name).await.0;
        assert_eq!(sent(&client, path).await, (status, code.to_owned()), "{name}");
    }
    let gone = send(&owner, &format!("{PRODUCTS}/files/name"), png(4, 3, 1)).await;
    assert_eq!(gone.status.as_u16(), 404, "no other field is a file");
}

#[tokio::test]
async fn who_uploads_what_no_record_names_is_bounded_and_so_is_a_company() {
    let (company, owner) = company().await;
    let account = company.sign_in("owner").await.1.account;
    let mut tx = company.test.tenant(company.tenant).await;
    let many = "with kept as (insert into files (tid, sha256, bytes, media_type) select $1, sha256(n::text::bytea), 1000, 'application/pdf' from generate_series(1, 100) as n returning tid, sha256)
        insert into file_holders (tid, account, sha256) select tid, $2, sha256 from kept";
    sqlx::query(many).bind(company.tenant.0).bind(account.0).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(refused(&send(&owner, IMAGE, png(4, 3, 1)).await), (507, "file_account_limit".to_owned()));
    let mut app = company.app.clone();
    app.files.quota_bytes = 100_050;
    let small = owner.elsewhere(holdfast_server::http::router(app, holdfast_server::http::Limits::default()));
    let mut tx = company.test.tenant(company.tenant).await;
    sqlx::query("delete from file_holders").execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(refused(&send(&small, IMAGE, png(4, 3, 1)).await), (507, "file_quota_reached".to_owned()));
    image(&owner, 1).await;
}
