//! Files in a bucket that speaks S3: a real server of that protocol, reached over a wire that can be cut.

use super::super::company;
use super::{PRODUCTS, file_of, image, png, product, refused, send, upload};
use crate::support::{Client, Company, Program, as_described};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use holdfast_server::files::{Bucket, ObjectFiles};
use holdfast_server::http::{App, Limits, router};
use holdfast_server::sync::Retention;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

const KEY: &str = "holdfast";
const SECRET: &str = "kelp holds to its rock";
const IMAGE: &str = "/api/v1/catalog/products/files/image?name=chai.png";
/// As many bytes as anybody sends.
const ALL: u64 = u64::MAX;

/// A store, and the wire to it.
struct Store {
    folder: TempDir,
    address: SocketAddr,
    /// How many bytes pass in one connection before it is cut: from us, to us.
    passing: Arc<[AtomicU64; 2]>,
}

impl Store {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("files")).unwrap();
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = builder.build();
        let asked = move |request: Request| answer(service.clone(), request);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let behind = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, Router::new().fallback(asked)).into_future());
        let wire = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = wire.local_addr().unwrap();
        let passing: Arc<[AtomicU64; 2]> = Arc::new([AtomicU64::new(ALL), AtomicU64::new(ALL)]);
        let of_wire = Arc::clone(&passing);
        tokio::spawn(async move {
            while let Ok((from, _)) = wire.accept().await {
                let [up, down] = [&of_wire[0], &of_wire[1]].map(|passing| passing.load(Ordering::SeqCst));
                tokio::spawn(pass(from, behind, (up, down)));
            }
        });
        Self { folder, address, passing }
    }

    fn cut(&self, up: u64, down: u64) {
        self.passing[0].store(up, Ordering::SeqCst);
        self.passing[1].store(down, Ordering::SeqCst);
    }

    fn files(&self, secret: &str) -> ObjectFiles {
        ObjectFiles::in_bucket(&Bucket {
            name: "files".to_owned(),
            endpoint: Some(format!("http://{}", self.address)),
            region: "eu-west-3".to_owned(),
            credentials: (KEY.to_owned(), secret.to_owned()),
        })
        .unwrap()
    }

    /// The same company's server, which keeps its files there.
    fn serve(&self, company: &Company, owner: &Client) -> (App, Client) {
        self.serve_with(SECRET, company, owner)
    }

    fn serve_with(&self, secret: &str, company: &Company, owner: &Client) -> (App, Client) {
        let mut app = company.app.clone();
        app.files.store = self.files(secret);
        let client = owner.elsewhere(as_described(router(app.clone(), Limits::default())));
        (app, client)
    }

    /// The objects that are there.
    fn objects(&self, company: &Company) -> Vec<String> {
        let folder = self.folder.path().join("files").join(company.tenant.to_string());
        let names = std::fs::read_dir(folder).into_iter().flatten().map(|file| file.unwrap().file_name().into_string().unwrap());
        names.collect()
    }
}

async fn answer(service: S3Service, request: Request) -> Response {
    match service.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => panic!("{error:?}"),
    }
}

/// Passes bytes on in both directions, and cuts the wire after so many in either.
async fn pass(from: TcpStream, to: SocketAddr, (up, down): (u64, u64)) {
    let Ok(to) = TcpStream::connect(to).await else { return };
    let ((from_reads, mut from_writes), (to_reads, mut to_writes)) = (from.into_split(), to.into_split());
    let (mut sent, mut told) = (from_reads.take(up), to_reads.take(down));
    tokio::select! {
        _ = tokio::io::copy(&mut sent, &mut to_writes) => {}
        _ = tokio::io::copy(&mut told, &mut from_writes) => {}
    }
    drop(to_writes.shutdown().await);
}

async fn known(company: &Company) -> i64 {
    let mut tx = company.test.tenant(company.tenant).await;
    sqlx::query_scalar("select count(*) from files").fetch_one(tx.connection()).await.unwrap()
}

#[tokio::test]
async fn files_lie_in_the_bucket_and_are_thrown_away_there() {
    let (company, owner) = company().await;
    let store = Store::open().await;
    let (app, owner) = store.serve(&company, &owner);
    let (first, second) = (image(&owner, 1).await, image(&owner, 2).await);
    let made = product(&owner, "Chai", &first).await;
    assert_eq!(owner.get(&file_of(PRODUCTS, made.id, "image")).await.body, png(4, 3, 1));
    assert_eq!(store.objects(&company).len(), 2);
    assert!(std::fs::read_dir(company.test.files_folder()).unwrap().next().is_none(), "nothing lies in the folder");
    // Of many bytes as well.
    let large = [b"%PDF-1.7\n".as_slice(), &vec![7; 6 << 20], b"%%EOF"].concat();
    let paper = upload(&owner, "/api/v1/procurement/suppliers/files/contract?name=a.pdf", large.clone()).await;
    let supplier = super::make(&owner, super::super::SUPPLIERS, json!({ "name": "Exotic", "contract": paper })).await;
    assert!(owner.get(&file_of(super::super::SUPPLIERS, supplier.id, "contract")).await.body == large);
    let retention = Retention::of(&app);
    retention.sweep().await.unwrap();
    company.test.world.pass(Duration::from_hours(24 * 31));
    retention.sweep().await.unwrap();
    let left = store.objects(&company);
    assert!(left.len() == 2 && !left.contains(&second["sha256"].as_str().unwrap().to_owned()), "{left:?}");
}

