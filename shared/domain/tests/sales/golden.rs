//! Golden vectors: what each intent version yields, frozen to the byte.
//!
//! Devices replay their intents and the server checks changes against what `apply` yields; when a frozen version yields other bytes,
//! honest work that is on its way is held as a lie. A fix is a new version with its own vectors. `HOLDFAST_BLESS=1` writes the files anew;
//! that is right only for a version that no device has yet.

use crate::breaks::with_breaks;
use crate::scene::{Scene, bread, eur, open_ticket, open_till, receipt, sales_itself};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{BlobRef, MediaType};
use holdfast_domain::kernel::{IntentId, Quantity, Timestamp, call};
use holdfast_domain::sales::ticket::{self, Abandon, ChangeQuantity, PayCash, RemoveLine, TicketRuling};
use holdfast_domain::sales::till_session::{self, Close, CloseV1, TillSessionRuling};
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::envelope::{IntentCall, Principal};
use holdfast_sync::kind::IntentError;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

/// One committed file: a story on one document.
struct Story {
    file: &'static str,
    scene: Scene,
    text: String,
}

impl Story {
    fn begin(file: &'static str, kind: &'static str) -> Self {
        Self { file, scene: Scene::of(kind), text: String::new() }
    }

    fn then(&mut self, call: &IntentCall) -> &mut Self {
        self.by(crate::scene::cashier(), call)
    }

    fn by(&mut self, by: Principal, call: &IntentCall) -> &mut Self {
        self.scene.by = by;
        let outcome = self.scene.send(call);
        let act = self.scene.act();
        let line = &mut self.text;
        writeln!(line, "intent {} {}", call.name, call.version).unwrap();
        writeln!(line, "payload {}", hex::encode(&call.payload.0)).unwrap();
        writeln!(line, "act {} {} {}", hex::encode(holdfast_sync::cbor::encode(&act.by)), act.at.0, act.intent_id).unwrap();
        match outcome {
            Ok(outcome) => {
                let site = outcome.permission.site.map(|site| site.to_string()).unwrap_or_default();
                writeln!(line, "needs {} {site}", outcome.permission.permission).unwrap();
                for fact in outcome.facts {
                    writeln!(line, "fact {} {}", fact.container, hex::encode(fact.bytes)).unwrap();
                }
            }
            Err(error) => writeln!(line, "refused {error}").unwrap(),
        }
        line.push('\n');
        self
    }

    /// What the document looks like to others at the end.
    fn end(&mut self) {
        let kind = KINDS.get(self.scene.kind).unwrap();
        for audience in kind.audiences(self.scene.document, &self.scene.facts) {
            writeln!(self.text, "audience {audience}").unwrap();
        }
        for row in kind.view(self.scene.document, &self.scene.facts) {
            writeln!(self.text, "view {} {} {}", row.view, row.key, hex::encode(&row.bytes.0)).unwrap();
        }
    }
}

fn sold_ticket() -> Story {
    let mut story = Story::begin("ticket_sold", "sales.ticket");
    let weighed = {
        let mut line = bread();
        line.item.name = "Tomates en vrac".to_owned();
        line.item.barcode = None;
        line.item.quantity = "0.735".parse().unwrap();
        line.item.unit_price = eur(399);
        line.item.discount = "0.1".parse().unwrap();
        line
    };
    story.then(&call(&open_ticket())).then(&call(&bread()));
    let first = holdfast_domain::kernel::FactId::of(story.scene.act().intent_id, 0);
    story.then(&call(&weighed));
    let second = holdfast_domain::kernel::FactId::of(story.scene.act().intent_id, 0);
    story
        .then(&call(&ChangeQuantity { line: first, by: "-1".parse().unwrap() }))
        .then(&call(&ChangeQuantity { line: first, by: Quantity::whole(4).unwrap() }))
        .then(&call(&RemoveLine { line: second }))
        .then(&call(&PayCash { tendered: eur(599), receipt: receipt(1_000_001) }))
        .then(&call(&PayCash { tendered: eur(1_000), receipt: receipt(1_000_001) }))
        .by(sales_itself(), &call(&ticket::Rule { rulings: every_ticket_ruling(first) }))
        .end();
    story
}

