//! The way back of a refusal, in the browser's own database.

use crate::support::{Till, clocks, enrolled, load_queue, tap};
use holdfast_app::device::clock;
use holdfast_app::device::store::{self, Access, Key, Records, Transaction};
use holdfast_app::engine::protocol::TaskEntry;
use holdfast_app::engine::sync_view;
use holdfast_app::engine::till::{self, Wanted};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{DocumentId, Epoch, Timestamp};
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::cbor;
use holdfast_sync::envelope::Header;
use holdfast_sync::kind::Audience;
use holdfast_sync::replica::{OutboxRow, OutboxState, StoredDocument};
use holdfast_sync::wire::{Answer, Entry, PullResponse};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use wasm_bindgen_test::wasm_bindgen_test;

async fn scan(till: &Till, code: &str) {
    till::add(&till.core, (&till.store, tap()), (&Wanted::Code(code.to_owned()), Decimal::ONE)).await.unwrap();
}

/// A till with an open ticket of a baguette and an espresso; the rows of the ticket.
async fn with_a_ticket() -> (Till, DocumentId, Vec<OutboxRow>) {
    let till = enrolled().await;
    till::open_session(&till.core, (&till.store, tap()), 0).await.unwrap();
    scan(&till, "9521234543213").await;
    scan(&till, "96385074").await;
    let rows: Vec<_> = load_queue(&till.store).await.unwrap().into_iter().filter(|row| row.kind == "sales.ticket").collect();
    let names: Vec<_> = rows.iter().map(|row| row.intent.as_str()).collect();
    assert_eq!(names, ["sales.ticket.open", "sales.ticket.add_line", "sales.ticket.add_line"]);
    (till, rows[0].document, rows)
}

fn refused(code: &str) -> Answer {
    Answer::Refused { code: code.to_owned() }
}

async fn lines(till: &Till) -> Vec<String> {
    let ticket = till::state(&till.core, &till.store).await.unwrap().ticket;
    ticket.map(|ticket| ticket.lines.into_iter().map(|line| line.name).collect()).unwrap_or_default()
}

async fn total(till: &Till) -> i64 {
    till::state(&till.core, &till.store).await.unwrap().ticket.map_or(0, |ticket| ticket.total_minor)
}

#[wasm_bindgen_test]
async fn a_refused_line_falls_and_the_one_after_it_is_replayed_in_the_next_number_of_the_chain() {
    let (till, document, rows) = with_a_ticket().await;
    let replayed = store::answer(&till.store, &KINDS, vec![(rows[1].seq, refused("not_permitted"))], clocks()).await.unwrap();
    assert!(replayed);
    assert_eq!(lines(&till).await, ["Espresso"]);
    let after = load_queue(&till.store).await.unwrap();
    let again = after.last().unwrap();
    let (was, is): (Header, Header) = (cbor::decode(&rows[2].header.0).unwrap(), cbor::decode(&again.header.0).unwrap());
    assert_eq!((is.intent_id, &is.intent, &is.author, is.wall_time_ms), (was.intent_id, &was.intent, &was.author, was.wall_time_ms));
    assert_eq!((is.device_seq, is.prev), (was.device_seq + 1, Some(Digest32::of(&rows[2].header.0))));
    assert_eq!((again.state.clone(), again.signature.clone()), (OutboxState::Saved, None));
    // What is done next goes on from there, in another tab as well.
    let other = till.another_tab().await;
    scan(&other, "9521234543213").await;
    assert_eq!(lines(&till).await, ["Espresso", "Baguette"]);
    let last: Header = cbor::decode(&load_queue(&till.store).await.unwrap().last().unwrap().header.0).unwrap();
    assert_eq!((last.device_seq, last.prev), (is.device_seq + 1, Some(Digest32::of(&again.header.0))));

    let view = sync_view::read(&till.core).await.unwrap();
    assert_eq!(view.tasks.len(), 1, "{:?}", view.tasks);
    let task = &view.tasks[0];
    assert_eq!((task.document, task.code.as_str()), (document, "refused.not_permitted"));
    let entry = TaskEntry {
        intent: "sales.ticket.add_line".to_owned(),
        by: "Ana".to_owned(),
        what: "1 × Baguette".to_owned(),
        amount_minor: None,
        openable: true,
    };
    assert_eq!(task.entry, Some(entry));
    let exported: serde_json::Value = serde_json::from_str(&sync_view::export(&till.core, &task.id).await.unwrap()).unwrap();
    assert_eq!(exported["intent_id"], rows[1].intent_id.to_string());
    assert_eq!((&exported["intent"]["name"], &exported["reason"]), (&"sales.ticket.add_line".into(), &"not_permitted".into()));
    sync_view::dismiss(&till.core, &task.id).await.unwrap();
    assert!(sync_view::read(&till.core).await.unwrap().tasks.is_empty());
    assert!(load_queue(&till.store).await.unwrap().iter().all(|row| row.intent_id != rows[1].intent_id), "it is gone");
}

