//! Switching between colleagues.

use crate::support::{Till, enrolled};
use holdfast_app::device::ids;
use holdfast_app::device::store::{Access, Records, StoreError};
use holdfast_app::engine::people;
use holdfast_app::engine::records::PersonRecord;
use holdfast_domain::kernel::AccountId;
use wasm_bindgen_test::wasm_bindgen_test;

async fn with_colleague(till: &Till) -> AccountId {
    let account = AccountId::from(ids::fresh());
    let person = PersonRecord { account, name: "Bo".to_owned(), email: "bo@example.org".to_owned(), permissions: Vec::new(), grant: None, pin: None };
    till.store
        .transact(&[Records::People], Access::Strict, async |transaction| {
            transaction.put(Records::People, account.to_string().as_str(), &person)?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    account
}

async fn switch(till: &Till, account: AccountId, pin: Option<&str>) -> Result<Option<AccountId>, String> {
    let view = people::switch(&till.core, account, pin.map(str::to_owned)).await.map_err(|refusal| refusal.code)?;
    Ok(view.person.map(|person| person.account))
}

#[wasm_bindgen_test]
async fn colleagues_switch_without_a_network_and_a_pin_is_asked_of_whoever_set_one() {
    let till = enrolled().await;
    let bo = with_colleague(&till).await;
    people::set_pin(&till.core, "4711").await.unwrap();
    assert_eq!(switch(&till, bo, None).await, Ok(Some(bo)));
    assert_eq!(switch(&till, till.account, None).await, Err("pin_wrong".to_owned()));
    assert_eq!(switch(&till, till.account, Some("4711")).await, Ok(Some(till.account)));
}

#[wasm_bindgen_test]
async fn after_wrong_tries_even_the_right_pin_has_to_wait() {
    let till = enrolled().await;
    people::set_pin(&till.core, "4711").await.unwrap();
    assert_eq!(switch(&till, till.account, Some("0000")).await, Err("pin_wrong".to_owned()));
    assert_eq!(switch(&till, till.account, Some("0001")).await, Err("pin_wrong".to_owned()));
    let locked = people::switch(&till.core, till.account, Some("0002".to_owned())).await.unwrap_err();
    assert_eq!((locked.code.as_str(), locked.values["seconds"].as_str()), ("pin_locked", "30"));
    let reloaded = till.another_tab().await;
    assert_eq!(switch(&reloaded, till.account, Some("4711")).await, Err("pin_locked".to_owned()), "a reload wins no try");
}

#[wasm_bindgen_test]
async fn a_right_pin_forgives_the_wrong_ones_before() {
    let till = enrolled().await;
    people::set_pin(&till.core, "4711").await.unwrap();
    for _ in 0..3 {
        assert_eq!(switch(&till, till.account, Some("0000")).await, Err("pin_wrong".to_owned()));
        assert_eq!(switch(&till, till.account, Some("4711")).await, Ok(Some(till.account)));
    }
}

#[wasm_bindgen_test]
async fn the_device_is_not_forgotten_while_work_is_unsent() {
    let till = enrolled().await;
    holdfast_app::engine::till::open_session(&till.core, (&till.store, ids::fresh()), 5_000).await.unwrap();
    let refused = people::erase(&till.core).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.values["changes"].as_str()), ("unsent_work", "1"));
    assert!(people::device_view(&till.core).await.unwrap().till.is_some());
}
