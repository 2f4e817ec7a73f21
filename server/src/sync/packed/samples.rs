//! Documents of made-up companies.

use holdfast_domain::KINDS;
use holdfast_domain::kernel::{AccountId, Currency, Discount, DocumentId, Intent, Money, Quantity, Rate, RowVersion, Timestamp, call};
use holdfast_domain::sales::ReceiptNumber;
use holdfast_domain::sales::ticket::{AddLine, ChangeQuantity, Open, PayCash, RemoveLine, SoldItem};
use holdfast_sync::document::{LoadedDocument, recordable};
use holdfast_sync::envelope::Principal;
use holdfast_sync::ids::{FactId, IntentId};
use holdfast_sync::kind::{Act, Kind};
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_chacha::ChaCha12Rng;
use uuid::Uuid;

const KIND: &str = "sales.ticket";
const RATES: [&str; 8] = ["19", "9", "21", "20", "5.5", "22", "10", "7"];
const CURRENCIES: [&str; 5] = ["EUR", "RON", "GBP", "USD", "TRY"];

/// A ticket being written by somebody.
struct Writing {
    random: ChaCha12Rng,
    kind: &'static dyn Kind,
    document: LoadedDocument,
    actor: [u8; 16],
    by: Principal,
    at: i64,
}

/// So many tickets, saved plain.
pub(super) fn documents(seed: u64, many: usize) -> Vec<Vec<u8>> {
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    (0..many).map(|_| ticket(ChaCha12Rng::seed_from_u64(random.random()))).collect()
}

fn ticket(mut random: ChaCha12Rng) -> Vec<u8> {
    let kind = KINDS.get(KIND).expect("tickets are a kind");
    let id = DocumentId(random_id(&mut random));
    let by = Principal::Account(AccountId(random_id(&mut random)));
    let at = 1_760_000_000_000 + random.random_range(0..100_000_000_000_i64);
    let mut writing = Writing { actor: random.random(), document: LoadedDocument::genesis(id, kind), random, kind, by, at };
    let currency: Currency = pick(&mut writing.random, &CURRENCIES).parse().expect("it is a currency");
    let (till, site, till_session) = (writing.id().into(), writing.id().into(), DocumentId(writing.id()));
    writing.does(&Open { till, site, till_session, currency });
    let taxes: Vec<_> = (0..2).map(|_| (version(&mut writing.random), pick(&mut writing.random, &RATES).parse().expect("it is a rate"))).collect();
    for n in 0..writing.random.random_range(1..15) {
        let tax = *pick(&mut writing.random, &taxes);
        let item = item(&mut writing.random, currency, tax);
        let line = writing.does(&AddLine { item });
        match writing.random.random_range(0..20) {
            // Who buys nothing does not pay.
            0 if n > 0 => _ = writing.does(&RemoveLine { line }),
            1 => _ = writing.does(&ChangeQuantity { line, by: Quantity::ONE }),
            _ => {}
        }
    }
    let receipt = ReceiptNumber { block: writing.id().into(), number: writing.random.random_range(1..5_000) };
    writing.does(&PayCash { tendered: Money::new(100_000_000, currency), receipt });
    writing.document.save_plain()
}

impl Writing {
    fn id(&mut self) -> Uuid {
        random_id(&mut self.random)
    }

    /// Its first fact.
    fn does<I: Intent>(&mut self, intent: &I) -> FactId {
        self.at += self.random.random_range(300..9_000);
        let intent_id = IntentId(self.id());
        let act = Act { by: self.by.clone(), at: Timestamp(self.at), document: self.document.id(), intent_id };
        let yielded = self.kind.run(self.document.facts(), &call(intent), &act).unwrap_or_else(|error| panic!("{}: {error}", I::NAME));
        let facts = recordable(&self.document, intent_id, yielded.facts).unwrap_or_else(|error| panic!("{}: {error}", I::NAME));
        self.document.record(&self.actor, &facts);
        FactId::of(intent_id, 0)
    }
}

/// As the office makes products: one shares its id with its price.
fn item(random: &mut ChaCha12Rng, currency: Currency, (tax, tax_rate): (RowVersion, Rate)) -> SoldItem {
    let price = version(random);
    let barcode = random.random_bool(0.9).then(|| format!("{:013}", random.random_range(0..9_999_999_999_999_u64)));
    SoldItem {
        product: price.row.into(),
        name: name(random),
        barcode,
        quantity: Quantity::ONE,
        unit_price: Money::new(random.random_range(20..9_000), currency),
        price,
        tax,
        tax_rate,
        discount: Discount::NONE,
    }
}

fn version(random: &mut ChaCha12Rng) -> RowVersion {
    RowVersion { row: random_id(random), version: random.random_range(1..30) }
}

/// Words of no language.
fn name(random: &mut ChaCha12Rng) -> String {
    const SYLLABLES: [&str; 24] = [
        "ba", "co", "de", "fi", "gu", "ha", "jo", "ke", "li", "mu", "na", "po", "re", "si", "tu", "va", "an", "el", "in", "or", "ur", "ta", "no",
        "che",
    ];
    let words = random.random_range(1..4);
    let word = |random: &mut ChaCha12Rng| -> String { (0..random.random_range(2..4)).map(|_| *pick(random, &SYLLABLES)).collect() };
    let words: Vec<_> = (0..words).map(|_| word(random)).collect();
    words.join(" ")
}

fn pick<'a, T>(random: &mut ChaCha12Rng, from: &'a [T]) -> &'a T {
    &from[random.random_range(0..from.len())]
}

fn random_id(random: &mut ChaCha12Rng) -> Uuid {
    uuid::Builder::from_random_bytes(random.random()).into_uuid()
}
