//! What the engine keeps in the device's database beside the replica's own records.

use super::protocol::EnrolledTill;
use crate::device::crypto::PinRecord;
use crate::device::json;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_domain::identity::{GrantClaims, SessionView};
use holdfast_domain::kernel::{AccountId, DeviceId, DocumentId, TenantId, Timestamp};
use holdfast_domain::sales::{ReceiptBlock, ReceiptNumber};
use serde::{Deserialize, Serialize};

/// Names of the single records.
pub mod name {
    /// In the directory: the tenant whose database was used last.
    pub const CURRENT: &str = "current";
    /// This device.
    pub const DEVICE: &str = "device";
    /// Whoever is signed in.
    pub const SIGNED_IN: &str = "signed_in";
    /// The session with the server.
    pub const SESSION: &str = "session";
    /// What lies on the till.
    pub const PLACE: &str = "place";
    /// When the server was last reached.
    pub const CONTACT: &str = "contact";
    /// The device's key, in its own store.
    pub const KEY: &str = "device";
}

/// This device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRecord {
    /// Chosen when its database was made.
    pub device: DeviceId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The till it is; none before it is enrolled.
    pub till: Option<EnrolledTill>,
}

/// Someone known here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// The account.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// What the account may do, as last heard.
    pub permissions: Vec<String>,
    /// What it may do offline on this device.
    pub grant: Option<GrantRecord>,
    /// The courtesy lock.
    pub pin: Option<PinRecord>,
}

/// A grant as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRecord {
    /// As issued.
    pub jwt: String,
    /// What it says.
    pub claims: GrantClaims,
    /// When it came.
    pub received_at: Timestamp,
}

/// The session with the server. The cookie itself is out of reach, and meant to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// As the server told it.
    pub view: SessionView,
    /// The server does not know it any more.
    pub lost: bool,
}

/// What lies on the till, for every tab of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The ticket being rung up.
    pub ticket: Option<DocumentId>,
}

/// When the server was reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The last try reached it.
    pub online: bool,
    /// The first try that did not, since.
    pub offline_since: Option<Timestamp>,
    /// The last that did.
    pub last: Option<Timestamp>,
    /// The code of what the server refused to do when it was last reached.
    #[serde(default)]
    pub refused: Option<String>,
}

/// A block of receipt numbers, and how far it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberBlock {
    /// As reserved.
    pub block: ReceiptBlock,
    /// The next number; beyond `last` when all are used.
    pub next: u64,
}

/// A text that is no grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server sent a grant that cannot be read")]
pub struct BadGrant;

impl GrantRecord {
    /// Reads what a grant says. Whether it is true only the server can tell, and it does.
    pub fn read(jwt: String, received_at: Timestamp) -> Result<Self, BadGrant> {
        let claims = jwt.split('.').nth(1).ok_or(BadGrant)?;
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| BadGrant)?;
        let claims = String::from_utf8(claims).map_err(|_| BadGrant)?;
        let claims = json::read(&claims).map_err(|_| BadGrant)?;
        Ok(Self { jwt, claims, received_at })
    }
}

impl NumberBlock {
    /// A block of which nothing is used.
    pub fn fresh(block: ReceiptBlock) -> Self {
        Self { next: block.first, block }
    }

    /// Takes the next number; it is burned from then on.
    pub fn take(&mut self) -> Option<ReceiptNumber> {
        let number = self.next;
        (number <= self.block.last).then(|| {
            self.next = number + 1;
            ReceiptNumber { block: self.block.block, number }
        })
    }

    /// How many are left.
    pub fn left(&self) -> u64 {
        (self.block.last + 1).saturating_sub(self.next)
    }
}

impl Contact {
    /// The server was reached, and refused something or nothing.
    pub fn reached(now: Timestamp, refused: Option<String>) -> Self {
        Self { online: true, offline_since: None, last: Some(now), refused }
    }

    /// The server was not reached.
    pub fn missed(&self, now: Timestamp) -> Self {
        Self { online: false, offline_since: self.offline_since.or(Some(now)), last: self.last, refused: self.refused.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::{BlockId, ChainId};

    #[test]
    fn a_number_is_taken_once_and_the_block_ends() {
        let id = [7; 16];
        let block =
            ReceiptBlock { block: BlockId::from_bytes(id), device: DeviceId::from_bytes(id), chain: ChainId::from_bytes(id), first: 41, last: 42 };
        let mut numbers = NumberBlock::fresh(block);
        assert_eq!(numbers.left(), 2);
        let taken: Vec<_> = std::iter::from_fn(|| numbers.take()).map(|receipt| receipt.number).collect();
        assert_eq!(taken, [41, 42]);
        assert_eq!((numbers.left(), numbers.take()), (0, None));
    }

    #[test]
    fn offline_began_with_the_first_miss_and_ends_with_contact() {
        let missed = Contact::reached(Timestamp(1), None).missed(Timestamp(5)).missed(Timestamp(9));
        assert_eq!((missed.online, missed.offline_since, missed.last), (false, Some(Timestamp(5)), Some(Timestamp(1))));
        let refused = Contact::reached(Timestamp(12), Some("device_revoked".to_owned()));
        assert_eq!((refused.online, refused.offline_since, refused.last), (true, None, Some(Timestamp(12))));
        assert_eq!(refused.missed(Timestamp(13)).refused.as_deref(), Some("device_revoked"));
        assert_eq!(Contact::reached(Timestamp(14), None).refused, None);
    }

    #[test]
    fn what_is_no_grant_is_said_to_be_none() {
        for bad in ["", "a.b.c", "a", "e30.e30.x"] {
            assert_eq!(GrantRecord::read(bad.to_owned(), Timestamp(0)), Err(BadGrant), "{bad:?}");
        }
    }
}
