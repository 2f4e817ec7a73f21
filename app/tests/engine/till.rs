//! The till: its sales, its numbers, its tabs.

use crate::support::{Till, enrolled, enrolled_with, load_queue, row, tap};
use holdfast_app::device::store::{Access, Records, Store, Work};
use holdfast_app::engine::protocol::{Progress, TicketStatus, TicketsOf, TillState};
use holdfast_app::engine::till::{self, Wanted};
use holdfast_domain::catalog::TaxChange;
use holdfast_domain::kernel::TaxRateId;
use holdfast_sync::bytes::Digest32;
use holdfast_sync::cbor;
use holdfast_sync::envelope::Header;
use rust_decimal::Decimal;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

const BAGUETTE: &str = "9521234543213";

async fn open(till: &Till) {
    till::open_session(&till.core, (&till.store, tap()), 5_000).await.unwrap();
}

async fn scan(till: &Till, code: &str) {
    till::add(&till.core, (&till.store, tap()), (&Wanted::Code(code.to_owned()), Decimal::ONE)).await.unwrap();
}

async fn state(till: &Till) -> TillState {
    till::state(&till.core, &till.store).await.unwrap()
}

#[wasm_bindgen_test]
async fn a_sale_is_rung_up_paid_and_counted_without_a_server() {
    let till = enrolled().await;
    open(&till).await;
    scan(&till, BAGUETTE).await;
    scan(&till, "96385074").await;
    let ticket = state(&till).await.ticket.unwrap();
    assert_eq!((ticket.lines.len(), ticket.total_minor, ticket.progress), (2, 290, Progress::SavedHere));
    let paid = till::pay_cash(&till.core, (&till.store, tap()), 500).await.unwrap();
    assert_eq!(till::ticket(&till.core, &till.store, paid.document).await.as_ref(), Ok(&paid));
    assert_eq!((paid.status, paid.change_minor, paid.receipt_number.as_deref()), (TicketStatus::Completed, Some(210), Some("41")));
    let after = state(&till).await;
    assert_eq!(after.ticket, None);
    assert_eq!(after.session.as_ref().map(|session| (session.tickets, session.expected_minor)), Some((1, 5_290)));
    till::close_session(&till.core, (&till.store, tap()), (5_280, &[])).await.unwrap();
    let closed = state(&till).await.closed.unwrap();
    assert_eq!((closed.expected_minor, closed.counted_minor, closed.tickets, closed.unsent), (5_290, 5_280, 1, 1));
    let listed = till::tickets(&till.core, &till.store, (TicketsOf::Session, 10)).await.unwrap();
    assert_eq!(listed.iter().map(|row| (row.total_minor, row.progress)).collect::<Vec<_>>(), [(290, Progress::SavedHere)]);
}

#[wasm_bindgen_test]
async fn a_ticket_has_the_tax_of_its_day_and_no_coming_one() {
    let till = enrolled().await;
    let change = |valid_from: &str, rate: &str| TaxChange {
        tax_rate: TaxRateId(Uuid::from_u128(800)),
        valid_from: valid_from.parse().unwrap(),
        rate: rate.parse().unwrap(),
    };
    for (n, change) in [(701, change("2001-01-01", "21")), (702, change("2999-01-01", "25"))] {
        till.core.catalogue.lock().await.put(&row(n, &change));
    }
    open(&till).await;
    scan(&till, BAGUETTE).await;
    let ticket = state(&till).await.ticket.unwrap();
    assert_eq!((ticket.lines[0].tax_percent, ticket.taxes[0].tax_minor), (Decimal::from(21), 19));
}

#[wasm_bindgen_test]
async fn a_payment_that_is_refused_burns_no_receipt_number() {
    let till = enrolled().await;
    open(&till).await;
    for expected in ["41", "42"] {
        scan(&till, BAGUETTE).await;
        let refused = till::pay_cash(&till.core, (&till.store, tap()), 109).await.unwrap_err();
        assert_eq!(refused.code, "tendered_too_little");
        let paid = till::pay_cash(&till.core, (&till.store, tap()), 110).await.unwrap();
        assert_eq!(paid.receipt_number.as_deref(), Some(expected));
    }
}

