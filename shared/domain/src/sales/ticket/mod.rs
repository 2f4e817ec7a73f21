//! A ticket: one customer at a till.
//!
//! Facts: opened · line added · quantity changed · line removed · payment taken · completed · abandoned · ruled. Two tabs may act on one
//! ticket at once; whatever arrives folds to the same ticket, and what should not have happened at once is ruled on by the server.

mod abandon;
mod add_line;
mod breaks;
mod change_quantity;
mod fold;
mod open;
mod pay_cash;
mod refusal;
mod remove_line;
mod row;
mod rule;
mod totals;

use crate::kernel::{
    Currency, Discount, Document, DocumentId, DocumentKind, FactId, Money, ProductId, Quantity, Rate, Recorded, RowVersion, SiteId, TillId,
    Timestamp, intent,
};
use crate::sales::ReceiptNumber;
use holdfast_sync::envelope::Principal;
use holdfast_sync::kind::{Audience, ViewRow};
use serde::{Deserialize, Serialize};

pub use abandon::Abandon;
pub use add_line::{AddLine, MAX_LINES, MAX_UNIT_PRICE_MINOR};
pub use breaks::{AddLineWithBreaks, MAX_BREAKS, PriceBreak, reached};
pub use change_quantity::ChangeQuantity;
pub use open::Open;
pub use pay_cash::PayCash;
pub use refusal::TicketRefusal;
pub use remove_line::RemoveLine;
pub(crate) use row::newest_first;
pub use row::{TICKETS_VIEW, TicketRow};
pub use rule::{Rule, TicketRuling};
pub use totals::{RateTotal, Totals};

/// The kind `sales.ticket`, with each of its intents.
pub static KIND: DocumentKind<Ticket> = DocumentKind {
    intents: &[
        intent::<Open>(),
        intent::<AddLine>(),
        intent::<AddLineWithBreaks>(),
        intent::<ChangeQuantity>(),
        intent::<RemoveLine>(),
        intent::<PayCash>(),
        intent::<Abandon>(),
        intent::<Rule>(),
    ],
};

/// A ticket holds at most this many facts, so that it always stays small; one can still be paid or abandoned there.
pub const MAX_FACTS: usize = 1_000;

/// What can happen to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TicketFact {
    /// A customer is served.
    Opened(Opened),
    /// A line was rung up.
    LineAdded(SoldItem),
    /// A line was rung up whose price follows from how many there are.
    LineAddedWithBreaks {
        /// What, at its price below the first break.
        item: SoldItem,
        /// Where its price changes, the smallest quantity first.
        breaks: Vec<PriceBreak>,
    },
    /// A line became more or less.
    QuantityChanged {
        /// Which line.
        line: FactId,
        /// By how many.
        by: Quantity,
    },
    /// A line was taken off.
    LineRemoved {
        /// Which line.
        line: FactId,
    },
    /// The customer paid.
    PaymentTaken(Payment),
    /// The sale is done.
    Completed {
        /// The number on the receipt.
        receipt: ReceiptNumber,
    },
    /// The customer left without buying.
    Abandoned,
    /// What the server found.
    Ruled(TicketRuling),
}

/// Where a ticket was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The till.
    pub till: TillId,
    /// Its site.
    pub site: SiteId,
    /// The till session it belongs to.
    pub till_session: DocumentId,
    /// Of all its amounts.
    pub currency: Currency,
}

/// What a line sells, with where its values were taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SoldItem {
    /// The product.
    pub product: ProductId,
    /// Its name, as printed.
    pub name: String,
    /// The code that was scanned; none where it was picked by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// How many.
    pub quantity: Quantity,
    /// Each, tax included.
    pub unit_price: Money,
    /// The row the price was taken from.
    pub price: RowVersion,
    /// The row the tax rate was taken from.
    pub tax: RowVersion,
    /// The tax in the price.
    pub tax_rate: Rate,
    /// What is waived.
    pub discount: Discount,
}

/// Money that changed hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// How.
    pub method: PaymentMethod,
    /// What stays in the till.
    pub amount: Money,
    /// What was handed over.
    pub tendered: Money,
    /// What was given back.
    pub change: Money,
}

/// How someone pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// Notes and coins.
    Cash,
}

/// A ticket, as its facts tell it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ticket {
    /// Where and when; none before its first fact.
    pub opened: Option<Recorded<Opened>>,
    /// Its lines in the order they were rung up, the removed too.
    pub lines: Vec<Line>,
    /// Its payments: more than one only where two tabs took money at once.
    pub payments: Vec<(FactId, Recorded<Payment>)>,
    /// Its completion: the first, where there are several.
    pub completed: Option<Recorded<ReceiptNumber>>,
    /// When it was put away unsold.
    pub abandoned: Option<Timestamp>,
    /// What the server found, oldest first.
    pub rulings: Vec<Recorded<TicketRuling>>,
    /// How many facts there are.
    pub facts: usize,
}

