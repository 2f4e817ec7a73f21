//! What is one account's own lies in a database of that account's, beside the device's: its reference rows, and how far its feed has been read. A colleague
//! who takes the device over opens another one.
//!
//! A page of the feed has both: the account's own rows go here, all else into the device's database, each with the cursors of its part. The two
//! transactions know nothing of each other, so either may come first, and a device may die between them: what is asked for next begins at the lower of both
//! cursors, and a page that is stored twice changes nothing.
//! Documents stay in the device's database whosever they are: an intent, the chain and the document are one transaction.

use super::leave::{KeptRow, put_row, row_key};
use super::records::Records;
use super::replica::{self, Taken};
use super::transaction::{Access, Transaction};
use super::{Store, StoreError};
use futures::future::join;
use holdfast_sync::ids::{AccountId, Epoch};
use holdfast_sync::kind::{Audience, Kinds};
use holdfast_sync::replica::FeedState;
use holdfast_sync::time::Timestamp;
use holdfast_sync::wire::{Entry, PullResponse, ReferenceRow};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How far the account's own feed is stored, among its single records.
const FOLLOWED: &str = "followed";
/// Whose audiences are whose, among the device's single records.
const FOLLOWERS: &str = "followers";

/// An account's own database.
#[derive(Clone)]
pub struct PersonalStore {
    account: AccountId,
    store: Store,
}

/// Up to where the account's own audiences are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    epoch: Epoch,
    cursors: BTreeMap<Audience, u64>,
}

/// From where to ask for the feed, where the device stands at `feed` and the account's own database at `own`: for what is the account's own, what both
/// have; of others nothing.
pub fn cursors(feed: &FeedState, own: Option<Followed>) -> BTreeMap<Audience, u64> {
    let own = own.filter(|own| feed.epoch == Some(own.epoch)).map(|own| own.cursors).unwrap_or_default();
    let cursor = |(audience, cursor): (&Audience, &u64)| match is_personal(audience) {
        true => own.get(audience).map(|own| (audience.clone(), *own.min(cursor))),
        false => Some((audience.clone(), *cursor)),
    };
    feed.cursors.iter().filter_map(cursor).collect()
}

/// Which audiences an account follows here that are its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Follower {
    account: AccountId,
    audiences: BTreeSet<Audience>,
}

/// What became of an account's own part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing that anybody sees.
    Nothing,
    /// Rows came or went.
    Rows,
    /// The account has left the last of its own audiences, and all of it is gone.
    Left,
}

/// Whether it is one person's.
pub(super) fn is_personal(audience: &Audience) -> bool {
    matches!(audience, Audience::Person(_))
}

impl PersonalStore {
    /// The account's database on this device; it is created with its first transaction.
    pub fn of(device: &Store, account: AccountId) -> Self {
        Self { account, store: Store::named(&format!("{}-{account}", device.name())) }
    }

    /// The device's database and the account that a database's name speaks of; none where it is no account's.
    pub fn read_name(name: &str) -> Option<(&str, AccountId)> {
        const ACCOUNT: usize = "-00000000-0000-0000-0000-000000000000".len();
        let (device, account) = name.split_at_checked(name.len().checked_sub(ACCOUNT)?)?;
        // The device's own is named after the tenant, and nothing before that.
        let account = account.strip_prefix('-').filter(|_| device.len() > ACCOUNT)?;
        Some((device, AccountId(account.parse().ok()?)))
    }

    /// How far the account's own feed is stored; none where it is not.
    pub async fn followed(&self) -> Result<Option<Followed>, StoreError> {
        self.store.transact(&[Records::Meta], Access::Read, async |transaction| transaction.get(Records::Meta, FOLLOWED).await).await
    }

    /// Stores a page of the feed that was asked for with the account's session: its own part here, all else in the device's database.
    pub async fn receive(&self, device: &Store, (kinds, page): (&Kinds, &PullResponse), device_now: Timestamp) -> Result<(Taken, Kept), StoreError> {
        let (kept, taken) = join(self.keep(page), replica::receive(device, kinds, (page, self.account), device_now)).await;
        let (kept, taken) = (kept?, taken?);
        if kept == Kept::Left {
            self.delete().await?;
        }
        Ok((taken, kept))
    }

    /// The account's own part of a page, in one transaction.
    pub async fn keep(&self, page: &PullResponse) -> Result<Kept, StoreError> {
        self.store
            .transact(&[Records::Meta, Records::Rows], Access::Relaxed, async |transaction| {
                let before: Option<Followed> = transaction.get(Records::Meta, FOLLOWED).await?;
                let followed = before.as_ref().filter(|before| before.epoch == page.epoch).map(|before| before.cursors.clone()).unwrap_or_default();
                let cursors = own_cursors(page, &followed);
                if cursors.is_empty() {
                    return forget(transaction, (before.as_ref(), page));
                }
                let mut kept = Kept::Nothing;
                if before.is_some_and(|before| before.epoch != page.epoch) {
                    // Their versions are those of a past that did not happen.
                    transaction.clear(Records::Rows)?;
                    kept = Kept::Rows;
                }
                let lost: BTreeSet<_> = followed.into_keys().filter(|audience| !cursors.contains_key(audience)).collect();
                if !lost.is_empty() {
                    remove_rows(transaction, &lost).await?;
                    kept = Kept::Rows;
                }
                for entry in &page.entries {
                    if let Entry::Row { row, audience: Some(audience), .. } = entry
                        && cursors.contains_key(audience)
                    {
                        put_row(transaction, row, Some(audience)).await?;
                        kept = Kept::Rows;
                    }
                }
                transaction.put(Records::Meta, FOLLOWED, &Followed { epoch: page.epoch, cursors })?;
                Ok(kept)
            })
            .await
    }

