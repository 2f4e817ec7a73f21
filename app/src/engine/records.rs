//! What the engine keeps in the device's database beside the replica's own records.

use super::protocol::CarriedView;
use super::protocol::EnrolledTill;
use crate::device::crypto::PinRecord;
use crate::device::json;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_domain::identity::{GrantClaims, SessionView};
use holdfast_domain::import::{ImportTally, Imported, OutsideTheBooks};
use holdfast_domain::kernel::{AccountId, DeviceId, DocumentId, TenantId, Timestamp};
use holdfast_domain::sales::{ReceiptBlock, ReceiptNumber};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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
    /// What outbox files are sealed to, as the server last said; none of a server that opens none.
    pub const SEALING: &str = "sealing";
    /// Files of other devices that were handed in here; their lines lie beside it, under names of their own.
    pub const CARRIED: &str = "carried";
    /// In an account's own database: its e-mail address, as the sign-in told it.
    pub const EMAIL: &str = "email";
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
    /// Empty: it is the person's own and lies in their database. Builds before read it here and write it.
    #[serde(default)]
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
    /// How often it was tried since without being reached.
    #[serde(default)]
    pub tries: u32,
    /// When it is tried next.
    #[serde(default)]
    pub next_try: Option<Timestamp>,
}

/// A block of receipt numbers, and how far it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberBlock {
    /// As reserved.
    pub block: ReceiptBlock,
    /// The next number; beyond `last` when all are used.
    pub next: u64,
}

/// A file of another device, handed in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedFile {
    /// Given here.
    pub id: Uuid,
    /// Tells whether a file is the same.
    pub digest: String,
    /// As the file was called.
    pub name: String,
    /// When it was handed in here.
    pub taken_at: Timestamp,
    /// How many lines it had here.
    pub lines: u32,
    /// Which of them are to be sent yet.
    pub left: Vec<u32>,
    /// How many lines its device wrote, once the server has said so.
    pub parts: Option<u32>,
    /// Its device's name, once the server has said so.
    pub device: Option<String>,
    /// What came of it so far.
    pub tally: ImportTally,
    /// Some of what is not in the books.
    pub outside: Vec<OutsideTheBooks>,
    /// Why the server will not take some of it.
    pub refused: Option<String>,
    /// The lines that it will not take; they are kept until somebody has read that.
    #[serde(default)]
    pub refused_lines: Vec<u32>,
    /// It is not sent again before.
    pub not_before: Option<Timestamp>,
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

impl CarriedFile {
    /// A file that was just handed in.
    pub fn taken((id, digest, name): (Uuid, String, String), taken_at: Timestamp, lines: usize) -> Self {
        let lines = u32::try_from(lines).unwrap_or(u32::MAX);
        Self {
            id,
            digest,
            name,
            taken_at,
            lines,
            left: (0..lines).collect(),
            parts: None,
            device: None,
            tally: ImportTally::default(),
            outside: Vec::new(),
            refused: None,
            refused_lines: Vec::new(),
            not_before: None,
        }
    }

    /// Whether something of it is to be sent yet.
    pub fn is_waiting(&self) -> bool {
        !self.left.is_empty()
    }

    /// Whether it may be sent now; a wait that is longer than any was set under another clock.
    pub fn is_due(&self, now: Timestamp) -> bool {
        const LONGEST_MS: i64 = 3_600 * 1_000;
        self.not_before.is_none_or(|then| then <= now || then > now.plus_ms(LONGEST_MS))
    }

    /// The server will not take a line.
    pub fn refuse(&mut self, line: u32, code: String) {
        self.left.retain(|left| *left != line);
        self.refused_lines.push(line);
        self.refused.get_or_insert(code);
    }

    /// Adds what came of a line.
    pub fn add(&mut self, imported: Imported, most_outside: usize) {
        self.tally = self.tally.and(imported.tally);
        self.parts = Some(imported.parts);
        self.device = imported.device_name.or_else(|| self.device.take());
        self.outside.extend(imported.outside);
        self.outside.truncate(most_outside);
    }

    /// As the page shows it.
    pub fn view(&self) -> CarriedView {
        CarriedView {
            id: self.id,
            name: self.name.clone(),
            taken_at: self.taken_at,
            lines: self.lines,
            left: u32::try_from(self.left.len()).unwrap_or(u32::MAX),
            waits: self.is_waiting(),
            whole: self.parts.is_none_or(|parts| parts <= self.lines),
            device: self.device.clone(),
            tally: self.tally,
            outside: self.outside.clone(),
            refused: self.refused.clone(),
        }
    }
}

impl Contact {
    /// The server was reached, and refused something or nothing.
    pub fn reached(now: Timestamp, refused: Option<String>) -> Self {
        Self { online: true, offline_since: None, last: Some(now), refused, tries: 0, next_try: None }
    }

    /// It is tried again then.
    pub fn put_off(self, next_try: Timestamp) -> Self {
        Self { next_try: Some(next_try), ..self }
    }

    /// The server was not reached, and is tried again then.
    pub fn missed(&self, now: Timestamp, next_try: Timestamp) -> Self {
        Self {
            online: false,
            offline_since: self.offline_since.or(Some(now)),
            last: self.last,
            refused: self.refused.clone(),
            tries: self.tries.saturating_add(1),
            next_try: Some(next_try),
        }
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
        let missed = Contact::reached(Timestamp(1), None).missed(Timestamp(5), Timestamp(6)).missed(Timestamp(9), Timestamp(11));
        assert_eq!((missed.tries, missed.next_try), (2, Some(Timestamp(11))));
        assert_eq!((missed.online, missed.offline_since, missed.last), (false, Some(Timestamp(5)), Some(Timestamp(1))));
        let refused = Contact::reached(Timestamp(12), Some("device_revoked".to_owned()));
        assert_eq!((refused.online, refused.offline_since, refused.last), (true, None, Some(Timestamp(12))));
        assert_eq!((refused.tries, refused.next_try), (0, None));
        assert_eq!(refused.missed(Timestamp(13), Timestamp(14)).refused.as_deref(), Some("device_revoked"));
        assert_eq!(Contact::reached(Timestamp(14), None).refused, None);
    }

    #[test]
    fn what_is_no_grant_is_said_to_be_none() {
        for bad in ["", "a.b.c", "a", "e30.e30.x"] {
            assert_eq!(GrantRecord::read(bad.to_owned(), Timestamp(0)), Err(BadGrant), "{bad:?}");
        }
    }
}
