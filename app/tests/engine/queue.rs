//! What waits, however much it is: a look reads little of it at a time, nothing twice, and misses nothing that another tab did.

use crate::support::{Till, clocks, enrolled, load_queue, tap};
use holdfast_app::device::store::{self, Access, Key, Records, StoreError, Transaction, mark_outbox};
use holdfast_app::engine::core::KeptTakings;
use holdfast_app::engine::protocol::QueueState;
use holdfast_app::engine::sync_view;
use holdfast_app::engine::till::{self, Wanted};
use holdfast_domain::KINDS;
use holdfast_domain::sales::ticket::TICKETS_VIEW;
use holdfast_sync::replica::OutboxRow;
use holdfast_sync::wire::Answer;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const BAGUETTE: &str = "9521234543213";
const MIB: usize = 1024 * 1024;

async fn opened() -> Till {
    let till = enrolled().await;
    till::open_session(&till.core, (&till.store, tap()), 0).await.unwrap();
    till
}

async fn scan(till: &Till) {
    till::add(&till.core, (&till.store, tap()), (&Wanted::Code(BAGUETTE.to_owned()), Decimal::ONE)).await.unwrap();
}

async fn sell(till: &Till) {
    scan(till).await;
    till::pay_cash(&till.core, (&till.store, tap()), 110).await.unwrap();
}

async fn waiting(till: &Till) -> u32 {
    sync_view::read(&till.core).await.unwrap().waiting
}

/// The till session's tickets and what they brought, as this tab tells.
async fn sums(till: &Till) -> (u32, i64) {
    let session = till::state(&till.core, &till.store).await.unwrap().session.unwrap();
    (session.tickets, session.cash_minor)
}

/// As they are added up anew.
async fn added_up(till: &Till) -> (u32, i64) {
    sums(&till.another_tab().await).await
}

/// Makes records unreadable, and tells nobody.
async fn spoil(till: &Till, records: Records, keys: Vec<Key>) {
    let spoil = async |transaction: &Transaction| keys.iter().try_for_each(|key| transaction.put_value(records, key.clone(), &JsValue::TRUE));
    till.store.transact(&[records], Access::Strict, spoil).await.unwrap();
}

#[wasm_bindgen_test]
async fn the_look_at_what_waits_reads_a_bounded_part_of_the_queue() {
    let till = opened().await;
    let one = load_queue(&till.store).await.unwrap().remove(0);
    // 640 changes of 64 KiB: forty megabytes, and more than one stride.
    let row = OutboxRow { grant: "x".repeat(64 * 1024), ..one };
    let fill = async |transaction: &Transaction| -> Result<(), StoreError> {
        (2..=641).try_for_each(|seq| {
            let properties = [seq.to_string(), row.document.to_string()];
            transaction.put_indexed(Records::Outbox, Key::Number(seq), (&OutboxRow { seq, ..row.clone() }, &properties))
        })
    };
    till.store.transact(&[Records::Outbox], Access::Relaxed, fill).await.unwrap();
    let before = core::arch::wasm32::memory_size(0) * 64 * 1024;
    let (one, other) = futures::future::join(sync_view::read(&till.core), sync_view::read(&till.core)).await;
    let grown = core::arch::wasm32::memory_size(0) * 64 * 1024 - before;
    let view = one.unwrap();
    assert_eq!((view.waiting, view.queue.len(), view.queue[0].changes), (641, 1, 641));
    assert_eq!(other, Ok(view));
    assert!(grown < 8 * MIB, "two looks took {grown} bytes more");
}

#[wasm_bindgen_test]
async fn a_look_reads_only_what_was_recorded_since_the_one_before() {
    let till = opened().await;
    sell(&till).await;
    assert_eq!(waiting(&till).await, 4);
    spoil(&till, Records::Outbox, (1..=4).map(Key::Number).collect()).await;
    scan(&till).await;
    let view = sync_view::read(&till.core).await.unwrap();
    assert_eq!((view.waiting, view.queue.iter().map(|queued| queued.changes).collect::<Vec<_>>()), (6, vec![1, 3, 2]));
    till.store.transact(&[Records::Meta], Access::Strict, async |transaction| mark_outbox(transaction)).await.unwrap();
    assert_eq!(sync_view::read(&till.core).await.unwrap_err().code, "storage_broken", "marked, it is read as a whole");
}

#[wasm_bindgen_test]
async fn a_look_sees_what_another_tab_recorded_sent_and_heard_without_being_told() {
    let one = opened().await;
    let other = one.another_tab().await;
    assert_eq!(waiting(&one).await, 1);
    sell(&other).await;
    assert_eq!(waiting(&one).await, 4);
    store::mark_sent(&other.store, &[1, 2], &BTreeMap::new()).await.unwrap();
    let states = async |till: &Till| sync_view::read(&till.core).await.unwrap().queue.into_iter().map(|queued| queued.state).collect::<Vec<_>>();
    assert_eq!(states(&one).await, [QueueState::Sent, QueueState::Sent]);
    store::answer(&other.store, &KINDS, vec![(1, Answer::Accepted { position: 1 })], clocks()).await.unwrap();
    assert_eq!(waiting(&one).await, 3);
    let held = vec![(4, Answer::Held { code: "grant_revoked".to_owned() })];
    store::answer(&other.store, &KINDS, held, clocks()).await.unwrap();
    let view = sync_view::read(&one.core).await.unwrap();
    assert_eq!((view.waiting, view.tasks.len()), (2, 1));
    assert_eq!(sync_view::read(&other.core).await.unwrap().tasks, view.tasks);
}