#[tokio::test]
async fn a_store_that_does_not_know_us_or_is_away_is_told_of_and_nothing_counts() {
    let (company, owner) = company().await;
    let store = Store::open().await;
    let unavailable = (503, "files_unavailable".to_owned());
    let (_app, stranger) = store.serve_with("another secret", &company, &owner);
    let refusal = send(&stranger, IMAGE, png(4, 3, 1)).await;
    assert_eq!((refused(&refusal), refusal.headers["retry-after"].to_str().unwrap()), (unavailable.clone(), "10"));
    assert!(!String::from_utf8_lossy(&refusal.body).contains(SECRET));
    let mut gone = company.app.clone();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    gone.files.store = Store { address: nobody, folder: tempfile::tempdir().unwrap(), passing: Arc::clone(&store.passing) }.files(SECRET);
    let away = owner.elsewhere(as_described(router(gone, Limits::default())));
    assert_eq!(refused(&send(&away, IMAGE, png(4, 3, 1)).await), unavailable);
    assert_eq!((known(&company).await, store.objects(&company).len()), (0, 0));
    // What is there cannot be read meanwhile, and is there again afterwards.
    let (app, well) = store.serve(&company, &owner);
    let made = product(&well, "Chai", &image(&well, 1).await).await;
    let address = file_of(PRODUCTS, made.id, "image");
    for elsewhere in [&stranger, &away] {
        assert_eq!(refused(&elsewhere.get(&address).await), unavailable);
    }
    assert_eq!(well.get(&address).await.status.as_u16(), 200);
    // Nor is anything forgotten that cannot be thrown away.
    super::change(&well, (PRODUCTS, made.id, 1), json!({ "image": Value::Null })).await;
    let mut lost = app.clone();
    lost.files.store = store.files("another secret");
    for retention in [Retention::of(&app), Retention::of(&lost)] {
        retention.sweep().await.unwrap();
        company.test.world.pass(Duration::from_hours(24 * 31));
    }
    assert_eq!((known(&company).await, store.objects(&company).len()), (1, 1));
    Retention::of(&app).sweep().await.unwrap();
    assert_eq!((known(&company).await, store.objects(&company).len()), (0, 0));
}

#[tokio::test]
async fn what_is_cut_off_on_its_way_to_the_store_or_back_never_counts_as_whole() {
    let (company, owner) = company().await;
    let store = Store::open().await;
    let (_app, owner) = store.serve(&company, &owner);
    let unavailable = (503, "files_unavailable".to_owned());
    let large =
        [&png(4, 3, 1)[..33], &(3_u32 << 20).to_be_bytes(), b"IDAT", &vec![7; 3 << 20], &[0; 4], &png(4, 3, 1)[png(4, 3, 1).len() - 12..]].concat();
    // On its way there.
    store.cut(1 << 20, ALL);
    assert_eq!(refused(&send(&owner, IMAGE, large.clone()).await), unavailable);
    assert_eq!(known(&company).await, 0);
    // It came, and the answer did not: it is sent again, and is the same file.
    store.cut(ALL, 20);
    assert_eq!(refused(&send(&owner, IMAGE, large.clone()).await), unavailable);
    assert_eq!(known(&company).await, 0);
    store.cut(ALL, ALL);
    let said = upload(&owner, IMAGE, large.clone()).await;
    let made = product(&owner, "Chai", &said).await;
    // On its way back.
    let address = file_of(PRODUCTS, made.id, "image");
    let (_app, again) = store.serve(&company, &owner);
    store.cut(ALL, 1 << 20);
    let answer = again.get(&address).await;
    assert_ne!(answer.status.as_u16(), 200);
    assert_eq!(refused(&answer), unavailable);
    store.cut(ALL, ALL);
    assert!(owner.get(&address).await.body == large);
}

#[tokio::test]
async fn what_somebody_changed_in_the_store_is_not_shown() {
    let (company, owner) = company().await;
    let store = Store::open().await;
    let (_app, owner) = store.serve(&company, &owner);
    let made = product(&owner, "Chai", &image(&owner, 1).await).await;
    let object = store.folder.path().join("files").join(company.tenant.to_string()).join(made.values["image"]["sha256"].as_str().unwrap());
    let mut bytes = std::fs::read(&object).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&object, bytes).unwrap();
    assert_eq!(refused(&owner.get(&file_of(PRODUCTS, made.id, "image")).await), (404, "file_lost".to_owned()));
}

#[test]
fn a_bucket_without_its_credentials_ends_the_start_in_words() {
    let data = tempfile::tempdir().unwrap();
    let said = Program::refused_with(data.path(), &["--s3-bucket", "files"]);
    assert!(said.contains("HOLDFAST_S3_ACCESS_KEY_ID and HOLDFAST_S3_SECRET_ACCESS_KEY"), "{said}");
}
