//! A till session: from the counted float to the closing count.

mod close;
mod close_v1;
mod open;
mod photos;
mod row;
mod rule;

use crate::kernel::{BlobRef, Currency, Document, DocumentId, DocumentKind, FactId, Money, RULINGS, Recorded, SiteId, TillId, intent};
use holdfast_sync::kind::{Audience, ViewRow};
use serde::{Deserialize, Serialize};

pub use close::Close;
pub use close_v1::CloseV1;
pub use open::Open;
pub use photos::MAX_PHOTOS;
pub use row::{TILL_SESSIONS_VIEW, TillSessionRow};
pub use rule::{Rule, TillSessionRuling};

/// The kind `sales.till_session`, with each of its intents.
pub static KIND: DocumentKind<TillSession> = DocumentKind { intents: &[intent::<Open>(), intent::<CloseV1>(), intent::<Close>(), intent::<Rule>()] };

/// What can happen to a till session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TillSessionFact {
    /// The till was opened.
    Opened(Opened),
    /// The till was closed.
    Closed(Closed),
    /// What the server found.
    Ruled(TillSessionRuling),
}

/// How a till was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The till.
    pub till: TillId,
    /// Its site.
    pub site: SiteId,
    /// Of all amounts.
    pub currency: Currency,
    /// The cash counted into the drawer.
    pub float: Money,
}

/// How a till was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// The cash counted out of the drawer.
    pub counted: Money,
    /// What the device reckoned should be there.
    pub expected: Money,
    /// How many completed tickets it knew.
    pub tickets: u32,
    /// Photos of the counting sheet and of the card terminal's slip. Not written where there are none, as in version 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<BlobRef>,
}

/// A till session, as its facts tell it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TillSession {
    /// None before its first fact.
    pub opened: Option<Recorded<Opened>>,
    /// The first closing, where there are several.
    pub closed: Option<Recorded<Closed>>,
    /// What the server found, oldest first.
    pub rulings: Vec<Recorded<TillSessionRuling>>,
}

/// How far a till session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TillSessionStatus {
    /// Selling.
    Open,
    /// Counted.
    Closed,
}

impl TillSession {
    /// How far it is.
    pub fn status(&self) -> TillSessionStatus {
        if self.closed.is_some() { TillSessionStatus::Closed } else { TillSessionStatus::Open }
    }

    fn site(&self) -> Option<SiteId> {
        self.opened.as_ref().map(|opened| opened.fact.site)
    }
}

impl Closed {
    /// What is in the drawer too much, or too little where negative, in minor units.
    pub fn difference_minor(&self) -> i64 {
        self.counted.minor.saturating_sub(self.expected.minor)
    }
}

impl Document for TillSession {
    const KIND: &'static str = "sales.till_session";
    const CONTAINERS: &'static [&'static str] = &["opened", "closings", RULINGS];
    const SINGLE: &'static [&'static str] = &["opened"];
    type Fact = TillSessionFact;

    fn container(fact: &TillSessionFact) -> &'static str {
        match fact {
            TillSessionFact::Opened(_) => "opened",
            TillSessionFact::Closed(_) => "closings",
            TillSessionFact::Ruled(_) => RULINGS,
        }
    }

    fn fold(facts: Vec<(FactId, Recorded<TillSessionFact>)>) -> Self {
        let mut session = Self::default();
        for (_, recorded) in facts {
            match &recorded.fact {
                TillSessionFact::Opened(opened) => {
                    session.opened.get_or_insert_with(|| recorded.with(opened.clone()));
                }
                TillSessionFact::Closed(closed) => {
                    session.closed.get_or_insert_with(|| recorded.with(closed.clone()));
                }
                TillSessionFact::Ruled(ruling) => session.rulings.push(recorded.with(ruling.clone())),
            }
        }
        session
    }

    fn audiences(&self) -> Vec<Audience> {
        self.site().map(|site| Audience::Site(site.0)).into_iter().collect()
    }

    fn view(&self, id: DocumentId) -> Vec<ViewRow> {
        TillSessionRow::of(id, self).map(|row| row.to_view_row()).into_iter().collect()
    }
}

crate::refusals! {
    /// Why something cannot be done to a till session now.
    pub enum TillSessionRefusal {
        /// There is no such till session.
        NotOpened => "till_session_not_opened",
        /// The document is a till session already.
        AlreadyOpened => "till_session_already_opened",
        /// It was closed.
        Closed => "till_session_already_closed",
        /// A count is not negative, and not beyond what a drawer can hold.
        CountInvalid => "count_invalid",
        /// Another currency than the session's.
        CurrencyDiffers => "currency_differs",
        /// Only the server rules.
        NotTheServer => "not_the_server",
        /// More photos than a closing takes.
        TooManyPhotos => "too_many_photos",
        /// A photo is empty or larger than a blob can be.
        PhotoTooLarge => "photo_too_large",
        /// It is no picture.
        PhotoTypeNotAllowed => "photo_type_not_allowed",
        /// The same photo twice.
        PhotoTwice => "photo_twice",
    }
}

/// The most a count can be: 100,000,000,000.00 where the currency has cents.
pub const MAX_COUNT_MINOR: i64 = 10_000_000_000_000;

/// Whether the drawer can hold it.
fn countable(money: Money, currency: Currency) -> Result<(), TillSessionRefusal> {
    if money.currency != currency {
        return Err(TillSessionRefusal::CurrencyDiffers);
    }
    if (0..=MAX_COUNT_MINOR).contains(&money.minor) { Ok(()) } else { Err(TillSessionRefusal::CountInvalid) }
}
