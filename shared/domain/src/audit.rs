//! What people did, as the office reads it in the audit.
//!
//! An entry says who did what to which record, when, where and from where, what was before and what is after. It is written once, with the act, and stands.
//!
//! - `GET /api/v1/audit/entries?actor=&action=&kind=&record=&site=&device=&result=&from=&to=&zone=&after=<cursor>&limit=50` → [`EntriesPage`], newest first. Needs
//!   [`READ`]. What is left out narrows nothing. `action` is an [`Action`], or an intent's name for what people did on documents; `record` takes `kind`; `from` and `to` are
//!   days, both counted in, of the time zone `zone` (UTC where it is left out).
//! - `GET /api/v1/audit/entries/file?…`, the same but `after` and `limit`, as CSV. Needs [`EXPORT`] as well, and leaves an entry itself.
//!
//! Problems: `invalid_query`, `limit_out_of_range`, `cursor_malformed` (400); `permission_missing` (403); `exports_busy` (503).

use crate::identity::Permission;
use crate::kernel::resource::Changes;
use crate::kernel::{AccountId, DeviceId, SiteId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// See what was done, at the sites where it is held; what belongs to no site takes it everywhere.
pub static READ: Permission = Permission::new("audit.entry.read");
/// Take the audit out as a file.
pub static EXPORT: Permission = Permission::new("audit.entry.export");

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Made a record.
    Create,
    /// Changed it.
    Update,
    /// Put it away.
    Archive,
    /// Took it back into use.
    Restore,
    /// Merged two records that were the same one.
    Merge,
    /// Brought in many out of a file.
    Import,
    /// Took a list out as a file.
    Export,
    /// Signed in.
    SignIn,
    /// Somebody who said to be that account tried to, and was turned away.
    SignInFailed,
    /// Signed out.
    SignOut,
    /// Enrolled a device.
    Enrol,
    /// Enrolled a device that was known.
    EnrolAgain,
    /// The server took a device up that it had forgotten.
    TakeUp,
    /// Took a device or a grant back.
    Revoke,
    /// Was issued a grant.
    Grant,
    /// Gave a role.
    GiveRole,
    /// Ended one.
    EndRole,
    /// Let in what was held.
    Release,
    /// Kept out for good what was held.
    Reject,
    /// Took an exception on, gave it to somebody, or gave it back.
    Assign,
    /// Resolved an exception.
    Resolve,
    /// Handed in what a device had not sent.
    HandIn,
    /// Had an event tried again that a part of the server had failed on.
    Replay,
    /// Gave such an event up.
    Dismiss,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::Create,
        Self::Update,
        Self::Archive,
        Self::Restore,
        Self::Merge,
        Self::Import,
        Self::Export,
        Self::SignIn,
        Self::SignInFailed,
        Self::SignOut,
        Self::Enrol,
        Self::EnrolAgain,
        Self::TakeUp,
        Self::Revoke,
        Self::Grant,
        Self::GiveRole,
        Self::EndRole,
        Self::Release,
        Self::Reject,
        Self::Assign,
        Self::Resolve,
        Self::HandIn,
        Self::Replay,
        Self::Dismiss,
    ];

    /// As it is stored and asked for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Archive => "archive",
            Self::Restore => "restore",
            Self::Merge => "merge",
            Self::Import => "import",
            Self::Export => "export",
            Self::SignIn => "sign_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignOut => "sign_out",
            Self::Enrol => "enrol",
            Self::EnrolAgain => "enrol_again",
            Self::TakeUp => "take_up",
            Self::Revoke => "revoke",
            Self::Grant => "grant",
            Self::GiveRole => "give_role",
            Self::EndRole => "end_role",
            Self::Release => "release",
            Self::Reject => "reject",
            Self::Assign => "assign",
            Self::Resolve => "resolve",
            Self::HandIn => "hand_in",
            Self::Replay => "replay",
            Self::Dismiss => "dismiss",
        }
    }

    /// Reads it back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not: whoever tried was turned away.
    Failed,
    /// It came from a device, and a person must decide.
    Held,
    /// It came from a device, and is in no document.
    Refused,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Done, Self::Failed, Self::Held, Self::Refused];

    /// As it is asked for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Refused => "refused",
        }
    }
}

/// A page of entries. It may have fewer than were asked for, none even, and go on all the same: what people did on documents is looked through a bounded part at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EntriesPage {
    /// Newest first.
    pub entries: Vec<EntryView>,
    /// What accounts, devices, sites and tills are called that the entries name, by id; as far as the reader may see them.
    pub names: BTreeMap<Uuid, String>,
    /// For `after`, where there may be more.
    pub next: Option<String>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EntryView {
    /// Its id; an intent's, where it was done on a document.
    pub id: Uuid,
    /// When it was done here, or came here.
    pub at: Timestamp,
    /// When it was done on the device that it came from.
    pub done_at: Option<Timestamp>,
    /// An [`Action`]'s name, or an intent's.
    pub action: String,
    /// What became of it.
    pub result: Outcome,
    /// Why it was held or refused.
    pub code: Option<String>,
    /// What it was done to, such as `sales.customer`.
    pub kind: String,
    /// Which; none where it was done to no one record.
    pub record: Option<Uuid>,
    /// What that was called then.
    pub title: String,
    /// Where.
    pub site: Option<SiteId>,
    /// Who; none where the server did it itself, or nobody proved who they are.
    pub account: Option<AccountId>,
    /// What they are called.
    pub name: Option<String>,
    /// What they were then.
    pub roles: Vec<String>,
    /// The device that they worked on.
    pub device: Option<DeviceId>,
    /// Tells their session from others, and opens none.
    pub session: Option<String>,
    /// The request; events that came of it say the same as `correlationid`.
    pub request: Option<Uuid>,
    /// The trace that it was part of.
    pub trace: Option<String>,
    /// Where the request came from.
    pub address: Option<String>,
    /// What the browser or program called itself.
    pub user_agent: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The fields that changed; of an intent what was meant.
    pub changes: Vec<Changes>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_called_the_same_in_the_database_and_on_the_wire() {
        for action in Action::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
            assert_eq!(Action::from_name(action.name()), Some(action));
        }
        assert_eq!(Action::from_name("Create"), None);
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.name());
        }
    }
}
