//! What the feed brings, and what the server answers.

use crate::support::{SITE, Till, clocks, enrolled, load_queue, tap};
use holdfast_app::device::store::{self, Access, Key, Records, StoreError, Transaction};
use holdfast_app::device::{clock, ids};
use holdfast_app::engine::protocol::Progress;
use holdfast_app::engine::sync_view;
use holdfast_app::engine::till::{self, Wanted};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{DocumentId, Epoch, TillId, Timestamp};
use holdfast_domain::sales::till_session::{TILL_SESSIONS_VIEW, TillSessionRow};
use holdfast_sync::kind::Audience;
use holdfast_sync::replica::{OutboxRow, OutboxState, next_push};
use holdfast_sync::wire::{Answer, Entry, MAX_PUSH, PullResponse, ReferenceRow};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use wasm_bindgen_test::wasm_bindgen_test;

const EPOCH: Epoch = Epoch::from_bytes([1; 16]);
const RESTORED: Epoch = Epoch::from_bytes([2; 16]);

async fn sell(till: &Till) -> DocumentId {
    till::add(&till.core, (&till.store, tap()), (&Wanted::Code("9521234543213".to_owned()), Decimal::ONE)).await.unwrap();
    till::pay_cash(&till.core, (&till.store, tap()), 110).await.unwrap().document
}

async fn with_a_sale() -> (Till, DocumentId) {
    let till = enrolled().await;
    till::open_session(&till.core, (&till.store, tap()), 0).await.unwrap();
    let sold = sell(&till).await;
    (till, sold)
}

fn page(epoch: Epoch, entries: Vec<Entry>) -> PullResponse {
    let cursors = BTreeMap::from([(Audience::Tenant, 7), (Audience::Site(SITE.0), 7)]);
    PullResponse { epoch, entries, cursors, more: false, server_time_ms: Timestamp(clock::now().0 + 60_000), grants: Vec::new() }
}

/// The till's changes as the feed gives them to others.
async fn as_feed(till: &Till) -> Vec<Entry> {
    let rows = load_queue(&till.store).await.unwrap();
    let entry = |row: OutboxRow| Entry::Change {
        position: row.seq,
        document: row.document,
        kind: row.kind,
        change: row.change,
        intent_id: row.intent_id,
        audiences: None,
        proof: None,
    };
    rows.into_iter().map(entry).collect()
}

async fn accepted(till: &Till) -> u32 {
    let count = async |transaction: &Transaction| transaction.count(Records::Accepted).await;
    till.store.transact(&[Records::Accepted], Access::Read, count).await.unwrap()
}

async fn progress(till: &Till, document: DocumentId) -> Progress {
    till::ticket(&till.core, &till.store, document).await.unwrap().progress
}

#[wasm_bindgen_test]
async fn a_device_that_starts_asks_once_more_about_what_waited_at_the_server() {
    let (till, _) = with_a_sale().await;
    let rows: Vec<_> = load_queue(&till.store).await.unwrap();
    store::sign(&till.store, rows.iter().map(|row| (row.seq, vec![7; 64])).collect()).await.unwrap();
    store::mark_sent(&till.store, &rows.iter().map(|row| row.seq).collect::<Vec<_>>(), &BTreeMap::new()).await.unwrap();
    let waiting = rows.iter().map(|row| (row.seq, Answer::Waiting { missing: Vec::new() })).collect();
    store::answer(&till.store, &KINDS, waiting, clocks()).await.unwrap();
    assert!(store::next_to_push(&till.store, 0).await.unwrap().is_empty(), "it waits for the feed's word");
    store::resume(&till.store).await.unwrap();
    assert_eq!(store::next_to_push(&till.store, 0).await.unwrap().len(), rows.len());
}

#[wasm_bindgen_test]
async fn a_sale_made_elsewhere_is_seen_here_and_a_page_that_comes_twice_changes_nothing() {
    let (elsewhere, sold) = with_a_sale().await;
    let here = enrolled().await;
    let page = page(EPOCH, as_feed(&elsewhere).await);
    for _ in 0..2 {
        let taken = here.own().receive(&here.store, (&KINDS, &page), clock::now()).await.unwrap().0;
        assert!(taken.received.unreadable.is_empty());
        let ticket = till::ticket(&here.core, &here.store, sold).await.unwrap();
        assert_eq!((ticket.total_minor, ticket.receipt_number.as_deref(), ticket.progress), (110, Some("41"), Progress::Accepted));
    }
    let chain: Option<holdfast_sync::replica::ChainHead> = {
        let read = async |transaction: &Transaction| transaction.get(Records::Meta, store::CHAIN).await;
        here.store.transact(&[Records::Meta], Access::Read, read).await.unwrap()
    };
    let chain = chain.unwrap();
    assert_eq!((chain.feed.epoch, chain.feed.cursors), (Some(EPOCH), page.cursors));
    assert!((59_000..=60_000).contains(&chain.clock_offset_ms), "the clock is corrected by the server's");
}

