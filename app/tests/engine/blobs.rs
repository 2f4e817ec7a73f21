//! Photos: kept with the intent that names them, sent after it, resumed where the server is, and never thrown away before the server has them.

use crate::support::{Till, clocks, enrolled, load_queue, tap};
use holdfast_app::device::clock;
use holdfast_app::device::store::{Access, Records, Store, answer};
use holdfast_app::engine::blobs::{self, BlobRecord, BlobState, download, upload};
use holdfast_app::engine::protocol::BlobView;
use holdfast_app::engine::sync::rounds;
use holdfast_app::engine::{people, sync_view, till};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{BlobRef, Epoch};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::kind::Audience;
use holdfast_sync::wire::{Answer, PullResponse};
use js_sys::{Array, Function, Reflect};
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

fn photo(n: u8, size: usize) -> Bytes {
    let noise = (4..size).map(|at| (at as u8).wrapping_mul(31).wrapping_add(n));
    Bytes([0xff, 0xd8, 0xff, 0xe0].into_iter().chain(noise).collect())
}

async fn records(store: &Store) -> Vec<BlobRecord> {
    store.transact(&[Records::Blobs], Access::Read, async |transaction| transaction.all(Records::Blobs).await).await.unwrap()
}

/// A till that was closed with these photos.
async fn closed_with(photos: &[Bytes]) -> Till {
    let till = enrolled().await;
    till::open_session(&till.core, (&till.store, tap()), 5_000).await.unwrap();
    till::close_session(&till.core, (&till.store, tap()), (5_000, photos)).await.unwrap();
    till
}

/// The server has accepted all facts.
async fn facts_arrive(till: &Till) {
    let answers = load_queue(&till.store).await.unwrap().into_iter().map(|row| (row.seq, Answer::Accepted { position: row.seq }));
    answer(&till.store, &KINDS, answers.collect(), clocks()).await.unwrap();
    till.core.reached().await.unwrap();
}

/// The other end of the line, as far as photos go: it keeps `blobs` by address, cuts the line in the answer to as many chunks as `cuts` says, refuses with `refuses`, and
/// notes what was `asked`.
fn line() -> JsValue {
    let server = Function::new_no_args(
        "const line = { blobs: {}, cuts: 0, refuses: null, asked: [] };
         globalThis.fetch = async request => {
           const address = new URL(request.url).pathname.replace('/upload', '');
           line.asked.push(`${request.method} ${request.headers.get('upload-offset') ?? ''}`);
           const say = (status, body) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
           if (line.refuses) return say(507, { code: line.refuses });
           const blob = line.blobs[address] ??= { bytes: 0, has: 0 };
           if (request.method === 'PUT') blob.bytes = (await request.json()).bytes;
           if (request.method === 'PATCH') {
             if (Number(request.headers.get('upload-offset')) !== blob.has) return say(409, { code: 'blob_offset_differs' });
             blob.has += (await request.arrayBuffer()).byteLength;
             if (line.cuts-- > 0) throw new TypeError('the line is cut');
           }
           return say(200, { offset: blob.has, complete: blob.bytes === blob.has });
         };
         return line;",
    );
    server.call0(&JsValue::UNDEFINED).unwrap()
}

fn set(line: &JsValue, name: &str, value: impl Into<JsValue>) {
    Reflect::set(line, &name.into(), &value.into()).unwrap();
}

fn asked(line: &JsValue) -> Vec<String> {
    let asked: Array = Reflect::get(line, &"asked".into()).unwrap().into();
    set(line, "asked", Array::new());
    asked.iter().map(|asked| asked.as_string().unwrap()).collect()
}

