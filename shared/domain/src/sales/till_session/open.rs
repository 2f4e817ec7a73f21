//! Opens a till.

use super::{Opened, TillSession, TillSessionFact, TillSessionRefusal, countable};
use crate::identity::Permission;
use crate::kernel::{Currency, Intent, Money, SiteId, TillId};
use crate::sales::OPEN_TILL;
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};

/// The drawer is counted, selling begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// The till.
    pub till: TillId,
    /// Its site.
    pub site: SiteId,
    /// Of all amounts.
    pub currency: Currency,
    /// The cash counted into the drawer.
    pub float: Money,
}

impl Intent for Open {
    const NAME: &'static str = "sales.till_session.open";
    const VERSION: u16 = 1;
    type Document = TillSession;
    type Refusal = TillSessionRefusal;

    fn permission(&self, _: &TillSession) -> &'static Permission {
        &OPEN_TILL
    }

    fn site(&self, _: &TillSession) -> Option<SiteId> {
        Some(self.site)
    }

    fn apply(&self, session: &TillSession, _: &Act) -> Result<Vec<TillSessionFact>, TillSessionRefusal> {
        if session.opened.is_some() {
            return Err(TillSessionRefusal::AlreadyOpened);
        }
        countable(self.float, self.currency)?;
        let Self { till, site, currency, float } = *self;
        Ok(vec![TillSessionFact::Opened(Opened { till, site, currency, float })])
    }
}