fn ticket_with_breaks() -> Story {
    let mut story = Story::begin("ticket_with_breaks", "sales.ticket");
    story.then(&call(&open_ticket())).then(&call(&with_breaks(&[("4", 100), ("12", 80)])));
    let line = holdfast_domain::kernel::FactId::of(story.scene.act().intent_id, 0);
    story
        .then(&call(&ChangeQuantity { line, by: Quantity::whole(9).unwrap() }))
        .then(&call(&with_breaks(&[])))
        .then(&call(&PayCash { tendered: eur(960), receipt: receipt(1_000_001) }))
        .end();
    story
}

fn every_ticket_ruling(line: holdfast_domain::kernel::FactId) -> Vec<TicketRuling> {
    let intent = IntentId::from_bytes([2; 16]);
    vec![
        TicketRuling::PriceNotInForce { line, in_force: eur(125) },
        TicketRuling::PriceVersionUnknown { line },
        TicketRuling::PriceDiffers { line, row: eur(119) },
        TicketRuling::TaxVersionUnknown { line },
        TicketRuling::TaxDiffers { line, row: "20".parse().unwrap() },
        TicketRuling::ReceiptNumberOutsideBlock,
        TicketRuling::ReceiptNumberReused { first: holdfast_domain::kernel::DocumentId::from_bytes([0xd1; 16]) },
        TicketRuling::TimeClamped { intent, effective: Timestamp(1_795_000_000_000) },
        TicketRuling::TillSessionUnknown,
        TicketRuling::TillSessionClosed,
        TicketRuling::PaidTwice,
        TicketRuling::ChangedWhilePaid,
        TicketRuling::AbandonedWhilePaid,
        TicketRuling::GrantExpired { intent },
    ]
}

fn abandoned_ticket() -> Story {
    let mut story = Story::begin("ticket_abandoned", "sales.ticket");
    story.then(&call(&open_ticket())).then(&call(&bread())).then(&call(&Abandon {})).then(&call(&bread())).end();
    story
}

fn till_session() -> Story {
    let mut story = Story::begin("till_session", "sales.till_session");
    let rulings = vec![
        TillSessionRuling::OpenedTwice { other: holdfast_domain::kernel::DocumentId::from_bytes([0xd1; 16]) },
        TillSessionRuling::ClosedTwice,
        TillSessionRuling::ExpectedDiffers { expected: eur(10_700), tickets: 2 },
        TillSessionRuling::TillUnknown,
        TillSessionRuling::TimeClamped { intent: IntentId::from_bytes([2; 16]), effective: Timestamp(1_795_000_000_000) },
        TillSessionRuling::GrantExpired { intent: IntentId::from_bytes([2; 16]) },
    ];
    story
        .then(&call(&open_till(10_000)))
        .then(&call(&CloseV1 { counted: eur(10_590), expected: eur(10_600), tickets: 1 }))
        .then(&call(&CloseV1 { counted: eur(10_590), expected: eur(10_600), tickets: 1 }))
        .by(sales_itself(), &call(&till_session::Rule { rulings }))
        .end();
    story
}

fn till_session_with_photos() -> Story {
    let mut story = Story::begin("till_session_photos", "sales.till_session");
    let photo = |n, media_type| BlobRef { sha256: Digest32([n; 32]), bytes: 300_000 + u32::from(n), media_type };
    let close = |photos| Close { counted: eur(10_590), expected: eur(10_600), tickets: 1, photos };
    story
        .then(&call(&open_till(10_000)))
        .then(&call(&close(vec![photo(1, MediaType::Pdf)])))
        .then(&call(&close(vec![photo(1, MediaType::Jpeg), photo(2, MediaType::Png), photo(3, MediaType::Webp)])))
        .end();
    story
}

fn till_session_closed_without_photos() -> Story {
    let mut story = Story::begin("till_session_no_photos", "sales.till_session");
    story.then(&call(&open_till(10_000))).then(&call(&Close { counted: eur(10_590), expected: eur(10_600), tickets: 1, photos: Vec::new() })).end();
    story
}

fn ticket_whose_till_session_came_later() -> Story {
    let mut story = Story::begin("ticket_before_its_till_session", "sales.ticket");
    story
        .then(&call(&open_ticket()))
        .then(&call(&bread()))
        .then(&call(&PayCash { tendered: eur(1_000), receipt: receipt(1_000_001) }))
        .by(sales_itself(), &call(&ticket::Rule { rulings: vec![TicketRuling::TillSessionUnknown] }))
        .by(sales_itself(), &call(&ticket::Rule { rulings: vec![TicketRuling::TillSessionArrived] }))
        .end();
    story
}