#[wasm_bindgen_test]
async fn a_photo_is_kept_with_the_closing_that_names_it_or_neither_is() {
    let till = enrolled().await;
    till::open_session(&till.core, (&till.store, tap()), 5_000).await.unwrap();
    let one = photo(1, 900);
    let close = async |photos: &[Bytes]| till::close_session(&till.core, (&till.store, tap()), (5_000, photos)).await;
    let before = load_queue(&till.store).await.unwrap().len();
    assert_eq!(close(&[one.clone(), one.clone()]).await.unwrap_err().code, "photo_twice");
    assert_eq!(close(&[Bytes(b"<html>".to_vec())]).await.unwrap_err().code, "photo_type_not_allowed");
    assert_eq!((load_queue(&till.store).await.unwrap().len(), records(&till.store).await), (before, Vec::new()));
    close(&[one.clone(), photo(2, 900)]).await.unwrap();
    let names = till::state(&till.core, &till.store).await.unwrap().closed.unwrap().photos;
    assert_eq!(names, [BlobRef::of(&one.0).unwrap(), BlobRef::of(&photo(2, 900).0).unwrap()]);
    assert_eq!(records(&till.store).await.len(), 2);
    assert_eq!(download::look(&till.core, names[0]).await.unwrap(), BlobView::Here { bytes: one }, "without a network");
}

#[wasm_bindgen_test]
async fn a_photo_that_the_server_has_not_got_is_unsent_work() {
    let till = closed_with(&[photo(3, 900)]).await;
    line();
    facts_arrive(&till).await;
    let view = sync_view::read(&till.core).await.unwrap();
    assert_eq!((view.waiting, view.queue.len(), view.blobs.len(), view.blobs[0].sent), (1, 0, 1, 0));
    let refused = people::erase(&till.core).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.values["changes"].as_str()), ("unsent_work", "1"));
}

#[wasm_bindgen_test]
async fn no_photo_goes_before_a_fact_and_a_broken_upload_goes_on_where_the_server_is() {
    let (large, small) = (photo(4, 300_000), photo(5, 900));
    let till = closed_with(&[large, small]).await;
    let line = line();
    till.core.reached().await.unwrap();
    upload::send(&till.core).await.unwrap();
    assert_eq!(asked(&line), Vec::<String>::new(), "facts wait");
    facts_arrive(&till).await;
    // The server took the chunk, and its answer is lost.
    set(&line, "cuts", 1);
    let mut broken = 0;
    while upload::send(&till.core).await.is_err() {
        broken += 1;
    }
    let asked = asked(&line);
    assert_eq!(broken, 1);
    assert!(asked.contains(&"PATCH 131072".to_owned()) && asked.contains(&"PATCH 262144".to_owned()), "{asked:?}");
    assert_eq!(asked.iter().filter(|asked| *asked == "PATCH 0").count(), 2, "once each: {asked:?}");
    assert!(records(&till.store).await.iter().all(|record| record.state == BlobState::Kept));
    assert_eq!(sync_view::read(&till.core).await.unwrap().waiting, 0);
}

#[wasm_bindgen_test]
async fn a_server_that_came_back_from_a_backup_is_offered_what_it_had_again() {
    let till = closed_with(&[photo(10, 900)]).await;
    let before = line();
    facts_arrive(&till).await;
    upload::send(&till.core).await.unwrap();
    assert_eq!(asked(&before).len(), 2);
    blobs::offer_again(&till.store).await.unwrap();
    let restored = line();
    upload::send(&till.core).await.unwrap();
    assert_eq!(asked(&restored), ["PUT ", "PATCH 0"]);
    assert_eq!(records(&till.store).await[0].state, BlobState::Kept);
}

/// What was sent before it may have been sent to a server that was restored since.
#[wasm_bindgen_test]
async fn with_the_first_page_of_all_what_was_sent_before_it_is_offered_again() {
    let till = closed_with(&[photo(11, 900)]).await;
    line();
    facts_arrive(&till).await;
    upload::send(&till.core).await.unwrap();
    let (epoch, entries, cursors) = (Epoch::from_bytes([2; 16]), Vec::new(), BTreeMap::from([(Audience::Tenant, 7)]));
    let page = PullResponse { epoch, entries, cursors, more: false, server_time_ms: clock::now(), grants: Vec::new() };
    let answered = js_sys::Uint8Array::from(holdfast_sync::cbor::encode(&page).as_slice());
    Reflect::set(&js_sys::global(), &"answered".into(), &answered).unwrap();
    let program = "globalThis.fetch = async request => new URL(request.url).pathname.endsWith('/pull')
         ? new Response(globalThis.answered, { headers: { 'content-type': 'application/cbor' } }) : new Response('{}', { status: 500 })";
    Function::new_no_args(program).call0(&JsValue::UNDEFINED).unwrap();
    for expected in [BlobState::to_send(), BlobState::Kept] {
        drop(rounds::round(&till.core).await);
        assert_eq!(records(&till.store).await[0].state, expected);
        let server = line();
        // The facts, which were sent before it as well, go first.
        facts_arrive(&till).await;
        upload::send(&till.core).await.unwrap();
        assert_eq!(asked(&server).is_empty(), expected == BlobState::Kept, "the second page is of the same epoch");
        Function::new_no_args(program).call0(&JsValue::UNDEFINED).unwrap();
    }
}

