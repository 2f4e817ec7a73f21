//! What is one person's own lies in a database of theirs: a colleague who takes the device over reads nothing of it, and nothing of it stays behind.

use crate::support::{Till, enrolled, load_queue, tap};
use futures::future::try_join_all;
use holdfast_app::device::store::{self, Access, CHAIN, Kept, PersonalStore, Records, Store, StoreError, Transaction};
use holdfast_app::device::{clock, ids};
use holdfast_app::engine::protocol::OwnView;
use holdfast_app::engine::records::{PersonRecord, SessionRecord, name};
use holdfast_app::engine::{own, people, till};
use holdfast_domain::KINDS;
use holdfast_domain::catalog::{Category, Picture};
use holdfast_domain::identity::{HeldRole, Profile};
use holdfast_domain::kernel::{AccountId, Epoch, Reference};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::kind::Audience;
use holdfast_sync::replica::{ChainHead, FeedState};
use holdfast_sync::wire::{Entry, PullResponse, ReferenceRow};
use std::collections::BTreeMap;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

const EPOCH: Epoch = Epoch(Uuid::from_u128(1));
const ANA: Audience = Audience::Person(Uuid::from_u128(0xa));
const BO: Audience = Audience::Person(Uuid::from_u128(0xb));

/// A row as a device stores it.
#[derive(serde::Serialize)]
struct OldRow {
    kind: &'static str,
    id: Uuid,
    version: u64,
    body: Bytes,
    audience: Audience,
}

/// A server as far as rows go: all that it ever wrote, in order.
struct Server {
    epoch: Epoch,
    feed: Vec<(Audience, ReferenceRow)>,
}

impl Server {
    fn new() -> Self {
        Self { epoch: EPOCH, feed: Vec::new() }
    }

    fn write<R: Reference>(&mut self, audience: &Audience, id: Uuid, body: &R) {
        let version = 1 + self.feed.iter().filter(|(_, row)| row.id == id).count() as u64;
        self.feed.push((audience.clone(), ReferenceRow { kind: R::KIND.to_owned(), id, version, body: Some(Bytes(body.to_body())) }));
    }

    fn profile(&mut self, audience: &Audience, account: AccountId, email: &str) {
        let roles = vec![HeldRole { role: "cashier".to_owned(), site: None, site_name: String::new() }];
        self.write(audience, account.0, &Profile { account, name: "Ana".to_owned(), email: email.to_owned(), roles });
    }

    fn category(&mut self, n: u128) {
        let picture = Picture { hue: 40, glyph: "🥖".to_owned() };
        self.write(&Audience::Tenant, Uuid::from_u128(n), &Category { name: format!("Category {n}"), place: 1, picture });
    }

    /// The page for whoever follows the company and these, and has read so far.
    fn page(&self, live: &[&Audience], cursors: &BTreeMap<Audience, u64>) -> PullResponse {
        let live: Vec<Audience> = live.iter().copied().chain([&Audience::Tenant]).cloned().collect();
        let mut entries: Vec<Entry> =
            cursors.keys().filter(|known| !live.contains(known)).map(|audience| Entry::Leave { audience: audience.clone() }).collect();
        let head = self.feed.len() as u64;
        let entered = live.iter().filter(|audience| !cursors.contains_key(audience));
        entries.extend(entered.map(|audience| Entry::Enter { audience: audience.clone(), position: head, documents: Vec::new(), bootstrap: None }));
        for (position, (audience, row)) in (1..).zip(&self.feed) {
            if live.contains(audience) && cursors.get(audience).is_none_or(|cursor| *cursor < position) {
                let audience = Some(audience.clone()).filter(|audience| *audience != Audience::Tenant);
                entries.push(Entry::Row { position, row: row.clone(), audience });
            }
        }
        let cursors = live.into_iter().map(|audience| (audience, head)).collect();
        PullResponse { epoch: self.epoch, entries, cursors, more: false, server_time_ms: clock::now(), grants: Vec::new() }
    }
}

/// From where the account asks for the feed.
async fn cursors(own: &PersonalStore, till: &Till) -> BTreeMap<Audience, u64> {
    store::cursors(&feed(till).await, own.followed().await.unwrap())
}