fn stories() -> [Story; 7] {
    [
        sold_ticket(),
        ticket_with_breaks(),
        abandoned_ticket(),
        ticket_whose_till_session_came_later(),
        till_session(),
        till_session_with_photos(),
        till_session_closed_without_photos(),
    ]
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{file}.txt"))
}

#[test]
fn every_story_yields_the_frozen_bytes() {
    for story in stories() {
        let path = path(story.file);
        if std::env::var_os("HOLDFAST_BLESS").is_some() {
            std::fs::write(&path, &story.text).unwrap();
        }
        let frozen = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(story.text, frozen, "{}: a frozen intent version yields other bytes; make a new version", story.file);
    }
}

/// Reads the committed payloads back: what devices sent must go on being read.
#[test]
fn the_frozen_payloads_still_yield_the_frozen_facts() {
    let mut told = 0;
    for story in stories() {
        let frozen = std::fs::read_to_string(path(story.file)).unwrap();
        let mut scene = Scene::of(story.scene.kind);
        for step in frozen.split("\n\n").filter(|step| step.starts_with("intent ")) {
            let words = |name: &str| step.lines().filter_map(|line| line.strip_prefix(name)).map(str::to_owned).collect::<Vec<_>>();
            let named = words("intent ");
            let (name, version) = named[0].split_once(' ').unwrap();
            let payload = Bytes(hex::decode(&words("payload ")[0]).unwrap());
            let act = words("act ");
            scene.by = holdfast_sync::cbor::decode(&hex::decode(act[0].split(' ').next().unwrap()).unwrap()).unwrap();
            let outcome = scene.send(&IntentCall { name: name.to_owned(), version: version.parse().unwrap(), payload });
            let facts: Vec<String> =
                outcome.iter().flat_map(|outcome| &outcome.facts).map(|fact| format!("{} {}", fact.container, hex::encode(&fact.bytes))).collect();
            assert_eq!(facts, words("fact "), "{}: {name}", story.file);
            assert_eq!(outcome.is_err(), !words("refused ").is_empty());
            told += 1;
        }
    }
    assert!(told >= 15, "the files hold their stories");
}

#[test]
fn every_intent_version_has_a_vector_that_yields_facts() {
    let mut frozen = BTreeSet::new();
    for story in stories() {
        for step in story.text.split("\n\n").filter(|step| step.contains("\nfact ")) {
            frozen.insert(step.lines().next().unwrap().strip_prefix("intent ").unwrap().to_owned());
        }
    }
    let tickets = ticket::KIND.intents.iter().map(|entry| (entry.name, entry.version));
    let sessions = till_session::KIND.intents.iter().map(|entry| (entry.name, entry.version));
    let listed: BTreeSet<String> = tickets.chain(sessions).map(|(name, version)| format!("{name} {version}")).collect();
    assert_eq!(frozen, listed);
}

#[test]
fn a_closing_without_photos_yields_the_very_facts_of_the_first_version() {
    let facts = |story: Story| {
        let closing = story.text.split("\n\n").find(|step| step.starts_with("intent sales.till_session.close")).unwrap().to_owned();
        closing.lines().filter(|line| line.starts_with("fact ") || line.starts_with("payload ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(facts(till_session_closed_without_photos()), facts(till_session()));
}

#[test]
fn an_unknown_intent_and_a_newer_version_are_told_apart_from_a_bad_payload() {
    let mut scene = Scene::ticket();
    let mut newer = call(&bread());
    newer.version = 9;
    assert_eq!(scene.send(&newer), Err(IntentError::Unknown { name: "sales.ticket.add_line".to_owned(), version: 9 }));
    let mut broken = call(&bread());
    broken.payload.0.pop();
    assert_eq!(scene.send(&broken), Err(IntentError::Payload("sales.ticket.add_line".to_owned())));
    let unknown_field = IntentCall { name: "sales.ticket.abandon".to_owned(), version: 1, payload: Bytes(hex::decode("a16161f5").unwrap()) };
    assert_eq!(scene.send(&unknown_field), Err(IntentError::Payload("sales.ticket.abandon".to_owned())));
}
