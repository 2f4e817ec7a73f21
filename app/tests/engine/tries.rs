//! What waits says, document by document, how often it was tried, when last, why it did not go and when it goes again.

use crate::support::{Till, clocks, enrolled, load_queue, tap};
use holdfast_app::device::clock;
use holdfast_app::device::crypto::DeviceKey;
use holdfast_app::device::store::{self, Access, Records, Store, Transaction};
use holdfast_app::engine::protocol::{Hindrance, QueueState, QueuedDocument};
use holdfast_app::engine::records::name;
use holdfast_app::engine::sync::{rounds, try_now};
use holdfast_app::engine::sync_view;
use holdfast_app::engine::till::{self, Wanted};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::Timestamp;
use holdfast_sync::replica::OutboxState;
use holdfast_sync::wire::{Answer, DEPENDS_ON_HELD};
use js_sys::Function;
use rust_decimal::Decimal;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const BAGUETTE: &str = "9521234543213";

/// A till with a key, a till session, a sale and a ticket that is being rung up: changes 1, 2 to 4, 5 and 6.
async fn with_three_documents() -> Till {
    let till = enrolled().await;
    let key = DeviceKey::generate().await.unwrap();
    let put = async |transaction: &Transaction| transaction.put_value(Records::Keys, name::KEY, key.stored());
    till.store.transact(&[Records::Keys], Access::Strict, put).await.unwrap();
    till::open_session(&till.core, (&till.store, tap()), 0).await.unwrap();
    for _ in 0..2 {
        if load_queue(&till.store).await.unwrap().len() == 3 {
            till::pay_cash(&till.core, (&till.store, tap()), 110).await.unwrap();
        }
        till::add(&till.core, (&till.store, tap()), (&Wanted::Code(BAGUETTE.to_owned()), Decimal::ONE)).await.unwrap();
    }
    till
}

/// The other end of the line, in JavaScript: what it does with each request.
fn line(answers: &str) {
    let server = Function::new_no_args(&format!("globalThis.fetch = async request => {{ {answers} }};"));
    server.call0(&JsValue::UNDEFINED).unwrap();
}

async fn queue(till: &Till) -> Vec<QueuedDocument> {
    sync_view::read(&till.core).await.unwrap().queue
}

/// How often each was tried, and what was in the way.
async fn tries(till: &Till) -> Vec<Option<(u32, Hindrance)>> {
    queue(till).await.into_iter().map(|queued| queued.tried.map(|tried| (tried.times, tried.why))).collect()
}

async fn answer(till: &Till, answers: Vec<(u64, Answer)>) {
    store::answer(&till.store, &KINDS, answers, clocks()).await.unwrap();
}

async fn kept(store: &Store) -> usize {
    let keys = async |transaction: &Transaction| transaction.keys(Records::Meta).await;
    let keys = store.transact(&[Records::Meta], Access::Read, keys).await.unwrap();
    keys.iter().filter(|key| key.starts_with("tried/")).count()
}

#[wasm_bindgen_test]
async fn a_push_that_does_not_get_through_is_counted_for_its_own_documents_with_what_was_in_the_way() {
    let till = with_three_documents().await;
    assert_eq!(tries(&till).await, [None, None, None]);
    till.core.push_size.set(3);
    let lines = [
        ("throw new TypeError('no route');", Hindrance::Unreachable),
        ("return new Response('{}', { status: 500 });", Hindrance::Failed),
        (
            "return new Response(JSON.stringify({ code: 'too_many_requests' }), { status: 429 });",
            Hindrance::Refused { code: "too_many_requests".to_owned() },
        ),
        ("return new Response('{}', { status: 401 });", Hindrance::SessionLost),
    ];
    for (tried, (answers, why)) in (1..).zip(lines) {
        line(answers);
        let before = clock::now();
        // Whatever a round makes of it; the size of a push goes down to its least, and not below.
        drop(rounds::round(&till.core).await);
        till.core.push_size.set(3);
        let expected = Some((tried, why));
        assert_eq!(tries(&till).await, [expected.clone(), expected, None]);
        let last = queue(&till).await[0].tried.clone().unwrap().last;
        assert!((before..=clock::now()).contains(&last));
    }
    assert_eq!(tries(&till.another_tab().await).await, tries(&till).await, "whoever tried it");
}

