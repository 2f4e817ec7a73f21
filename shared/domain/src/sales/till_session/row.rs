//! The till session in lists.

use super::{TillSession, TillSessionStatus};
use crate::kernel::{BlobRef, DocumentId, Money, SiteId, TillId, Timestamp};
use crate::sales::ticket::newest_first;
use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor;
use holdfast_sync::envelope::Principal;
use holdfast_sync::kind::ViewRow;
use serde::{Deserialize, Serialize};

/// The view of all till sessions on a device, newest first.
pub const TILL_SESSIONS_VIEW: &str = "sales.till_sessions";

/// One till session in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TillSessionRow {
    /// The till session.
    pub document: DocumentId,
    /// How far it is.
    pub status: TillSessionStatus,
    /// The site.
    pub site: SiteId,
    /// The till.
    pub till: TillId,
    /// What was counted in.
    pub float: Money,
    /// What was counted out.
    pub counted: Option<Money>,
    /// What should have been there, as the device reckoned.
    pub expected: Option<Money>,
    /// How many tickets the device knew when it closed.
    pub tickets: Option<u32>,
    /// Since when.
    pub opened_at: Timestamp,
    /// Who opened it.
    pub opened_by: Principal,
    /// Until when.
    pub closed_at: Option<Timestamp>,
    /// Codes of the server's rulings, without repeats.
    pub rulings: Vec<String>,
    /// Photos taken at the closing count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<BlobRef>,
}

impl TillSessionRow {
    /// The row of a till session; none before it is opened.
    pub fn of(document: DocumentId, session: &TillSession) -> Option<Self> {
        let opened = session.opened.as_ref()?;
        let closed = session.closed.as_ref();
        let mut rulings: Vec<String> = session.rulings.iter().map(|ruling| ruling.fact.code().to_owned()).collect();
        rulings.sort();
        rulings.dedup();
        Some(Self {
            document,
            status: session.status(),
            site: opened.fact.site,
            till: opened.fact.till,
            float: opened.fact.float,
            counted: closed.map(|closed| closed.fact.counted),
            expected: closed.map(|closed| closed.fact.expected),
            tickets: closed.map(|closed| closed.fact.tickets),
            opened_at: opened.at,
            opened_by: opened.by.clone(),
            closed_at: closed.map(|closed| closed.at),
            rulings,
            photos: closed.map(|closed| closed.fact.photos.clone()).unwrap_or_default(),
        })
    }

    pub(super) fn to_view_row(&self) -> ViewRow {
        ViewRow { view: TILL_SESSIONS_VIEW.to_owned(), key: newest_first(self.opened_at, self.document), bytes: Bytes(cbor::encode(self)) }
    }
}