#[wasm_bindgen_test]
async fn an_answer_moves_a_change_on_and_what_is_final_stays_final() {
    let (till, sold) = with_a_sale().await;
    assert_eq!(progress(&till, sold).await, Progress::SavedHere);
    let rows = load_queue(&till.store).await.unwrap();
    let all = |answer: Answer| rows.iter().map(|row| (row.seq, answer.clone())).collect::<Vec<_>>();
    store::mark_sent(&till.store, &rows.iter().map(|row| row.seq).collect::<Vec<_>>(), &BTreeMap::new()).await.unwrap();
    assert_eq!(progress(&till, sold).await, Progress::Sent);
    let accepted_once = Answer::Duplicate { first: Box::new(Answer::Accepted { position: 3 }) };
    store::answer(&till.store, &KINDS, all(accepted_once), clocks()).await.unwrap();
    store::answer(&till.store, &KINDS, all(Answer::Held { code: "grant_revoked".to_owned() }), clocks()).await.unwrap();
    assert_eq!(progress(&till, sold).await, Progress::Accepted);
    assert_eq!((load_queue(&till.store).await.unwrap().len(), accepted(&till).await), (0, 4));
}

#[wasm_bindgen_test]
async fn a_lost_answer_is_made_good_by_the_feed() {
    let (till, sold) = with_a_sale().await;
    till.own().receive(&till.store, (&KINDS, &page(EPOCH, as_feed(&till).await)), clock::now()).await.unwrap();
    assert_eq!(progress(&till, sold).await, Progress::Accepted);
    assert!(load_queue(&till.store).await.unwrap().is_empty());
}

#[wasm_bindgen_test]
async fn a_server_back_from_a_backup_is_offered_everything_again() {
    let (till, sold) = with_a_sale().await;
    till.own().receive(&till.store, (&KINDS, &page(EPOCH, as_feed(&till).await)), clock::now()).await.unwrap();
    let taken = till.own().receive(&till.store, (&KINDS, &page(RESTORED, Vec::new())), clock::now()).await.unwrap().0;
    assert!(taken.epoch_changed);
    assert_eq!((load_queue(&till.store).await.unwrap().len(), accepted(&till).await), (4, 0));
    assert_eq!(progress(&till, sold).await, Progress::Sent);
}

#[wasm_bindgen_test]
async fn rows_of_a_past_that_did_not_happen_give_way_to_the_restored_ones() {
    let till = enrolled().await;
    let row = |version| ReferenceRow { kind: "catalog.price".to_owned(), id: uuid::Uuid::from_u128(4), version, body: None };
    let versions = async || {
        let read = async |transaction: &Transaction| transaction.all::<ReferenceRow>(Records::Rows).await;
        let rows = till.store.transact(&[Records::Rows], Access::Read, read).await.unwrap();
        rows.iter().filter(|row| row.id == uuid::Uuid::from_u128(4)).map(|row| row.version).collect::<Vec<_>>()
    };
    for (epoch, version, kept) in [(EPOCH, 5, 5), (EPOCH, 3, 5), (RESTORED, 4, 4)] {
        let entries = vec![Entry::Row { position: version, row: row(version), audience: None }];
        till.own().receive(&till.store, (&KINDS, &page(epoch, entries)), clock::now()).await.unwrap();
        assert_eq!(versions().await, [kept], "after version {version}");
    }
}

#[wasm_bindgen_test]
async fn more_than_one_stride_of_accepted_changes_is_forgotten_at_once() {
    let till = enrolled().await;
    till::open_session(&till.core, (&till.store, tap()), 0).await.unwrap();
    let one = load_queue(&till.store).await.unwrap().remove(0);
    let put = async |transaction: &Transaction| {
        for seq in 1..=1_100 {
            let row = OutboxRow { seq, state: OutboxState::Accepted { at: Timestamp(0) }, ..one.clone() };
            transaction.put(Records::Accepted, Key::Number(seq), &row)?;
        }
        Ok::<_, StoreError>(())
    };
    till.store.transact(&[Records::Accepted], Access::Relaxed, put).await.unwrap();
    store::prune_accepted(&till.store, clock::now()).await.unwrap();
    assert_eq!(accepted(&till).await, 0);
}

#[wasm_bindgen_test]
async fn accepted_changes_are_forgotten_after_fourteen_days_and_not_before() {
    let (till, _) = with_a_sale().await;
    till.own().receive(&till.store, (&KINDS, &page(EPOCH, as_feed(&till).await)), clock::now()).await.unwrap();
    let day = 24 * 3_600 * 1_000;
    store::prune_accepted(&till.store, clock::now().plus_ms(13 * day)).await.unwrap();
    assert_eq!(accepted(&till).await, 4);
    store::prune_accepted(&till.store, clock::now().plus_ms(14 * day + 60_000)).await.unwrap();
    assert_eq!(accepted(&till).await, 0);
}

