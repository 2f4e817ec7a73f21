//! Closes a till: the first version, which knew no photos. It stays as it is, for what devices have recorded with it.

use super::{Closed, TillSession, TillSessionFact, TillSessionRefusal, countable};
use crate::identity::Permission;
use crate::kernel::{Intent, Money, SiteId};
use crate::sales::CLOSE_TILL;
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};

/// The drawer is counted, selling ends; no photos.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseV1 {
    /// The cash counted out of the drawer.
    pub counted: Money,
    /// What the device reckons should be there: float + cash taken in the tickets it knows.
    pub expected: Money,
    /// How many completed tickets it knows.
    pub tickets: u32,
}

impl Intent for CloseV1 {
    const NAME: &'static str = "sales.till_session.close";
    const VERSION: u16 = 1;
    type Document = TillSession;
    type Refusal = TillSessionRefusal;

    fn permission(&self, _: &TillSession) -> &'static Permission {
        &CLOSE_TILL
    }

    fn site(&self, session: &TillSession) -> Option<SiteId> {
        session.site()
    }

    fn apply(&self, session: &TillSession, _: &Act) -> Result<Vec<TillSessionFact>, TillSessionRefusal> {
        let opened = session.opened.as_ref().ok_or(TillSessionRefusal::NotOpened)?;
        if session.closed.is_some() {
            return Err(TillSessionRefusal::Closed);
        }
        countable(self.counted, opened.fact.currency)?;
        if self.expected.currency != opened.fact.currency {
            return Err(TillSessionRefusal::CurrencyDiffers);
        }
        let Self { counted, expected, tickets } = *self;
        Ok(vec![TillSessionFact::Closed(Closed { counted, expected, tickets, photos: Vec::new() })])
    }
}
