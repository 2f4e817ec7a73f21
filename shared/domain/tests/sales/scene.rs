//! A document in the making, for tests: intents one after the other, at given times, with ids counted up.

use holdfast_domain::KINDS;
use holdfast_domain::kernel::{
    AccountId, BlockId, Currency, Discount, Document, DocumentId, FactId, Intent, IntentId, Money, ProductId, Quantity, Rate, RowVersion, SiteId,
    TillId, Timestamp, call, fold,
};
use holdfast_domain::sales::ticket::{AddLine, Open, SoldItem};
use holdfast_domain::sales::{ReceiptNumber, till_session};
use holdfast_sync::envelope::{IntentCall, Principal};
use holdfast_sync::kind::{Act, Facts, IntentError, Yield};

pub struct Scene {
    pub kind: &'static str,
    pub document: DocumentId,
    pub by: Principal,
    pub facts: Facts,
    /// How many intents were tried; each gets the next time and id.
    pub step: u8,
}

impl Scene {
    pub fn of(kind: &'static str) -> Self {
        Self { kind, document: DocumentId::from_bytes([0xd0; 16]), by: cashier(), facts: Facts::default(), step: 0 }
    }

    /// A ticket just opened.
    pub fn ticket() -> Self {
        let mut scene = Self::of("sales.ticket");
        scene.does(&open_ticket());
        scene
    }

    /// A till session just opened.
    pub fn till_session() -> Self {
        let mut scene = Self::of("sales.till_session");
        scene.does(&open_till(10_000));
        scene
    }

    pub fn act(&self) -> Act {
        Act {
            by: self.by.clone(),
            at: Timestamp(1_795_000_000_000 + i64::from(self.step)),
            document: self.document,
            intent_id: IntentId::from_bytes([self.step; 16]),
        }
    }

    /// Runs an intent as it travels, and keeps its facts.
    pub fn send(&mut self, call: &IntentCall) -> Result<Yield, IntentError> {
        self.step += 1;
        let act = self.act();
        let result = KINDS.get(self.kind).unwrap().run(&self.facts, call, &act);
        if let Ok(outcome) = &result {
            for (n, fact) in (0..).zip(&outcome.facts) {
                self.facts.insert(fact.container, FactId::of(act.intent_id, n), fact.bytes.clone());
            }
        }
        result
    }

    /// Tries an intent: its facts' ids, or the refusal's code.
    pub fn tries<I: Intent>(&mut self, intent: &I) -> Result<Vec<FactId>, &'static str> {
        match self.send(&call(intent)) {
            Ok(outcome) => Ok((0..).zip(&outcome.facts).map(|(n, _)| FactId::of(self.act().intent_id, n)).collect()),
            Err(IntentError::Refused { code }) => Err(code),
            Err(other) => panic!("{other}"),
        }
    }

    /// Does an intent that must succeed; the id of its first fact.
    pub fn does<I: Intent>(&mut self, intent: &I) -> FactId {
        self.tries(intent).unwrap_or_else(|code| panic!("{} is refused: {code}", I::NAME))[0]
    }

    pub fn folded<D: Document>(&self) -> D {
        let folded = fold::<D>(&self.facts);
        assert_eq!(folded.unreadable, vec![]);
        folded.document.clone()
    }
}

pub fn cashier() -> Principal {
    Principal::Account(AccountId::from_bytes([0xac; 16]))
}

pub fn sales_itself() -> Principal {
    Principal::System("sales".to_owned())
}

pub fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub fn open_ticket() -> Open {
    Open {
        till: TillId::from_bytes([0x71; 16]),
        site: SiteId::from_bytes([0x51; 16]),
        till_session: DocumentId::from_bytes([0x5e; 16]),
        currency: Currency::EUR,
    }
}

pub fn open_till(float: i64) -> till_session::Open {
    let ticket = open_ticket();
    till_session::Open { till: ticket.till, site: ticket.site, currency: Currency::EUR, float: eur(float) }
}

/// A line of 3 at 1.20, tax 5.5 % included.
pub fn bread() -> AddLine {
    AddLine {
        item: SoldItem {
            product: ProductId::from_bytes([0x99; 16]),
            name: "Baguette".to_owned(),
            barcode: Some("9521234543213".to_owned()),
            quantity: Quantity::whole(3).unwrap(),
            unit_price: eur(120),
            price: RowVersion { row: uuid::Uuid::from_bytes([0x9a; 16]), version: 2 },
            tax: RowVersion { row: uuid::Uuid::from_bytes([0x7a; 16]), version: 1 },
            tax_rate: "5.5".parse::<Rate>().unwrap(),
            discount: Discount::NONE,
        },
    }
}

pub fn receipt(number: u64) -> ReceiptNumber {
    ReceiptNumber { block: BlockId::from_bytes([0xb1; 16]), number }
}