#[wasm_bindgen_test]
async fn signatures_are_put_on_rows_and_a_push_carries_only_signed_ones() {
    let (till, _) = with_a_sale().await;
    let push = async || next_push(&store::next_to_push(&till.store, 0).await.unwrap(), MAX_PUSH).map(|push| push.envelopes.len());
    assert_eq!(push().await, None);
    let first: Vec<_> = store::unsigned(&till.store, 0).await.unwrap().into_iter().take(2).map(|row| (row.seq, vec![7; 64])).collect();
    store::sign(&till.store, first).await.unwrap();
    assert_eq!(push().await, Some(2));
    let unsigned = async || store::unsigned(&till.store, 0).await.unwrap().iter().map(|row| row.seq).collect::<Vec<_>>();
    assert_eq!(unsigned().await, [3, 4]);
    store::mark_sent(&till.store, &[1, 3], &BTreeMap::from([(3, vec![8; 64])])).await.unwrap();
    let rows = load_queue(&till.store).await.unwrap();
    let sent = rows.iter().filter(|row| row.state == OutboxState::Sent).map(|row| (row.seq, row.signature.as_ref().unwrap().0[0]));
    assert_eq!(sent.collect::<Vec<_>>(), [(1, 7), (3, 8)], "what was not signed is, with the push that carries it");
    assert_eq!(unsigned().await, [4]);
}

#[wasm_bindgen_test]
async fn of_weeks_of_work_a_push_reads_what_it_carries_and_misses_nothing_behind_what_is_decided() {
    let (till, _) = with_a_sale().await;
    let one = load_queue(&till.store).await.unwrap().remove(0);
    let fill = async |transaction: &Transaction| -> Result<(), StoreError> {
        for seq in 1..=1_300 {
            let state = if seq <= 600 { OutboxState::Attention(Answer::Held { code: "grant_revoked".to_owned() }) } else { OutboxState::Saved };
            let row = OutboxRow { seq, state, ..one.clone() };
            transaction.put_indexed(Records::Outbox, Key::Number(seq), (&row, &[seq.to_string(), row.document.to_string()]))?;
        }
        Ok(())
    };
    till.store.transact(&[Records::Outbox], Access::Strict, fill).await.unwrap();
    let (mut after, mut signed) = (0, Vec::new());
    while let Some(last) = store::unsigned(&till.store, after).await.unwrap().last().map(|row| row.seq) {
        let rows = store::unsigned(&till.store, after).await.unwrap();
        store::sign(&till.store, rows.iter().map(|row| (row.seq, vec![7; 64])).collect()).await.unwrap();
        signed.extend(rows.into_iter().map(|row| row.seq));
        after = last;
    }
    assert_eq!(signed, (601..=1_300).collect::<Vec<u64>>());
    let push: Vec<_> = store::next_to_push(&till.store, 0).await.unwrap().into_iter().map(|row| row.seq).collect();
    assert_eq!(push, (601..=1_100).collect::<Vec<u64>>());
}

#[wasm_bindgen_test]
async fn what_the_server_rules_on_this_tills_sessions_is_a_task_here_and_what_it_only_notes_is_not() {
    let (till, _) = with_a_sale().await;
    let rule = async |transaction: &Transaction| -> Result<(), StoreError> {
        let page: Vec<(String, TillSessionRow)> = transaction.view_page(TILL_SESSIONS_VIEW, None, 10).await?;
        let (key, own) = page.into_iter().next().unwrap();
        let rulings = vec!["expected_differs".to_owned(), "time_clamped".to_owned()];
        let ruled = TillSessionRow { rulings, ..own };
        let another = TillSessionRow { till: TillId::from(ids::fresh()), document: DocumentId::from(ids::fresh()), ..ruled.clone() };
        transaction.put(Records::Views, Key::view(TILL_SESSIONS_VIEW, &key), &ruled)?;
        transaction.put(Records::Views, Key::view(TILL_SESSIONS_VIEW, &format!("{key}-another")), &another)
    };
    till.store.transact(&[Records::Views], Access::Relaxed, rule).await.unwrap();
    let view = sync_view::read(&till.core).await.unwrap();
    let [task] = &view.tasks[..] else { panic!("{:?}", view.tasks) };
    assert_eq!((task.code.as_str(), task.entry.as_ref()), ("ruling.expected_differs", None));
    sync_view::dismiss(&till.core, &task.id).await.unwrap();
    assert!(sync_view::read(&till.core).await.unwrap().tasks.is_empty());
}