async fn feed(till: &Till) -> FeedState {
    let read = async |transaction: &Transaction| transaction.get::<ChainHead>(Records::Meta, CHAIN).await;
    till.store.transact(&[Records::Meta], Access::Read, read).await.unwrap().unwrap().feed
}

/// Pulls as an account that follows these of its own; answers what of it went into the catalogue, and what became of its own part.
async fn pull(till: &Till, (account, live): (AccountId, &[&Audience]), server: &Server) -> (usize, Kept) {
    let own = PersonalStore::of(&till.store, account);
    let page = server.page(live, &cursors(&own, till).await);
    let (taken, kept) = own.receive(&till.store, (&KINDS, &page), clock::now()).await.unwrap();
    (taken.received.rows.len(), kept)
}

async fn with_colleague(till: &Till) -> AccountId {
    let account = AccountId::from(ids::fresh());
    let person = PersonRecord { account, name: "Bo".to_owned(), email: String::new(), permissions: Vec::new(), grant: None, pin: None };
    let put = async |transaction: &Transaction| transaction.put(Records::People, account.to_string().as_str(), &person);
    till.store.transact(&[Records::People], Access::Strict, put).await.unwrap();
    account
}

/// A device that has what is Ana's own.
async fn with_a_database_of_anas() -> (Till, Server) {
    let till = enrolled().await;
    let mut server = Server::new();
    server.profile(&ANA, till.account, "ana@example.org");
    pull(&till, (till.account, &[&ANA]), &server).await;
    (till, server)
}

/// A device where two people have what is their own.
async fn with_two_databases() -> (Till, AccountId, Server) {
    let (till, mut server) = with_a_database_of_anas().await;
    let bo = with_colleague(&till).await;
    server.profile(&BO, bo, "bo@example.org");
    pull(&till, (bo, &[&BO]), &server).await;
    (till, bo, server)
}

async fn shown(till: &Till) -> OwnView {
    people::device_view(&till.core).await.unwrap().own.unwrap_or_default()
}

async fn emails(store: &PersonalStore) -> Vec<String> {
    store.rows().await.unwrap().iter().map(|row| Profile::of(row).unwrap().unwrap().email).collect()
}

async fn device_rows(till: &Till) -> Vec<ReferenceRow> {
    till.store.transact(&[Records::Rows], Access::Read, async |transaction| transaction.all(Records::Rows).await).await.unwrap()
}

/// Whether the account has a database on the device.
async fn has_database(till: &Till, account: AccountId) -> bool {
    Store::all_names().await.unwrap().contains(&format!("{}-{account}", till.store.name()))
}

/// Whether a text stands anywhere in what the device's database says of people.
async fn tells(till: &Till, text: &str) -> bool {
    let stores = [Records::People, Records::Meta, Records::Rows];
    let read = async |transaction: &Transaction| try_join_all(stores.map(|records| transaction.all_bytes(records))).await;
    let all = till.store.transact(&stores, Access::Read, read).await.unwrap();
    all.iter().flatten().any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
}

#[wasm_bindgen_test]
async fn what_is_ones_own_is_read_by_oneself_alone_and_without_a_network() {
    let till = enrolled().await;
    let bo = with_colleague(&till).await;
    let mut server = Server::new();
    server.category(1);
    server.profile(&ANA, till.account, "ana@home.example");
    assert_eq!(pull(&till, (till.account, &[&ANA]), &server).await, (1, Kept::Rows));
    let own = shown(&till).await;
    assert_eq!((own.email.as_str(), own.roles.len()), ("ana@home.example", 1));
    assert!(device_rows(&till).await.iter().all(|row| row.kind != Profile::KIND));
    assert!(!tells(&till, "ana@home.example").await);
    // The session is hers still, and its pages go on into her database; he reads nothing of it.
    people::switch(&till.core, bo, None).await.unwrap();
    server.profile(&ANA, till.account, "ana@example.com");
    assert_eq!(pull(&till, (till.account, &[&ANA]), &server).await, (0, Kept::Rows));
    assert_eq!(shown(&till).await, OwnView::default());
    assert_eq!(emails(&PersonalStore::of(&till.store, bo)).await, Vec::<String>::new());
    people::switch(&till.core, till.account, None).await.unwrap();
    assert_eq!(shown(&till).await.email, "ana@example.com");
}

