//! What somebody reads of themselves on this device, and nobody else here does.

use super::core::{Core, log};
use super::protocol::OwnView;
use super::records::{PersonRecord, name};
use crate::device::store::{Access, PersonalStore, Records, Store, StoreError, Transaction, drop_personal_rows};
use holdfast_domain::identity::{Profile, SessionView};
use holdfast_domain::kernel::{AccountId, Reference};

/// What is the account's own. Where it cannot be read, nobody is kept from working.
pub async fn view(core: &Core, device: &Store, account: AccountId) -> OwnView {
    match read(core, device, account).await {
        Ok(view) => view,
        Err(error) => {
            log(&error);
            OwnView::default()
        }
    }
}

async fn read(core: &Core, device: &Store, account: AccountId) -> Result<OwnView, StoreError> {
    let own = core.own(device, account);
    let profile = own.rows().await?.iter().filter_map(Profile::of).filter_map(Result::ok).find(|profile| profile.account == account);
    match profile {
        Some(Profile { email, roles, .. }) => Ok(OwnView { email, roles }),
        // Whoever is no person of the company's, or has not heard of it yet.
        None => Ok(OwnView { email: own.get(name::EMAIL).await?.unwrap_or_default(), roles: Vec::new() }),
    }
}

/// The session as the device's database keeps it, which colleagues share.
pub fn without(session: SessionView) -> SessionView {
    SessionView { email: String::new(), ..session }
}

/// What a build before this one had written of people into the device's database goes into their own.
pub async fn move_out(core: &Core) -> Result<(), StoreError> {
    let Some(store) = core.store() else { return Ok(()) };
    let people: Vec<PersonRecord> =
        store.transact(&[Records::People], Access::Read, async |transaction| transaction.all(Records::People).await).await?;
    for person in people.into_iter().filter(|person| !person.email.is_empty()) {
        core.own(&store, person.account).put(name::EMAIL, &person.email).await?;
        let clear = async |transaction: &Transaction| -> Result<(), StoreError> {
            let key = person.account.to_string();
            match transaction.get::<PersonRecord>(Records::People, key.as_str()).await? {
                Some(known) => transaction.put(Records::People, key.as_str(), &PersonRecord { email: String::new(), ..known }),
                None => Ok(()),
            }
        };
        store.transact(&[Records::People], Access::Strict, clear).await?;
    }
    core.close_own().await;
    drop_personal_rows(&store).await
}

/// The device is forgotten, and what is people's own with it.
pub async fn forget_all(core: &Core, device: &Store) -> Result<(), StoreError> {
    let people: Vec<PersonRecord> =
        device.transact(&[Records::People], Access::Read, async |transaction| transaction.all(Records::People).await).await?;
    for person in people {
        core.own(device, person.account).delete().await?;
    }
    Ok(())
}

/// Databases of people who are not known here any more: whatever was on its way when they were taken off, or when the device was erased, may have made one anew.
pub async fn sweep(core: &Core) -> Result<(), StoreError> {
    // Before the people are read: whoever comes meanwhile is known before their database is made.
    let there = Store::all_names().await?;
    let device = core.store();
    let people = match &device {
        Some(store) => store.transact(&[Records::People], Access::Read, async |transaction| transaction.keys(Records::People).await).await?,
        None => Vec::new(),
    };
    for name in there {
        let Some((of, account)) = PersonalStore::read_name(&name) else { continue };
        let known = device.as_ref().is_some_and(|device| device.name() == of) && people.contains(&account.to_string());
        if !known {
            Store::named(&name).delete().await?;
        }
    }
    Ok(())
}
