//! What waits here as a file that somebody else can carry: for a device that will not come online again in time.
//!
//! Nothing is marked as sent by it. The device goes on asking, and hears what came of it like anything else.

use super::core::Core;
use super::protocol::{EngineRefusal, OutboxFile};
use super::records::{DeviceRecord, name};
use super::sync::rounds;
use crate::device::clock;
use crate::device::crypto::seal;
use crate::device::store::{Access, CHAIN, Records, Store, StoreError, Transaction, each_change};
use holdfast_sync::cbor;
use holdfast_sync::outbox_file::{FILE_VERSION, Part, Point};
use holdfast_sync::replica::{ChainHead, OutboxRow, is_undecided, undecided};
use holdfast_sync::wire::{MAX_PUSH, PushRequest};

/// Signs what is not signed, and seals all that the server has not decided.
pub async fn export(core: &Core) -> Result<OutboxFile, EngineRefusal> {
    let store = core.need_store()?;
    rounds::sign(core, &store).await.map_err(super::enrol::refusal)?;
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let device: Option<DeviceRecord> = transaction.get(Records::Meta, name::DEVICE).await?;
        let chain: Option<ChainHead> = transaction.get(Records::Meta, CHAIN).await?;
        let key: Option<Option<Point>> = transaction.get(Records::Meta, name::SEALING).await?;
        Ok((device.zip(chain), key.flatten()))
    };
    let (known, key) = store.transact(&[Records::Meta], Access::Read, read).await?;
    let (device, chain) = known.ok_or_else(|| EngineRefusal::new("not_signed_in"))?;
    let pushes = pushes(&store).await?;
    if pushes.is_empty() {
        return Err(EngineRefusal::new("nothing_to_hand_over"));
    }
    let key = key.ok_or_else(|| EngineRefusal::new("no_sealing_key"))?;
    let exported_at_ms = clock::now().plus_ms(chain.clock_offset_ms);
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (changes, parts) = (pushes.iter().map(|push| count(push.envelopes.len())).sum(), count(pushes.len()));
    let mut text = String::new();
    for (PushRequest { grants, envelopes }, part) in pushes.into_iter().zip(1..) {
        let part = Part { v: FILE_VERSION, tenant: device.tenant, device: device.device, exported_at_ms, part, parts, grants, envelopes };
        let sealed = seal(&cbor::encode(&part), &key).await?;
        text.push_str(&serde_json::to_string(&sealed).expect("a line is text"));
        text.push('\n');
    }
    let till = device.till.map(|till| till.till_name).unwrap_or_default();
    Ok(OutboxFile { till, text, changes })
}

/// All that the server has not decided, up to what was not signed yet. Of each change only what the file carries stays in memory.
async fn pushes(store: &Store) -> Result<Vec<PushRequest>, StoreError> {
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let (mut pushes, mut rows, mut unsigned) = (Vec::new(), Vec::new(), false);
        let mut take = |row: OutboxRow| {
            unsigned |= is_undecided(&row) && row.signature.is_none();
            if is_undecided(&row) && !unsigned {
                rows.push(row);
            }
            if rows.len() == MAX_PUSH {
                pushes.extend(undecided(&rows));
                rows.clear();
            }
            Ok(())
        };
        each_change(transaction, Records::Outbox, 0, &mut take).await?;
        pushes.extend(undecided(&rows));
        Ok(pushes)
    };
    store.transact(&[Records::Outbox], Access::Read, read).await
}