#[wasm_bindgen_test]
async fn a_sale_is_added_to_the_sums_of_the_day_without_reading_the_day_again() {
    let till = opened().await;
    sell(&till).await;
    assert_eq!(sums(&till).await, (1, 110));
    let keys = async |transaction: &Transaction| -> Result<_, StoreError> {
        let page: Vec<(String, holdfast_domain::sales::ticket::TicketRow)> = transaction.view_page(TICKETS_VIEW, None, 10).await?;
        Ok(page.into_iter().map(|(key, _)| Key::view(TICKETS_VIEW, &key)).collect::<Vec<_>>())
    };
    let keys = till.store.transact(&[Records::Views], Access::Read, keys).await.unwrap();
    assert_eq!(keys.len(), 1);
    spoil(&till, Records::Views, keys).await;
    sell(&till).await;
    assert_eq!(sums(&till).await, (2, 220));
}

#[wasm_bindgen_test]
async fn an_act_is_done_also_where_what_it_shows_cannot_be_read() {
    let till = opened().await;
    spoil(&till, Records::People, vec![Key::from("a colleague")]).await;
    let scanned = till::add(&till.core, (&till.store, tap()), (&Wanted::Code("9521234543213".to_owned()), Decimal::ONE)).await;
    assert_eq!(scanned.unwrap_err().code, "storage_broken");
    assert_eq!(load_queue(&till.store).await.unwrap().len(), 3, "the till's opening, the ticket's, and the line");
}

#[wasm_bindgen_test]
async fn the_sums_of_the_day_are_exact_while_tabs_sell_at_once_and_whoever_reads_meanwhile() {
    let till = opened().await;
    let other = till.another_tab().await;
    for sold in 0..4 {
        scan(&till).await;
        let pay = till::pay_cash(&till.core, (&till.store, tap()), 110);
        let (paid, _, read, _) = futures::future::join4(pay, sums(&till), sums(&till), sums(&other)).await;
        paid.unwrap();
        assert!((2 * sold..=2 * sold + 1).contains(&read.0), "with the sale or without it");
        assert_eq!(sums(&till).await, added_up(&till).await);
        // It tells nobody: so does one that dies between the sale and its message.
        sell(&other).await;
        assert_eq!(sums(&till).await, (2 * sold + 2, i64::from(2 * sold + 2) * 110));
        assert_eq!(sums(&till).await, added_up(&till).await);
    }
    assert_eq!(sums(&till).await, (8, 880));
}

#[wasm_bindgen_test]
async fn the_sums_of_the_day_are_exact_after_a_refused_payment() {
    let till = opened().await;
    sell(&till).await;
    scan(&till).await;
    assert_eq!(sums(&till).await, (1, 110));
    let refused = till::pay_cash(&till.core, (&till.store, tap()), 109).await.unwrap_err();
    assert_eq!((refused.code.as_str(), sums(&till).await), ("tendered_too_little", (1, 110)));
    let pay = tap();
    till::pay_cash(&till.core, (&till.store, pay), 110).await.unwrap();
    assert_eq!(sums(&till).await, (2, 220));
    till::pay_cash(&till.core, (&till.store, pay), 110).await.unwrap();
    assert_eq!(sums(&till).await, (2, 220), "asked twice, counted once");
    let last = load_queue(&till.store).await.unwrap().pop().unwrap();
    assert_eq!(last.intent, "sales.ticket.pay_cash");
    let refusal = Answer::Refused { code: "not_permitted".to_owned() };
    store::answer(&till.another_tab().await.store, &KINDS, vec![(last.seq, refusal)], clocks()).await.unwrap();
    assert_eq!((sums(&till).await, added_up(&till).await), ((1, 110), (1, 110)), "though the other tab says nothing");
}

#[wasm_bindgen_test]
async fn the_sums_of_the_day_stand_for_one_state_of_the_database_and_for_no_other() {
    let till = opened().await;
    sell(&till).await;
    assert_eq!(sums(&till).await, (1, 110));
    let mark = async || till.store.transact(&[Records::Meta], Access::Read, async |transaction| store::views_mark(transaction).await).await.unwrap();
    let before = mark().await;
    let session = till::state(&till.core, &till.store).await.unwrap().session.unwrap().document;
    assert!(till.core.takings(before, session).is_some());
    // Rung up here, they are carried on; rung up elsewhere, they are not.
    scan(&till).await;
    assert_eq!(till.core.takings(before, session), None);
    assert!(till.core.takings(mark().await, session).is_some());
    scan(&till.another_tab().await).await;
    assert_eq!(till.core.takings(mark().await, session), None);
    // A look that began before and ends after another does not take its place.
    assert_eq!(sums(&till).await, (1, 110));
    let now = mark().await;
    till.core.keep_takings(KeptTakings { at: before, session, sums: till::Takings::default() });
    assert_eq!(till.core.takings(now, session), Some(till::Takings { cash_minor: 110, tickets: 1 }));
}
