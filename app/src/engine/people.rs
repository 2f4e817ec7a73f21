//! Who works here: sign-in, switching by PIN, signing out, and forgetting the device.

use super::core::{Core, Standing, Told};
use super::protocol::{DeviceView, EngineRefusal, PersonView};
use super::records::{DeviceRecord, GrantRecord, NumberBlock, PersonRecord, SessionRecord, name};
use super::storage;
use super::sync::wake::Nudge;
use super::sync::{renewal, rounds};
use super::{blobs, carried, own};
use crate::device::crypto::{Attempts, PinRecord, is_pin};
use crate::device::store::{Access, CHAIN, Records, Store, StoreError, Transaction, each_change, forget_follower};
use crate::device::{clock, ids};
use holdfast_domain::identity::SessionView;
use holdfast_domain::kernel::{AccountId, ChainId, DeviceId, TenantId};
use holdfast_sync::replica::{ChainHead, OutboxState};

/// Who and where this device is.
pub async fn device_view(core: &Core) -> Result<DeviceView, EngineRefusal> {
    let contact = core.contact.borrow().clone();
    let storage = core.storage.borrow().clone();
    let empty = DeviceView {
        person: None,
        own: None,
        people: Vec::new(),
        till: None,
        online: contact.online,
        session_lost: true,
        storage,
        evicted: core.evicted.get(),
    };
    let Some(store) = core.store() else { return Ok(empty) };
    let Some(Standing { device, person }) = core.standing(&store).await? else { return Ok(empty) };
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let people: Vec<PersonRecord> = transaction.all(Records::People).await?;
        let session: Option<SessionRecord> = transaction.get(Records::Meta, name::SESSION).await?;
        Ok((people, session))
    };
    let (mut people, session) = store.transact(&[Records::Meta, Records::People], Access::Read, read).await?;
    let own = match &person {
        Some(person) => Some(own::view(core, &store, person.account).await),
        None => None,
    };
    people.sort_by(|a, b| (&a.name, a.account).cmp(&(&b.name, b.account)));
    Ok(DeviceView {
        person: person.as_ref().map(view),
        own,
        people: people.iter().map(view).collect(),
        till: device.till,
        session_lost: session.is_none_or(|session| session.lost),
        ..empty
    })
}

/// The server knows them: remember them, get their grant, go on sending.
pub async fn signed_in(core: &Core, session: SessionView) -> Result<DeviceView, EngineRefusal> {
    let store = enter_company(core, session.tenant).await?;
    let account = session.account;
    let email = session.email.clone();
    let session = own::without(session);
    store
        .transact(&[Records::Meta, Records::People], Access::Strict, async |transaction| {
            begin_database(transaction, &session).await?;
            let key = account.to_string();
            let known: Option<PersonRecord> = transaction.get(Records::People, key.as_str()).await?;
            let (grant, pin) = known.map_or((None, None), |known| (known.grant, known.pin));
            let person = PersonRecord {
                account,
                name: session.name.clone(),
                email: String::new(),
                permissions: session.permissions.iter().map(|permission| permission.as_str().to_owned()).collect(),
                grant,
                pin,
            };
            transaction.put(Records::People, key.as_str(), &person)?;
            transaction.put(Records::Meta, name::SIGNED_IN, &account)?;
            transaction.put(Records::Meta, name::SESSION, &SessionRecord { view: session.clone(), lost: false })
        })
        .await?;
    // After the device knows whose it is: what belongs to nobody here is swept.
    core.close_own().await;
    core.own(&store, account).put(name::EMAIL, &email).await.unwrap_or_else(|error| super::core::log(&error));
    core.evicted.set(false);
    core.reached().await?;
    // On an enrolled device they work offline from now on. Should the network go this very moment, the next contact brings the grant.
    renewal::grant(core, &store).await.unwrap_or_else(|error| super::core::log(&error));
    core.tell(Told::Device);
    core.wake.nudge(Nudge::Now);
    device_view(core).await
}