    /// The account's own rows that are not gone.
    pub async fn rows(&self) -> Result<Vec<ReferenceRow>, StoreError> {
        let read = async |transaction: &Transaction| transaction.all::<ReferenceRow>(Records::Rows).await;
        let rows = self.store.transact(&[Records::Rows], Access::Read, read).await?;
        Ok(rows.into_iter().filter(|row| row.body.is_some()).collect())
    }

    /// A single record of the account's own.
    pub async fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.store.transact(&[Records::Meta], Access::Read, async |transaction| transaction.get(Records::Meta, name).await).await
    }

    /// Writes a single record of the account's own.
    pub async fn put<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        self.store.transact(&[Records::Meta], Access::Relaxed, async |transaction| transaction.put(Records::Meta, name, value)).await
    }

    /// Nobody works with it for now.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// Nothing of it stays.
    pub async fn delete(&self) -> Result<(), StoreError> {
        self.store.delete().await
    }
}

/// The page's cursors of what is the account's own, as far as it goes on from what is here: pages may overtake each other.
fn own_cursors(page: &PullResponse, followed: &BTreeMap<Audience, u64>) -> BTreeMap<Audience, u64> {
    let entered = |audience: &Audience| page.entries.iter().any(|entry| matches!(entry, Entry::Enter { audience: new, .. } if new == audience));
    let goes_on = |audience: &Audience| is_personal(audience) && (followed.contains_key(audience) || entered(audience));
    page.cursors.iter().filter(|(audience, _)| goes_on(audience)).map(|(audience, cursor)| (audience.clone(), *cursor)).collect()
}

/// The account follows nothing of its own, as far as the page says. Where it was told to leave, nothing is left here; where it was not asked for (one of the two
/// databases had lost its cursor), the rows come back once it is entered again.
fn forget(transaction: &Transaction, (before, page): (Option<&Followed>, &PullResponse)) -> Result<Kept, StoreError> {
    let Some(before) = before else { return Ok(Kept::Nothing) };
    transaction.clear(Records::Rows)?;
    let told = |audience: &Audience| page.entries.iter().any(|entry| matches!(entry, Entry::Leave { audience: left } if left == audience));
    if before.epoch == page.epoch && before.cursors.keys().all(told) {
        transaction.clear(Records::Meta)?;
        return Ok(Kept::Left);
    }
    transaction.delete(Records::Meta, FOLLOWED)?;
    Ok(Kept::Rows)
}

async fn remove_rows(transaction: &Transaction, lost: &BTreeSet<Audience>) -> Result<(), StoreError> {
    for row in transaction.all::<KeptRow>(Records::Rows).await? {
        if row.audience.as_ref().is_some_and(|audience| lost.contains(audience)) {
            transaction.delete(Records::Rows, row_key(&row.kind, row.id))?;
        }
    }
    Ok(())
}

/// In the device's transaction: notes which audiences are the account's own, and answers the cursors of others', whose documents stay while a colleague works.
pub(super) async fn others(
    transaction: &Transaction,
    account: AccountId,
    (before, page): (&FeedState, &PullResponse),
) -> Result<BTreeMap<Audience, u64>, StoreError> {
    let known: Vec<Follower> = transaction.get(Records::Meta, FOLLOWERS).await?.unwrap_or_default();
    let audiences: BTreeSet<_> = page.cursors.keys().filter(|audience| is_personal(audience)).cloned().collect();
    let (_, mut followers): (Vec<_>, Vec<_>) = known.iter().cloned().partition(|follower| follower.account == account);
    if before.epoch != Some(page.epoch) {
        followers.clear();
    }
    let others: BTreeSet<Audience> = followers.iter().flat_map(|follower| follower.audiences.clone()).collect();
    if !audiences.is_empty() {
        followers.push(Follower { account, audiences });
    }
    if followers != known {
        transaction.put(Records::Meta, FOLLOWERS, &followers)?;
    }
    Ok(before.cursors.iter().filter(|(audience, _)| others.contains(audience)).map(|(audience, cursor)| (audience.clone(), *cursor)).collect())
}

/// What a build before this one had stored of single persons among the device's rows goes; it comes again, into their own databases.
pub async fn drop_personal_rows(device: &Store) -> Result<(), StoreError> {
    device
        .transact(&[Records::Meta, Records::Rows], Access::Relaxed, async |transaction| {
            // Written with the first page of this build: from then on there are none.
            if transaction.get::<Vec<Follower>>(Records::Meta, FOLLOWERS).await?.is_some() {
                return Ok(());
            }
            for row in transaction.all::<KeptRow>(Records::Rows).await? {
                if row.audience.as_ref().is_some_and(is_personal) {
                    transaction.delete(Records::Rows, row_key(&row.kind, row.id))?;
                }
            }
            Ok(())
        })
        .await
}

/// In the device's transaction: an account works here no more. What is left of its own audiences goes with the next page.
pub async fn forget_follower(transaction: &Transaction, account: AccountId) -> Result<(), StoreError> {
    let mut followers: Vec<Follower> = transaction.get(Records::Meta, FOLLOWERS).await?.unwrap_or_default();
    followers.retain(|follower| follower.account != account);
    transaction.put(Records::Meta, FOLLOWERS, &followers)
}