#[wasm_bindgen_test]
async fn while_a_colleague_pulls_nothing_of_ones_own_is_asked_for_left_or_lost() {
    let till = enrolled().await;
    let bo = with_colleague(&till).await;
    let mut server = Server::new();
    server.profile(&ANA, till.account, "ana@example.org");
    server.profile(&BO, bo, "bo@example.org");
    pull(&till, (till.account, &[&ANA]), &server).await;
    let his = PersonalStore::of(&till.store, bo);
    assert!(!cursors(&his, &till).await.contains_key(&ANA));
    assert_eq!(pull(&till, (bo, &[&BO]), &server).await, (0, Kept::Rows));
    assert_eq!(emails(&his).await, ["bo@example.org"]);
    // Her documents would stay on the device, and her feed goes on where it was.
    assert_eq!(feed(&till).await.cursors.keys().filter(|audience| **audience != Audience::Tenant).count(), 2);
    assert_eq!(cursors(&till.own(), &till).await.get(&ANA), Some(&2));
    assert_eq!(pull(&till, (till.account, &[&ANA]), &server).await, (0, Kept::Nothing), "nothing of it comes twice");
    assert_eq!(emails(&till.own()).await, ["ana@example.org"]);
}

#[wasm_bindgen_test]
async fn a_device_that_dies_between_the_two_transactions_of_a_page_loses_nothing_and_doubles_nothing() {
    for own_first in [true, false] {
        let till = enrolled().await;
        let own = till.own();
        let mut server = Server::new();
        server.category(1);
        server.profile(&ANA, till.account, "first@example.org");
        pull(&till, (till.account, &[&ANA]), &server).await;
        server.category(2);
        server.profile(&ANA, till.account, "second@example.org");
        let page = server.page(&[&ANA], &cursors(&own, &till).await);
        assert_eq!(page.entries.len(), 2);
        if own_first {
            own.keep(&page).await.unwrap();
        } else {
            // As the account's database was before, beside the device's as it is after.
            let raw = Store::named(&format!("{}-{}", till.store.name(), till.account));
            let read = async |transaction: &Transaction| -> Result<_, StoreError> {
                let followed = transaction.bytes_at(Records::Meta, "followed").await?.unwrap();
                Ok((followed, transaction.keys(Records::Rows).await?, transaction.all_bytes(Records::Rows).await?))
            };
            let (followed, keys, rows) = raw.transact(&[Records::Meta, Records::Rows], Access::Read, read).await.unwrap();
            own.receive(&till.store, (&KINDS, &page), clock::now()).await.unwrap();
            let put = async |transaction: &Transaction| -> Result<(), StoreError> {
                transaction.put_bytes(Records::Meta, "followed", &followed)?;
                keys.iter().zip(&rows).try_for_each(|(key, row)| transaction.put_bytes(Records::Rows, key.as_str(), row))
            };
            raw.transact(&[Records::Meta, Records::Rows], Access::Strict, put).await.unwrap();
        }
        // The device starts again, and more has happened.
        server.category(3);
        let asked = cursors(&own, &till).await;
        assert_eq!(asked.get(&ANA), Some(&2), "from where neither has lost anything");
        assert_eq!(asked.get(&Audience::Tenant), Some(&if own_first { 2 } else { 4 }), "and all else from where the device is");
        let (told, _) = pull(&till, (till.account, &[&ANA]), &server).await;
        assert_eq!(told, if own_first { 2 } else { 1 });
        assert_eq!(emails(&own).await, ["second@example.org"]);
        let names: Vec<_> = device_rows(&till).await.iter().map(|row| (row.kind.clone(), row.id, row.version)).collect();
        assert_eq!(names, [1, 2, 3].map(|n| (Category::KIND.to_owned(), Uuid::from_u128(n), 1)));
        assert_eq!(pull(&till, (till.account, &[&ANA]), &server).await, (0, Kept::Nothing));
    }
}