#[wasm_bindgen_test]
async fn a_document_that_cannot_be_read_holds_up_no_answer() {
    let (till, document, rows) = with_a_ticket().await;
    let damage = async |transaction: &Transaction| {
        let stored: Option<StoredDocument> = transaction.get(Records::Documents, Key::document(document)).await?;
        let damaged = StoredDocument { saved: Bytes(vec![1, 2, 3]), ..stored.unwrap() };
        transaction.put(Records::Documents, Key::document(document), &damaged)
    };
    till.store.transact(&[Records::Documents], Access::Strict, damage).await.unwrap();
    let answers = vec![(rows[0].seq, Answer::Accepted { position: 1 }), (rows[1].seq, refused("not_permitted"))];
    assert!(!store::answer(&till.store, &KINDS, answers, clocks()).await.unwrap());
    let states: Vec<_> = load_queue(&till.store).await.unwrap().into_iter().filter(|row| row.document == document).map(|row| row.state).collect();
    assert!(states.iter().any(|state| matches!(state, OutboxState::Attention(_))), "{states:?}");
    assert!(!states.iter().any(|state| matches!(state, OutboxState::Accepted { .. })), "what was accepted has left the queue");
}

#[wasm_bindgen_test]
async fn what_cannot_be_replayed_is_kept_to_read() {
    let (till, _, rows) = with_a_ticket().await;
    store::answer(&till.store, &KINDS, vec![(rows[0].seq, refused("not_permitted"))], clocks()).await.unwrap();
    assert!(lines(&till).await.is_empty());
    let view = sync_view::read(&till.core).await.unwrap();
    let mut codes: Vec<_> = view.tasks.iter().map(|task| task.code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["fallen.ticket_not_opened", "fallen.ticket_not_opened", "refused.not_permitted"]);
    assert!(view.tasks.iter().all(|task| task.entry.as_ref().is_some_and(|entry| !entry.openable)), "nothing is left to open");
    scan(&till, "9521234543213").await;
    assert_eq!(lines(&till).await, ["Baguette"], "the next sale begins a new ticket");
}

#[wasm_bindgen_test]
async fn a_held_line_that_the_office_releases_comes_back_by_the_feed() {
    let (till, document, rows) = with_a_ticket().await;
    let held = Answer::Held { code: "facts_differ_from_intent".to_owned() };
    let accepted = (rows[0].seq, Answer::Accepted { position: 1 });
    store::answer(&till.store, &KINDS, vec![accepted, (rows[1].seq, held)], clocks()).await.unwrap();
    assert_eq!(lines(&till).await, ["Espresso"]);
    let row = &rows[1];
    let entry = Entry::Change {
        position: 9,
        document,
        kind: row.kind.clone(),
        change: row.change.clone(),
        intent_id: row.intent_id,
        audiences: None,
        proof: None,
    };
    let page = PullResponse {
        epoch: Epoch::from_bytes([1; 16]),
        entries: vec![entry],
        cursors: BTreeMap::from([(Audience::Tenant, 9)]),
        more: false,
        server_time_ms: Timestamp(clock::now().0),
        grants: Vec::new(),
    };
    let taken = till.own().receive(&till.store, (&KINDS, &page), clock::now()).await.unwrap().0;
    assert!(!taken.rebuilt);
    let mut both = lines(&till).await;
    both.sort_unstable();
    assert_eq!(both, ["Baguette", "Espresso"]);
    assert!(sync_view::read(&till.core).await.unwrap().tasks.is_empty());
}

