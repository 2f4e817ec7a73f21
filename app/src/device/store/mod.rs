//! The device's database: the only place that knows IndexedDB.
//!
//! Every operation is one transaction: it reads what it names, calls a pure function, writes what that answers, all or nothing. Within it nothing but IndexedDB
//! is awaited, or the browser ends it; so keys are asked before or after. Two tabs on one database are safe without knowing of each other.
//! What a person did is confirmed by `complete` of a strictly durable transaction, and by nothing before. A connection that died is replaced, never used again.
//!
//! Opening and upgrading is done with `idb`; transactions are begun with web-sys, because only there can strict durability be asked for, and end
//! here, because only here is a full disk told from other ends.

mod connection;
mod leave;
mod marks;
mod personal;
mod rebuild;
mod records;
mod replica;
mod strides;
mod transaction;
mod tries;
mod witness;
mod work;

pub use connection::Store;
pub use marks::{ViewsMark, mark_outbox, outbox_mark, views_mark};
pub use personal::{Kept, PersonalStore, cursors, drop_personal_rows, forget_follower};
pub use rebuild::rebuild_fallen;
pub use records::{Key, Records};
pub use replica::{CHAIN, Taken, a_fact_waits, answer, mark_sent, next_to_push, prune_accepted, resume, sign, unsigned};
pub use strides::{STRIDE, each_change};
pub use transaction::{Access, Transaction};
pub use tries::{Hindrance, Tried, not_sent, prune_tried, tried_of};
pub use witness::{next_to_offer, offer_answered, prune_witnessed};
pub use work::{Documents, RecordRefusal, Work};

/// Why the database did not do it. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The browser gives no more room.
    #[error("the device's storage is full")]
    Full,
    /// The browser closed the connection; the next transaction opens another.
    #[error("the connection to the database was lost")]
    Lost,
    /// A newer build has upgraded the database; this one may not touch it.
    #[error("a newer build of the app has taken the database over")]
    Outdated,
    /// A record is not what this code writes.
    #[error("a record of {records} cannot be read: {cause}")]
    Unreadable {
        /// Where it lies.
        records: &'static str,
        /// What is wrong with it.
        cause: String,
    },
    /// Anything else the browser says.
    #[error("the database failed: {0}")]
    Fault(String),
}