/// A line of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The fact that added it.
    pub id: FactId,
    /// When, by whom, and what.
    pub added: Recorded<SoldItem>,
    /// How many, after all changes; never below zero.
    pub quantity: Quantity,
    /// Whether it was taken off.
    pub removed: bool,
    /// Where its price changes, the smallest quantity first.
    pub breaks: Vec<PriceBreak>,
}

/// How far a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Being rung up.
    Open,
    /// Paid. It stays so, also where another tab abandoned it at the same time: money changed hands.
    Completed,
    /// Put away unsold.
    Abandoned,
}

impl Ticket {
    /// How far it is.
    pub fn status(&self) -> TicketStatus {
        match (&self.completed, self.abandoned) {
            (Some(_), _) => TicketStatus::Completed,
            (None, Some(_)) => TicketStatus::Abandoned,
            (None, None) => TicketStatus::Open,
        }
    }

    /// Where it was opened, while it is being rung up.
    pub fn being_rung_up(&self) -> Result<&Opened, TicketRefusal> {
        let opened = self.opened.as_ref().ok_or(TicketRefusal::NotOpened)?;
        match self.status() {
            TicketStatus::Open => Ok(&opened.fact),
            TicketStatus::Completed => Err(TicketRefusal::Completed),
            TicketStatus::Abandoned => Err(TicketRefusal::Abandoned),
        }
    }

    /// A line that was not taken off.
    pub fn standing_line(&self, id: FactId) -> Result<&Line, TicketRefusal> {
        let line = self.lines.iter().find(|line| line.id == id).ok_or(TicketRefusal::LineUnknown)?;
        if line.removed { Err(TicketRefusal::LineRemoved) } else { Ok(line) }
    }

    /// The lines that were not taken off.
    pub fn standing_lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.removed)
    }

    /// The rulings that say something still: neither those that a later one settled nor those that only settle.
    pub fn standing_rulings(&self) -> impl Iterator<Item = &TicketRuling> {
        let settled = |ruling: &TicketRuling| self.rulings.iter().any(|later| ruling.is_settled_by(&later.fact));
        let settles = |ruling: &TicketRuling| matches!(ruling, TicketRuling::TillSessionArrived);
        self.rulings.iter().map(|ruling| &ruling.fact).filter(move |ruling| !settled(ruling) && !settles(ruling))
    }

    /// Whether one more fact fits, leaving room to pay.
    fn room_for_one(&self) -> Result<(), TicketRefusal> {
        if self.facts + 10 < MAX_FACTS { Ok(()) } else { Err(TicketRefusal::Full) }
    }

    fn site(&self) -> Option<SiteId> {
        self.opened.as_ref().map(|opened| opened.fact.site)
    }
}

impl Document for Ticket {
    const KIND: &'static str = "sales.ticket";
    const CONTAINERS: &'static [&'static str] =
        &["opened", "lines", "quantities", "removals", "payments", "completions", "abandonments", crate::kernel::RULINGS];
    const SINGLE: &'static [&'static str] = &["opened"];
    type Fact = TicketFact;

    fn container(fact: &TicketFact) -> &'static str {
        match fact {
            TicketFact::Opened(_) => "opened",
            TicketFact::LineAdded(_) | TicketFact::LineAddedWithBreaks { .. } => "lines",
            TicketFact::QuantityChanged { .. } => "quantities",
            TicketFact::LineRemoved { .. } => "removals",
            TicketFact::PaymentTaken(_) => "payments",
            TicketFact::Completed { .. } => "completions",
            TicketFact::Abandoned => "abandonments",
            TicketFact::Ruled(_) => crate::kernel::RULINGS,
        }
    }

    fn fold(facts: Vec<(FactId, Recorded<TicketFact>)>) -> Self {
        fold::fold(facts)
    }

    fn audiences(&self) -> Vec<Audience> {
        self.site().map(|site| Audience::Site(site.0)).into_iter().collect()
    }

    fn view(&self, id: DocumentId) -> Vec<ViewRow> {
        TicketRow::of(id, self).map(|row| row.to_view_row()).into_iter().collect()
    }
}

/// Whoever recorded a fact.
impl<F> Recorded<F> {
    pub(crate) fn with<G>(&self, fact: G) -> Recorded<G> {
        Recorded { at: self.at, by: self.by.clone(), n: self.n, fact }
    }

    /// The account that acted; none for the server.
    pub fn account(&self) -> Option<crate::kernel::AccountId> {
        match self.by {
            Principal::Account(account) => Some(account),
            Principal::System(_) | Principal::Invitation(_) => None,
        }
    }
}