#[wasm_bindgen_test]
async fn what_rests_on_a_replay_that_a_release_made_void_is_replayed_once_more() {
    let (till, document, rows) = with_a_ticket().await;
    let whole = total(&till).await;
    let espresso = whole - 110;
    let held = |code: &str| Answer::Held { code: code.to_owned() };
    let answers = vec![(rows[0].seq, Answer::Accepted { position: 1 }), (rows[1].seq, held("grant_revoked")), (rows[2].seq, held("depends_on_held"))];
    assert!(store::answer(&till.store, &KINDS, answers, clocks()).await.unwrap(), "the second line is replayed without the first");
    scan(&till, "96385074").await;
    let queue = load_queue(&till.store).await.unwrap();
    let [replay, after] = &queue[queue.len() - 2..] else { panic!("two rows were expected: {queue:?}") };
    // Meanwhile the office released the first line, and the second followed it in its first envelope.
    let answers =
        vec![(replay.seq, Answer::Duplicate { first: Box::new(Answer::Accepted { position: 3 }) }), (after.seq, refused("depends_on_refused"))];
    assert!(!store::answer(&till.store, &KINDS, answers, clocks()).await.unwrap());
    assert!(sync_view::read(&till.core).await.unwrap().tasks.iter().all(|task| task.code != "fallen.depends_on_refused"));
    let change = |row: &OutboxRow, position| Entry::Change {
        position,
        document,
        kind: row.kind.clone(),
        change: row.change.clone(),
        intent_id: row.intent_id,
        audiences: None,
        proof: None,
    };
    let page = PullResponse {
        epoch: Epoch::from_bytes([1; 16]),
        entries: vec![change(&rows[1], 2), change(&rows[2], 3)],
        cursors: BTreeMap::from([(Audience::Tenant, 3)]),
        more: false,
        server_time_ms: Timestamp(clock::now().0),
        grants: Vec::new(),
    };
    assert!(till.own().receive(&till.store, (&KINDS, &page), clock::now()).await.unwrap().0.rebuilt);
    assert_eq!(total(&till).await, whole + espresso);
    let again = load_queue(&till.store).await.unwrap().into_iter().find(|row| row.intent_id == after.intent_id).unwrap();
    assert_eq!((again.state, again.fallen), (OutboxState::Saved, None));
    assert!(sync_view::read(&till.core).await.unwrap().tasks.is_empty());
}

#[wasm_bindgen_test]
async fn what_the_feed_tells_of_an_intent_is_asked_about_and_the_answer_followed() {
    let (till, _, rows) = with_a_ticket().await;
    let unsigned = store::unsigned(&till.store, 0).await.unwrap();
    store::sign(&till.store, unsigned.into_iter().map(|row| (row.seq, vec![7; 64])).collect()).await.unwrap();
    let waiting = Answer::Waiting { missing: Vec::new() };
    store::answer(&till.store, &KINDS, vec![(rows[1].seq, waiting)], clocks()).await.unwrap();
    let asked = async || store::next_to_push(&till.store, 0).await.unwrap().iter().any(|row| row.seq == rows[1].seq);
    assert!(!asked().await, "it waits at the server");
    let told = Entry::Answer { position: 4, intent_id: rows[1].intent_id, answer: refused("not_permitted") };
    let page = PullResponse {
        epoch: Epoch::from_bytes([1; 16]),
        entries: vec![told],
        cursors: BTreeMap::from([(Audience::Tenant, 4)]),
        more: false,
        server_time_ms: Timestamp(clock::now().0),
        grants: Vec::new(),
    };
    assert!(
        !till.own().receive(&till.store, (&KINDS, &page), clock::now()).await.unwrap().0.rebuilt,
        "it may speak of one that this took the place of"
    );
    assert!(asked().await);
    let repeat = Answer::Duplicate { first: Box::new(refused("not_permitted")) };
    assert!(store::answer(&till.store, &KINDS, vec![(rows[1].seq, repeat)], clocks()).await.unwrap());
    assert_eq!(lines(&till).await, ["Espresso"]);
    assert!(!store::rebuild_fallen(&till.store, &KINDS).await.unwrap(), "nothing is left to do");
}