/// The company's database. Another company's that was used here before is erased, because a device works for one; refused while its work is unsent.
async fn enter_company(core: &Core, tenant: TenantId) -> Result<Store, EngineRefusal> {
    if let Some(former) = core.other_company(tenant) {
        retire(&former).await?;
        core.forget().await?;
    }
    Ok(core.use_tenant(tenant).await?)
}

/// The first sign-in of a tenant makes its database's device and chain.
async fn begin_database(transaction: &Transaction, session: &SessionView) -> Result<(), StoreError> {
    if transaction.get::<DeviceRecord>(Records::Meta, name::DEVICE).await?.is_some() {
        return Ok(());
    }
    let device = DeviceId::from(ids::fresh());
    transaction.put(Records::Meta, CHAIN, &ChainHead::begin(device, ChainId::from(ids::fresh())))?;
    transaction.put(Records::Meta, name::DEVICE, &DeviceRecord { device, tenant: session.tenant, till: None })
}

/// Someone known here takes over.
pub async fn switch(core: &Core, account: AccountId, pin: Option<String>) -> Result<DeviceView, EngineRefusal> {
    let store = core.need_store()?;
    if let Some(record) = try_pin(&store, account).await? {
        let right = match pin {
            Some(pin) => record.is(&pin).await?,
            None => false,
        };
        if !right {
            return Err(refused_pin(&record.attempts));
        }
    }
    store
        .transact(&[Records::Meta, Records::People], Access::Strict, async |transaction| {
            let mut person = person(transaction, account).await?;
            if let Some(pin) = &mut person.pin {
                pin.attempts = Attempts::default();
            }
            transaction.put(Records::People, account.to_string().as_str(), &person)?;
            transaction.put(Records::Meta, name::SIGNED_IN, &account)?;
            Ok::<_, EngineRefusal>(())
        })
        .await?;
    core.close_own().await;
    core.tell(Told::Device);
    core.wake.nudge(Nudge::Now);
    device_view(core).await
}

/// Counts a try before it is judged, so that a reload wins none. None where no PIN is asked.
async fn try_pin(store: &Store, account: AccountId) -> Result<Option<PinRecord>, EngineRefusal> {
    store
        .transact(&[Records::People], Access::Strict, async |transaction| {
            let mut person = person(transaction, account).await?;
            let Some(pin) = &mut person.pin else { return Ok(None) };
            let now = clock::now();
            if let Some(seconds) = pin.attempts.wait_seconds(now) {
                return Err(EngineRefusal::new("pin_locked").with("seconds", seconds));
            }
            pin.attempts = pin.attempts.tried(now);
            let tried = pin.clone();
            transaction.put(Records::People, account.to_string().as_str(), &person)?;
            Ok(Some(tried))
        })
        .await
}

fn refused_pin(attempts: &Attempts) -> EngineRefusal {
    match attempts.wait_seconds(clock::now()) {
        Some(seconds) => EngineRefusal::new("pin_locked").with("seconds", seconds),
        None => EngineRefusal::new("pin_wrong"),
    }
}

async fn person(transaction: &Transaction, account: AccountId) -> Result<PersonRecord, EngineRefusal> {
    let person = transaction.get(Records::People, account.to_string().as_str()).await?;
    person.ok_or_else(|| EngineRefusal::new("person_unknown"))
}

/// Sets the PIN of whoever is signed in.
pub async fn set_pin(core: &Core, pin: &str) -> Result<DeviceView, EngineRefusal> {
    if !is_pin(pin) {
        return Err(EngineRefusal::new("pin_invalid"));
    }
    let store = core.need_store()?;
    let record = PinRecord::of(pin).await?;
    store
        .transact(&[Records::Meta, Records::People], Access::Strict, async |transaction| {
            let account: Option<AccountId> = transaction.get(Records::Meta, name::SIGNED_IN).await?;
            let account = account.ok_or_else(|| EngineRefusal::new("not_signed_in"))?;
            let person = PersonRecord { pin: Some(record), ..person(transaction, account).await? };
            Ok::<_, EngineRefusal>(transaction.put(Records::People, account.to_string().as_str(), &person)?)
        })
        .await?;
    core.tell(Told::Device);
    device_view(core).await
}

