//! The database: all or nothing, however it ends.

use holdfast_app::device::ids;
use holdfast_app::device::store::{Access, Key, Records, Store, StoreError, Transaction};
use wasm_bindgen_test::wasm_bindgen_test;

fn fresh() -> String {
    format!("test-{}", ids::fresh())
}

async fn put(store: &Store, key: &str, value: u32) -> Result<(), StoreError> {
    store.transact(&[Records::Meta], Access::Strict, async |transaction| transaction.put(Records::Meta, key, &value)).await
}

async fn get(store: &Store, key: &str) -> Result<Option<u32>, StoreError> {
    store.transact(&[Records::Meta], Access::Read, async |transaction| transaction.get(Records::Meta, key).await).await
}

#[wasm_bindgen_test]
async fn what_is_complete_is_found_by_another_connection() {
    let name = fresh();
    put(&Store::named(&name), "a", 1).await.unwrap();
    assert_eq!(get(&Store::named(&name), "a").await, Ok(Some(1)));
}

#[wasm_bindgen_test]
async fn work_that_ends_in_an_error_writes_nothing() {
    let store = Store::named(&fresh());
    put(&store, "a", 1).await.unwrap();
    let broken: Result<(), StoreError> = store
        .transact(&[Records::Meta], Access::Strict, async |transaction| {
            transaction.put(Records::Meta, "a", &2)?;
            assert_eq!(transaction.get(Records::Meta, "a").await?, Some(2), "within the transaction it is written");
            Err(StoreError::Fault("the battery".to_owned()))
        })
        .await;
    assert_eq!(broken, Err(StoreError::Fault("the battery".to_owned())));
    assert_eq!(get(&store, "a").await, Ok(Some(1)));
}

#[wasm_bindgen_test]
async fn counting_from_two_connections_at_once_loses_nothing() {
    let name = fresh();
    let (one, other) = (Store::named(&name), Store::named(&name));
    let add = async |store: &Store| {
        store
            .transact(&[Records::Meta], Access::Strict, async |transaction: &Transaction| {
                let count: Option<u32> = transaction.get(Records::Meta, "count").await?;
                transaction.put(Records::Meta, "count", &(count.unwrap_or_default() + 1))
            })
            .await
    };
    let all = futures::future::try_join_all((0..25).flat_map(|_| [add(&one), add(&other)])).await;
    assert!(all.is_ok());
    assert_eq!(get(&one, "count").await, Ok(Some(50)));
}

#[wasm_bindgen_test]
async fn a_database_that_another_tab_erases_is_let_go_and_opened_anew() {
    let name = fresh();
    let store = Store::named(&name);
    put(&store, "a", 1).await.unwrap();
    Store::named(&name).delete().await.unwrap();
    assert_eq!(get(&store, "a").await, Ok(None));
    put(&store, "a", 2).await.unwrap();
    assert_eq!(get(&store, "a").await, Ok(Some(2)));
}

#[wasm_bindgen_test]
async fn a_database_that_a_newer_build_took_over_is_left_to_it() {
    let name = fresh();
    let store = Store::named(&name);
    put(&store, "a", 1).await.unwrap();
    let newer = idb::Factory::new().unwrap().open(&name, Some(4)).unwrap().await.unwrap();
    assert_eq!(get(&store, "a").await, Err(StoreError::Outdated));
    newer.close();
}

#[wasm_bindgen_test]
async fn a_closed_store_opens_again() {
    let store = Store::named(&fresh());
    put(&store, "a", 1).await.unwrap();
    store.close().await;
    assert_eq!(get(&store, "a").await, Ok(Some(1)));
}

#[wasm_bindgen_test]
async fn a_view_is_read_page_by_page_in_the_order_of_its_keys() {
    let store = Store::named(&fresh());
    let write = async |transaction: &Transaction| -> Result<(), StoreError> {
        for (view, key) in [("b", "2"), ("a", "9"), ("b", "1"), ("b", "3"), ("c", "0")] {
            transaction.put(Records::Views, Key::view(view, key), &format!("{view}{key}"))?;
        }
        Ok(())
    };
    store.transact(&[Records::Views], Access::Relaxed, write).await.unwrap();
    let page = async |after: Option<&str>| -> Vec<(String, String)> {
        let read = async |transaction: &Transaction| transaction.view_page("b", after, 2).await;
        store.transact(&[Records::Views], Access::Read, read).await.unwrap()
    };
    let pair = |key: &str| (key.to_owned(), format!("b{key}"));
    assert_eq!(page(None).await, [pair("1"), pair("2")]);
    assert_eq!(page(Some("2")).await, [pair("3")]);
}

#[wasm_bindgen_test]
async fn a_record_of_another_form_is_named_not_guessed() {
    let store = Store::named(&fresh());
    let write = async |transaction: &Transaction| transaction.put(Records::Meta, "a", &"text");
    store.transact(&[Records::Meta], Access::Relaxed, write).await.unwrap();
    assert!(matches!(get(&store, "a").await, Err(StoreError::Unreadable { records: "meta", .. })));
}

/// A database as builds before photos left it.
#[wasm_bindgen_test]
async fn a_database_of_the_first_schema_keeps_what_it_holds_and_gets_the_new_stores() {
    let name = fresh();
    let old = Records::ALL.into_iter().filter(|records| !matches!(records, Records::Blobs | Records::BlobBytes));
    let builder = old.fold(idb::Database::builder(&name).version(1), |builder, records| {
        let store = idb::builder::ObjectStoreBuilder::new(records.name());
        let indexed = records
            .indexes()
            .iter()
            .fold(store, |store, index| store.add_index(idb::builder::IndexBuilder::new((*index).to_owned(), idb::KeyPath::new_single(index))));
        builder.add_object_store(indexed)
    });
    let database = builder.build().await.unwrap();
    let transaction = database.transaction(&["meta"], idb::TransactionMode::ReadWrite).unwrap();
    let bytes = js_sys::Uint8Array::from(holdfast_sync::cbor::encode(&7_u32).as_slice());
    transaction.object_store("meta").unwrap().put(&bytes, Some(&"a".into())).unwrap().await.unwrap();
    transaction.commit().unwrap().await.unwrap();
    database.close();
    let store = Store::named(&name);
    assert_eq!(get(&store, "a").await, Ok(Some(7)));
    let blobs =
        store.transact(&[Records::Blobs, Records::BlobBytes], Access::Read, async |transaction| transaction.count(Records::Blobs).await).await;
    assert_eq!(blobs, Ok(0));
}