#[wasm_bindgen_test]
async fn without_a_receipt_number_nothing_is_sold() {
    let till = enrolled_with(0).await;
    open(&till).await;
    scan(&till, BAGUETTE).await;
    let refused = till::pay_cash(&till.core, (&till.store, tap()), 110).await.unwrap_err();
    assert_eq!(refused.code, "numbers_used_up");
    assert_eq!(state(&till).await.ticket.map(|ticket| ticket.status), Some(TicketStatus::Open));
}

#[wasm_bindgen_test]
async fn a_tap_that_is_asked_twice_is_done_once() {
    let till = enrolled().await;
    open(&till).await;
    let once = tap();
    for _ in 0..2 {
        till::add(&till.core, (&till.store, once), (&Wanted::Code(BAGUETTE.to_owned()), Decimal::ONE)).await.unwrap();
    }
    assert_eq!(state(&till).await.ticket.map(|ticket| ticket.lines.len()), Some(1));
    let pay = tap();
    let first = till::pay_cash(&till.core, (&till.store, pay), 110).await.unwrap();
    assert_eq!(till::pay_cash(&till.core, (&till.store, pay), 110).await, Ok(first));
    assert_eq!(state(&till).await.session.map(|session| session.tickets), Some(1));
}

#[wasm_bindgen_test]
async fn two_tabs_of_a_till_ring_up_one_ticket_and_one_unbroken_chain() {
    let one = enrolled().await;
    let other = one.another_tab().await;
    open(&one).await;
    scan(&one, BAGUETTE).await;
    let both = futures::future::join_all((0..10).flat_map(|_| [scan(&one, BAGUETTE), scan(&other, BAGUETTE)]));
    both.await;
    let quantities = state(&one).await.ticket.map(|ticket| ticket.lines.iter().map(|line| line.quantity).collect::<Vec<_>>());
    assert_eq!(quantities, Some(vec![Decimal::from(21)]), "pieces of one product are one line, and no tab's piece is lost");
    assert_eq!(state(&one).await.ticket, state(&other).await.ticket);
    unbroken(&one.store).await;
}

/// Every number once, each header naming the one before.
async fn unbroken(store: &Store) {
    let mut prev = None;
    for (expected, row) in (1..).zip(load_queue(store).await.unwrap()) {
        let header: Header = cbor::decode(&row.header.0).unwrap();
        assert_eq!((header.device_seq, header.prev), (expected, prev));
        prev = Some(Digest32::of(&row.header.0));
    }
}

#[wasm_bindgen_test]
async fn two_tabs_that_take_money_at_once_take_two_numbers_for_two_tickets_or_one() {
    let one = enrolled().await;
    let other = one.another_tab().await;
    open(&one).await;
    scan(&one, BAGUETTE).await;
    let pay = async |till: &Till| till::pay_cash(&till.core, (&till.store, tap()), 110).await;
    let (a, b) = futures::future::join(pay(&one), pay(&other)).await;
    let refused: Vec<_> = [&a, &b].into_iter().filter_map(|paid| paid.as_ref().err()).map(|refusal| refusal.code.as_str()).collect();
    assert_eq!(refused, ["ticket_not_opened"], "the second finds nothing to pay");
    scan(&one, BAGUETTE).await;
    let next = pay(&one).await.unwrap();
    assert_eq!(next.receipt_number.as_deref(), Some("42"));
}