/// Nobody is signed in any more. What waits stays and waits.
pub async fn sign_out(core: &Core) -> Result<DeviceView, EngineRefusal> {
    if let Some(store) = core.store() {
        store
            .transact(&[Records::Meta], Access::Strict, async |transaction| {
                transaction.delete(Records::Meta, name::SIGNED_IN)?;
                transaction.delete(Records::Meta, name::SESSION)
            })
            .await?;
    }
    core.close_own().await;
    core.tell(Told::Device);
    device_view(core).await
}

/// Whoever is signed in works here no more: their name, PIN and grant are forgotten, and what is their own. What they did is the company's: what waits of it
/// waits on, each change with its grant, and is sent by whoever signs in.
pub async fn take_off(core: &Core) -> Result<DeviceView, EngineRefusal> {
    let store = core.need_store()?;
    let account = store
        .transact(&[Records::Meta, Records::People], Access::Strict, async |transaction| {
            let account: Option<AccountId> = transaction.get(Records::Meta, name::SIGNED_IN).await?;
            let account = account.ok_or_else(|| EngineRefusal::new("not_signed_in"))?;
            transaction.delete(Records::People, account.to_string().as_str())?;
            transaction.delete(Records::Meta, name::SIGNED_IN)?;
            transaction.delete(Records::Meta, name::SESSION)?;
            forget_follower(transaction, account).await?;
            Ok::<_, EngineRefusal>(account)
        })
        .await?;
    core.own(&store, account).delete().await?;
    core.close_own().await;
    core.tell(Told::Device);
    device_view(core).await
}

/// Forgets everything here, unless work is unsent.
pub async fn erase(core: &Core) -> Result<(), EngineRefusal> {
    if let Some(store) = core.store() {
        // Whatever the server can still take is tried once more.
        rounds::send(core, &store).await.unwrap_or_else(|error| super::core::log(&error));
        retire(&store).await?;
    }
    core.forget().await?;
    storage::unmark().await;
    core.tell(Told::Device);
    Ok(())
}

/// From now on nobody works on this database; refused while work is unsent. Looked at and done at once: what another tab records comes before, and
/// counts, or after, and is refused there.
async fn retire(store: &Store) -> Result<(), EngineRefusal> {
    store
        .transact(&[Records::Meta, Records::Outbox, Records::Blobs], Access::Strict, async |transaction| {
            let mut own = 0;
            each_change(transaction, Records::Outbox, 0, &mut |row| {
                own += usize::from(matches!(row.state, OutboxState::Saved | OutboxState::Sent));
                Ok(())
            })
            .await?;
            let waiting = own + carried::waiting(&carried::stored(transaction).await?) + blobs::unsent(transaction).await?.len();
            if waiting > 0 {
                return Err(EngineRefusal::new("unsent_work").with("changes", waiting));
            }
            transaction.delete(Records::Meta, name::SIGNED_IN)?;
            Ok(transaction.delete(Records::Meta, name::DEVICE)?)
        })
        .await
}

/// What the grant allows; before there is one, what the session allows.
fn view(person: &PersonRecord) -> PersonView {
    let granted = |grant: &GrantRecord| grant.claims.permissions.iter().map(|permission| permission.as_str().to_owned()).collect();
    PersonView {
        account: person.account,
        name: person.name.clone(),
        has_pin: person.pin.is_some(),
        permissions: person.grant.as_ref().map_or_else(|| person.permissions.clone(), granted),
    }
}

/// How many receipt numbers are left.
pub async fn numbers_left(store: &Store) -> Result<u64, StoreError> {
    let read = async |transaction: &Transaction| transaction.all::<NumberBlock>(Records::Numbers).await;
    let blocks = store.transact(&[Records::Numbers], Access::Read, read).await?;
    Ok(blocks.iter().map(NumberBlock::left).sum())
}