#[wasm_bindgen_test]
async fn a_photo_that_the_server_refuses_is_said_and_kept() {
    let till = closed_with(&[photo(6, 900)]).await;
    let line = line();
    facts_arrive(&till).await;
    set(&line, "refuses", "blob_quota_reached");
    upload::send(&till.core).await.unwrap();
    let view = sync_view::read(&till.core).await.unwrap();
    assert_eq!((view.waiting, view.blobs[0].refused.as_deref()), (1, Some("blob_quota_reached")));
    asked(&line);
    upload::send(&till.core).await.unwrap();
    assert_eq!(asked(&line), Vec::<String>::new(), "not at once again");
}

#[wasm_bindgen_test]
async fn what_is_not_here_is_fetched_when_somebody_looks_and_said_to_be_missing_when_it_cannot_be() {
    let till = enrolled().await;
    let (bytes, other) = (photo(7, 900), photo(8, 900));
    let blob = BlobRef::of(&bytes.0).unwrap();
    let answer_with =
        |program: &str| Function::new_no_args(&format!("globalThis.fetch = async () => {{ {program} }}")).call0(&JsValue::UNDEFINED).unwrap();
    answer_with("throw new TypeError('no network')");
    assert_eq!(download::look(&till.core, blob).await.unwrap(), BlobView::Missing { code: "offline".to_owned() });
    answer_with("return new Response(JSON.stringify({ code: 'blob_not_uploaded' }), { status: 404 })");
    assert_eq!(download::look(&till.core, blob).await.unwrap(), BlobView::Missing { code: "blob_not_uploaded".to_owned() });
    let bytes_of = |bytes: &Bytes| format!("return new Response(new Uint8Array({:?}))", bytes.0);
    answer_with(&bytes_of(&other));
    assert_eq!(
        download::look(&till.core, blob).await.unwrap(),
        BlobView::Missing { code: "offline".to_owned() },
        "something else than was asked for"
    );
    answer_with(&bytes_of(&bytes));
    assert_eq!(download::look(&till.core, blob).await.unwrap(), BlobView::Here { bytes: bytes.clone() });
    answer_with("throw new TypeError('no network')");
    assert_eq!(download::look(&till.core, blob).await.unwrap(), BlobView::Here { bytes }, "it is kept");
}

#[wasm_bindgen_test]
async fn what_was_looked_at_the_longest_ago_makes_room_and_what_is_unsent_never_does() {
    let till = closed_with(&[photo(9, 900)]).await;
    let unsent = records(&till.store).await[0].blob;
    let mut fetched = Vec::new();
    for n in 0..5 {
        let bytes = photo(100 + n, 8 * 1024 * 1024);
        let blob = BlobRef::of(&bytes.0).unwrap();
        let response = js_sys::Uint8Array::from(bytes.0.as_slice());
        Reflect::set(&js_sys::global(), &"answered".into(), &response).unwrap();
        Function::new_no_args("globalThis.fetch = async () => new Response(globalThis.answered)").call0(&JsValue::UNDEFINED).unwrap();
        assert!(matches!(download::look(&till.core, blob).await.unwrap(), BlobView::Here { .. }));
        fetched.push(blob);
    }
    let here: Vec<_> = records(&till.store).await.into_iter().map(|record| record.blob).collect();
    assert!(here.contains(&unsent) && here.contains(&fetched[4]) && !here.contains(&fetched[0]));
    assert_eq!(here.len(), 5);
    let bytes =
        till.store.transact(&[Records::BlobBytes], Access::Read, async |transaction| transaction.keys(Records::BlobBytes).await).await.unwrap();
    assert_eq!(bytes.len(), 5);
    assert_eq!(till.store.transact(&[Records::Blobs], Access::Read, blobs::unsent).await.unwrap().len(), 1);
}