#[wasm_bindgen_test]
async fn what_the_server_leaves_open_is_counted_and_what_it_decides_is_not_told_of_any_more() {
    let till = with_three_documents().await;
    let waiting = || Answer::Waiting { missing: Vec::new() };
    answer(&till, vec![(1, Answer::Retry), (2, waiting()), (3, waiting()), (4, Answer::Retry)]).await;
    assert_eq!(tries(&till).await, [Some((1, Hindrance::Retry)), Some((1, Hindrance::Waiting)), None], "one push, one try");
    answer(&till, vec![(1, Answer::Accepted { position: 1 }), (4, Answer::Accepted { position: 2 })]).await;
    assert_eq!(tries(&till).await, [Some((1, Hindrance::Waiting)), None]);
    assert_eq!(kept(&till.store).await, 2);
    store::prune_tried(&till.store).await.unwrap();
    assert_eq!(kept(&till.store).await, 1, "what waits keeps its tries");
    // The till session is closed: what was tried of it before is in the books.
    answer(&till, vec![(2, Answer::Accepted { position: 3 }), (3, Answer::Accepted { position: 4 })]).await;
    let till_session = vec![(5, Answer::Retry), (6, Answer::Retry)];
    answer(&till, till_session.clone()).await;
    answer(&till, till_session).await;
    till::pay_cash(&till.core, (&till.store, tap()), 110).await.unwrap();
    answer(&till, vec![(5, Answer::Accepted { position: 5 }), (6, Answer::Accepted { position: 6 })]).await;
    assert_eq!(tries(&till).await, [None], "its payment was not tried yet");
    let rests = Answer::Held { code: DEPENDS_ON_HELD.to_owned() };
    answer(&till, vec![(7, rests)]).await;
    assert_eq!(tries(&till).await, [Some((1, Hindrance::Resting { code: DEPENDS_ON_HELD.to_owned() }))]);
}

#[wasm_bindgen_test]
async fn when_it_goes_again_is_said_of_what_goes_again_by_itself() {
    let till = with_three_documents().await;
    till.core.missed(60_000).await.unwrap();
    let next = async |till: &Till| queue(till).await.into_iter().map(|queued| queued.next_try).collect::<Vec<_>>();
    assert_eq!(next(&till).await, [None, None, None], "what was not tried yet goes after what is before it");
    answer(&till, vec![(1, Answer::Retry), (2, Answer::Waiting { missing: Vec::new() })]).await;
    let at = sync_view::read(&till.core).await.unwrap().next_try;
    assert!(at.is_some_and(|at| at > clock::now()));
    assert_eq!(next(&till).await, [at, None, None]);
    till.core.put_off(1_000).await.unwrap();
    assert!(next(&till).await[0].is_some_and(|sooner| Some(sooner) < at), "a server that answered asked for it");
    till.core.reached().await.unwrap();
    assert_eq!(next(&till).await, [None, None, None]);
    let sign_out = async |transaction: &Transaction| transaction.delete(Records::Meta, name::SIGNED_IN);
    till.core.missed(60_000).await.unwrap();
    till.store.transact(&[Records::Meta], Access::Strict, sign_out).await.unwrap();
    assert_eq!(next(&till).await, [None, None, None], "nobody sends it");
}

#[wasm_bindgen_test]
async fn whoever_wants_it_tried_now_has_the_server_asked_about_what_it_keeps() {
    let till = with_three_documents().await;
    let states = async || queue(&till).await.into_iter().map(|queued| queued.state).collect::<Vec<_>>();
    answer(&till, vec![(1, Answer::Waiting { missing: Vec::new() })]).await;
    assert_eq!(states().await, [QueueState::AtServer, QueueState::Saved, QueueState::Saved]);
    try_now(&till.core).await.unwrap();
    assert_eq!(states().await, [QueueState::Sent, QueueState::Saved, QueueState::Saved]);
    let row = load_queue(&till.store).await.unwrap().remove(0);
    assert_eq!((row.state, tries(&till).await[0].clone()), (OutboxState::Sent, Some((1, Hindrance::Waiting))));
}

#[wasm_bindgen_test]
async fn ten_thousand_documents_that_wait_are_not_read_for_their_tries() {
    let till = with_three_documents().await;
    let one = load_queue(&till.store).await.unwrap().remove(0);
    let fill = async |transaction: &Transaction| -> Result<(), store::StoreError> {
        (7..10_007_u64).try_for_each(|seq| {
            let document = holdfast_domain::kernel::DocumentId(uuid::Uuid::from_u128(seq.into()));
            let properties = [seq.to_string(), document.to_string()];
            let row = holdfast_sync::replica::OutboxRow { seq, document, ..one.clone() };
            transaction.put_indexed(Records::Outbox, store::Key::Number(seq), (&row, &properties))
        })
    };
    till.store.transact(&[Records::Outbox], Access::Relaxed, fill).await.unwrap();
    let rows: Vec<_> = load_queue(&till.store).await.unwrap().iter().take(500).map(|row| (row.seq, row.document)).collect();
    store::not_sent(&till.store, &rows, Hindrance::Unreachable, Timestamp(7)).await.unwrap();
    let view = sync_view::read(&till.core).await.unwrap();
    assert_eq!((view.queue.len(), view.more_documents), (50, 9_953));
    assert!(view.queue.iter().all(|queued| queued.tried.as_ref().is_some_and(|tried| (tried.times, tried.last) == (1, Timestamp(7)))));
    // Only the listed ones are looked up.
    let spoil = async |transaction: &Transaction| transaction.put_value(Records::Meta, format!("tried/{}", rows[60].1).as_str(), &JsValue::TRUE);
    till.store.transact(&[Records::Meta], Access::Strict, spoil).await.unwrap();
    assert_eq!(sync_view::read(&till.core).await, Ok(view));
}