#[wasm_bindgen_test]
async fn a_database_that_is_lost_is_filled_anew_and_a_restored_server_is_believed() {
    let (till, mut server) = with_a_database_of_anas().await;
    till.own().delete().await.unwrap();
    assert_eq!(pull(&till, (till.account, &[&ANA]), &server).await, (0, Kept::Rows));
    assert_eq!(emails(&till.own()).await, ["ana@example.org"]);
    // What the server had written since its backup did not happen: the same version says something else.
    server.profile(&ANA, till.account, "lost@example.org");
    pull(&till, (till.account, &[&ANA]), &server).await;
    server.feed.pop();
    server.epoch = Epoch(Uuid::from_u128(2));
    server.profile(&ANA, till.account, "restored@example.org");
    let page = server.page(&[&ANA], &BTreeMap::new());
    till.own().receive(&till.store, (&KINDS, &page), clock::now()).await.unwrap();
    assert_eq!(emails(&till.own()).await, ["restored@example.org"]);
}

#[wasm_bindgen_test]
async fn who_leaves_their_own_audience_leaves_no_database_behind() {
    let (till, bo, server) = with_two_databases().await;
    assert_eq!(pull(&till, (till.account, &[]), &server).await, (0, Kept::Left));
    assert_eq!((has_database(&till, till.account).await, has_database(&till, bo).await), (false, true));
    let followed: Vec<_> = feed(&till).await.cursors.into_keys().collect();
    assert_eq!(followed, [Audience::Tenant, BO]);
}

#[wasm_bindgen_test]
async fn who_is_taken_off_the_device_is_forgotten_and_what_they_did_is_not() {
    let (till, server) = with_a_database_of_anas().await;
    let bo = with_colleague(&till).await;
    till::open_session(&till.core, (&till.store, tap()), 0).await.unwrap();
    let view = people::take_off(&till.core).await.unwrap();
    assert_eq!((view.person, view.own), (None, None));
    assert_eq!(view.people.iter().map(|person| person.account).collect::<Vec<_>>(), [bo]);
    assert!(!has_database(&till, till.account).await);
    let waiting = load_queue(&till.store).await.unwrap();
    assert!(waiting.len() == 1 && !waiting[0].grant.is_empty(), "what waits goes with its own grant");
    assert_eq!(people::take_off(&till.core).await.unwrap_err().code, "not_signed_in");
    // Something that was on its way made one anew: the next start sweeps it, and no other.
    let late = server.page(&[&ANA], &BTreeMap::new());
    till.own().keep(&late).await.unwrap();
    pull(&till, (bo, &[&BO]), &server).await;
    assert!(has_database(&till, till.account).await);
    own::sweep(&till.core).await.unwrap();
    assert_eq!((has_database(&till, till.account).await, has_database(&till, bo).await), (false, true));
}

#[wasm_bindgen_test]
async fn an_erased_device_keeps_nothing_of_anybody() {
    let (till, _, _server) = with_two_databases().await;
    people::erase(&till.core).await.unwrap();
    let left: Vec<_> = Store::all_names().await.unwrap().into_iter().filter(|name| name.starts_with(till.store.name())).collect();
    assert_eq!(left, Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn a_sign_in_keeps_the_e_mail_address_out_of_what_colleagues_share_also_one_of_an_older_build() {
    let till = enrolled().await;
    let read = async |transaction: &Transaction| transaction.get::<SessionRecord>(Records::Meta, name::SESSION).await;
    let session = till.store.transact(&[Records::Meta], Access::Read, read).await.unwrap().unwrap().view;
    let row = OldRow { kind: Profile::KIND, id: till.account.0, version: 1, body: Bytes(b"ana@example.com".to_vec()), audience: ANA };
    let put = async |transaction: &Transaction| transaction.put(Records::Rows, format!("{}/{}", row.kind, row.id).as_str(), &row);
    till.store.transact(&[Records::Rows], Access::Strict, put).await.unwrap();
    assert!(tells(&till, "ana@example.org").await && tells(&till, "ana@example.com").await, "as an older build has written it");
    own::move_out(&till.core).await.unwrap();
    assert_eq!(shown(&till).await.email, "ana@example.org");
    people::signed_in(&till.core, holdfast_domain::identity::SessionView { email: "ana@example.net".to_owned(), ..session }).await.unwrap();
    assert_eq!(shown(&till).await.email, "ana@example.net");
    assert!(!tells(&till, "ana@example").await);
}