#[wasm_bindgen_test]
async fn each_act_answers_how_the_till_stands_after_it() {
    let till = enrolled().await;
    let at = || (&till.store, tap());
    let product = (&Wanted::Code(BAGUETTE.to_owned()), Decimal::ONE);
    for sold in 0..2 {
        if sold == 0 {
            assert_eq!(till::open_session(&till.core, at(), 5_000).await.unwrap(), state(&till).await);
        }
        let scanned = till::add(&till.core, at(), product).await.unwrap();
        assert_eq!(scanned, state(&till).await);
        let line = scanned.ticket.unwrap().lines[0].id;
        assert_eq!(till::change_quantity(&till.core, at(), (line, Decimal::TWO)).await.unwrap(), state(&till).await);
        assert_eq!(till::remove_line(&till.core, at(), line).await.unwrap(), state(&till).await);
        till::add(&till.core, at(), product).await.unwrap();
        till::pay_cash(&till.core, at(), 110).await.unwrap();
    }
    till::add(&till.core, at(), product).await.unwrap();
    assert_eq!(till::abandon(&till.core, at()).await.unwrap(), state(&till).await);
    let closed = till::close_session(&till.core, at(), (5_220, &[])).await.unwrap();
    assert_eq!(closed, state(&till).await);
    assert_eq!(closed.closed.map(|closed| (closed.tickets, closed.expected_minor)), Some((2, 5_220)));
}

#[wasm_bindgen_test]
async fn a_tap_that_is_asked_again_answers_how_the_till_stands_and_does_nothing() {
    let till = enrolled().await;
    open(&till).await;
    let once = tap();
    let add = async || till::add(&till.core, (&till.store, once), (&Wanted::Code(BAGUETTE.to_owned()), Decimal::ONE)).await.unwrap();
    let first = add().await;
    assert_eq!(add().await, first);
    assert_eq!(first.ticket.map(|ticket| ticket.total_minor), Some(110));
}

#[wasm_bindgen_test]
async fn nothing_is_sold_before_the_till_is_opened_nor_by_a_stranger() {
    let till = enrolled().await;
    let add = async || till::add(&till.core, (&till.store, tap()), (&Wanted::Code(BAGUETTE.to_owned()), Decimal::ONE)).await;
    assert_eq!(add().await.unwrap_err().code, "till_session_not_opened");
    let nobody = async |transaction: &holdfast_app::device::store::Transaction| transaction.delete(Records::Meta, "signed_in");
    till.store.transact(&[Records::Meta], Access::Strict, nobody).await.unwrap();
    assert_eq!(add().await.unwrap_err().code, "not_signed_in");
    assert!(load_queue(&till.store).await.unwrap().is_empty());
}

#[wasm_bindgen_test]
async fn an_act_that_breaks_off_leaves_nothing() {
    let till = enrolled().await;
    open(&till).await;
    let before = load_queue(&till.store).await.unwrap();
    let broken: Result<(), holdfast_app::engine::protocol::EngineRefusal> = till
        .store
        .transact(&[&Work::STORES[..], &[Records::People]].concat(), Access::Strict, async |transaction| {
            transaction.put(Records::Meta, "chain", &"overwritten")?;
            // Long enough for the write to have happened.
            let _: Option<String> = transaction.get(Records::Meta, "chain").await?;
            Err(holdfast_app::engine::protocol::EngineRefusal::new("crashed"))
        })
        .await;
    assert_eq!(broken.unwrap_err().code, "crashed");
    scan(&till, BAGUETTE).await;
    assert_eq!(load_queue(&till.store).await.unwrap().len(), before.len() + 2);
    unbroken(&till.store).await;
}

#[wasm_bindgen_test]
async fn a_till_does_not_close_over_a_ticket_with_lines() {
    let till = enrolled().await;
    open(&till).await;
    scan(&till, BAGUETTE).await;
    let close = async || till::close_session(&till.core, (&till.store, tap()), (5_000, &[])).await;
    assert_eq!(close().await.unwrap_err().code, "ticket_open");
    let line = state(&till).await.ticket.unwrap().lines[0].id;
    till::remove_line(&till.core, (&till.store, tap()), line).await.unwrap();
    close().await.unwrap();
    let after = state(&till).await;
    assert_eq!((after.session, after.ticket), (None, None));
    let listed = till::tickets(&till.core, &till.store, (TicketsOf::Session, 10)).await.unwrap();
    assert_eq!(listed.iter().map(|row| row.status).collect::<Vec<_>>(), [TicketStatus::Abandoned]);
}
