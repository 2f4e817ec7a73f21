//! The rules of tickets and till sessions: a row per refusal, and what is let through.

use super::breaks::with_breaks;
use crate::scene::{Scene, bread, cashier, eur, open_ticket, open_till, receipt, sales_itself};
use holdfast_domain::kernel::{BlobRef, Currency, Document as _, FactId, MAX_BLOB_BYTES, MediaType, Money, Quantity, Refusal};
use holdfast_domain::sales::ticket::{
    self, Abandon, AddLine, ChangeQuantity, MAX_LINES, MAX_UNIT_PRICE_MINOR, PayCash, RemoveLine, Ticket, TicketRefusal, TicketRuling, TicketStatus,
};
use holdfast_domain::sales::till_session::{self, Close, MAX_COUNT_MINOR, MAX_PHOTOS, TillSession, TillSessionRefusal, TillSessionRuling};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::kind::Facts;
use std::collections::BTreeSet;

pub type Attempt = Result<Vec<FactId>, &'static str>;

fn line(change: impl FnOnce(&mut AddLine)) -> AddLine {
    let mut line = bread();
    change(&mut line);
    line
}

fn with_bread() -> (Scene, FactId) {
    let mut scene = Scene::ticket();
    let line = scene.does(&bread());
    (scene, line)
}

fn paid() -> (Scene, FactId) {
    let (mut scene, line) = with_bread();
    scene.does(&PayCash { tendered: eur(360), receipt: receipt(1) });
    (scene, line)
}

fn full() -> (Scene, FactId) {
    let (mut scene, line) = with_bread();
    let facts = scene.folded::<Ticket>().facts;
    let one_more = scene.facts.of("lines").next().unwrap().1.to_vec();
    for n in facts..MAX_LINES + 1 {
        scene.facts.insert("lines", FactId::from_bytes((n as u128 + 1).to_be_bytes()), one_more.clone());
    }
    (scene, line)
}

fn refusals_of_tickets() -> Vec<(TicketRefusal, Vec<Attempt>)> {
    use TicketRefusal as R;
    let pay = |tendered: i64| PayCash { tendered: eur(tendered), receipt: receipt(1) };
    let (removed, gone) = {
        let (mut scene, line) = with_bread();
        scene.does(&RemoveLine { line });
        (scene, line)
    };
    let more = |line, by: &str| ChangeQuantity { line, by: by.parse().unwrap() };
    let on = |(mut scene, line): (Scene, FactId), try_it: &dyn Fn(&mut Scene, FactId) -> Attempt| try_it(&mut scene, line);
    let added = |change: &dyn Fn(&mut AddLine)| Scene::ticket().tries(&line(change));
    let ron: Currency = "RON".parse().unwrap();
    vec![
        (
            R::NotOpened,
            vec![Scene::of("sales.ticket").tries(&bread()), Scene::of("sales.ticket").tries(&pay(0)), {
                let mut scene = Scene::of("sales.ticket");
                scene.by = sales_itself();
                scene.tries(&ticket::Rule { rulings: vec![TicketRuling::PaidTwice] })
            }],
        ),
        (R::AlreadyOpened, vec![Scene::ticket().tries(&open_ticket()), on(paid(), &|scene, _| scene.tries(&open_ticket()))]),
        (
            R::Completed,
            vec![
                on(paid(), &|scene, _| scene.tries(&bread())),
                on(paid(), &|scene, line| scene.tries(&more(line, "1"))),
                on(paid(), &|scene, line| scene.tries(&RemoveLine { line })),
                on(paid(), &|scene, _| scene.tries(&pay(360))),
                on(paid(), &|scene, _| scene.tries(&Abandon {})),
            ],
        ),
        (
            R::Abandoned,
            vec![on(with_bread(), &|scene, _| {
                scene.does(&Abandon {});
                scene.tries(&pay(360))
            })],
        ),
        (R::Empty, vec![Scene::ticket().tries(&pay(0)), on((removed, gone), &|scene, _| scene.tries(&pay(0)))]),
        (R::Full, vec![on(full(), &|scene, _| scene.tries(&bread()))]),
        (R::LineUnknown, vec![on(with_bread(), &|scene, _| scene.tries(&RemoveLine { line: FactId::from_bytes([9; 16]) }))]),
        (
            R::LineRemoved,
            vec![on(with_bread(), &|scene, line| {
                scene.does(&RemoveLine { line });
                scene.tries(&more(line, "1"))
            })],
        ),
        (
            R::QuantityNotPositive,
            vec![
                added(&|add| add.item.quantity = Quantity::ZERO),
                added(&|add| add.item.quantity = "-1".parse().unwrap()),
                on(with_bread(), &|scene, line| scene.tries(&more(line, "0"))),
            ],
        ),
        (
            R::QuantityBelowZero,
            vec![
                on(with_bread(), &|scene, line| scene.tries(&more(line, "-3"))),
                on(with_bread(), &|scene, line| scene.tries(&more(line, "-3.000001"))),
            ],
        ),
        (R::QuantityTooLarge, vec![on(with_bread(), &|scene, line| scene.tries(&ChangeQuantity { line, by: Quantity::MAX }))]),
        (R::PriceNegative, vec![added(&|add| add.item.unit_price = eur(-1)), Scene::ticket().tries(&with_breaks(&[("2", -1)]))]),
        (R::BreaksInvalid, super::breaks::invalid()),
        (
            R::AmountTooLarge,
            vec![
                Scene::ticket().tries(&with_breaks(&[("2", MAX_UNIT_PRICE_MINOR + 1)])),
                {
                    // Before the break is reached: another tab may add to the line at the same time.
                    let mut scene = Scene::ticket();
                    let line = scene.does(&with_breaks(&[("20", MAX_UNIT_PRICE_MINOR)]));
                    scene.tries(&more(line, "8"))
                },
                added(&|add| add.item.unit_price = eur(MAX_UNIT_PRICE_MINOR + 1)),
                added(&|add| add.item.unit_price = eur(i64::MAX)),
                added(&|add| {
                    add.item.unit_price = eur(MAX_UNIT_PRICE_MINOR);
                    add.item.quantity = Quantity::whole(11).unwrap();
                }),
                on(with_bread(), &|scene, _| {
                    let dear = scene.does(&line(|add| add.item.unit_price = eur(MAX_UNIT_PRICE_MINOR)));
                    scene.tries(&more(dear, "8"))
                }),
            ],
        ),
        (
            R::CurrencyDiffers,
            vec![
                added(&|add| add.item.unit_price = Money::new(120, ron)),
                on(with_bread(), &|scene, _| scene.tries(&PayCash { tendered: Money::new(360, ron), receipt: receipt(1) })),
            ],
        ),
        (R::NameInvalid, vec![added(&|add| add.item.name.clear()), added(&|add| add.item.name = "é".repeat(201))]),
        (R::BarcodeInvalid, vec![added(&|add| add.item.barcode = Some(String::new())), added(&|add| add.item.barcode = Some("1".repeat(81)))]),
        (R::TenderedTooLittle, vec![on(with_bread(), &|scene, _| scene.tries(&pay(359))), on(with_bread(), &|scene, _| scene.tries(&pay(-360)))]),
        (R::NotTheServer, vec![on(paid(), &|scene, _| scene.tries(&ticket::Rule { rulings: vec![TicketRuling::PaidTwice] }))]),
    ]
}

#[test]
fn each_refusal_of_a_ticket_has_its_case() {
    let table = refusals_of_tickets();
    for (refusal, attempts) in &table {
        for attempt in attempts {
            assert_eq!(attempt, &Err(refusal.code()));
        }
    }
    let tried: Vec<TicketRefusal> = table.iter().map(|(refusal, _)| *refusal).collect();
    assert_eq!(tried, TicketRefusal::ALL, "the table lists every refusal, in the order of the enum");
}

#[test]
fn each_refusal_of_a_till_session_has_its_case() {
    use TillSessionRefusal as R;
    let close = |counted: i64| Close { counted: eur(counted), expected: eur(10_000), tickets: 0, photos: Vec::new() };
    let ron = |minor| Money::new(minor, "RON".parse().unwrap());
    let photographed = |photos: Vec<BlobRef>| Scene::till_session().tries(&Close { photos, ..close(1) });
    let fresh = || Scene::of("sales.till_session");
    let table = vec![
        (
            R::NotOpened,
            vec![fresh().tries(&close(1)), {
                let mut scene = fresh();
                scene.by = sales_itself();
                scene.tries(&till_session::Rule { rulings: vec![TillSessionRuling::ClosedTwice] })
            }],
        ),
        (R::AlreadyOpened, vec![Scene::till_session().tries(&open_till(1))]),
        (
            R::Closed,
            vec![{
                let mut scene = Scene::till_session();
                scene.does(&close(10_000));
                scene.tries(&close(10_000))
            }],
        ),
        (
            R::CountInvalid,
            vec![fresh().tries(&open_till(-1)), fresh().tries(&open_till(MAX_COUNT_MINOR + 1)), Scene::till_session().tries(&close(-1))],
        ),
        (
            R::CurrencyDiffers,
            vec![
                fresh().tries(&till_session::Open { float: ron(1), ..open_till(1) }),
                Scene::till_session().tries(&Close { counted: ron(1), ..close(1) }),
                Scene::till_session().tries(&Close { expected: ron(1), ..close(1) }),
            ],
        ),
        (R::NotTheServer, vec![Scene::till_session().tries(&till_session::Rule { rulings: vec![TillSessionRuling::ClosedTwice] })]),
        (R::TooManyPhotos, vec![photographed((0..=MAX_PHOTOS as u8).map(photo).collect())]),
        (
            R::PhotoTooLarge,
            vec![
                photographed(vec![photo(1), BlobRef { bytes: MAX_BLOB_BYTES + 1, ..photo(2) }]),
                photographed(vec![BlobRef { bytes: 0, ..photo(1) }]),
            ],
        ),
        (R::PhotoTypeNotAllowed, vec![photographed(vec![BlobRef { media_type: MediaType::Pdf, ..photo(1) }])]),
        (R::PhotoTwice, vec![photographed(vec![photo(1), photo(2), BlobRef { media_type: MediaType::Png, ..photo(1) }])]),
    ];
    for (refusal, attempts) in &table {
        for attempt in attempts {
            assert_eq!(attempt, &Err(refusal.code()));
        }
    }
    assert_eq!(table.iter().map(|(refusal, _)| *refusal).collect::<Vec<_>>(), TillSessionRefusal::ALL);
}

fn photo(n: u8) -> BlobRef {
    BlobRef { sha256: Digest32([n; 32]), bytes: MAX_BLOB_BYTES, media_type: MediaType::Jpeg }
}

#[test]
fn a_closing_tells_its_photos_in_their_order() {
    let mut scene = Scene::till_session();
    let photos: Vec<_> = (0..MAX_PHOTOS as u8).map(photo).collect();
    scene.does(&Close { counted: eur(10_590), expected: eur(10_600), tickets: 1, photos: photos.clone() });
    assert_eq!(scene.folded::<TillSession>().closed.unwrap().fact.photos, photos);
}

#[test]
fn codes_are_unique_and_message_keys_follow_them() {
    let codes: BTreeSet<&str> = TicketRefusal::ALL.iter().map(Refusal::code).collect();
    assert_eq!(codes.len(), TicketRefusal::ALL.len());
    for refusal in TicketRefusal::ALL {
        assert_eq!(refusal.message_key(), format!("refusal.{}", refusal.code()));
    }
}

#[test]
fn a_full_ticket_can_still_be_paid() {
    let (mut scene, _) = full();
    let total = scene.folded::<Ticket>().totals().gross_minor;
    assert_eq!(total, 360 * 500);
    scene.does(&PayCash { tendered: eur(total), receipt: receipt(1) });
    assert_eq!(scene.folded::<Ticket>().status(), TicketStatus::Completed);
}

#[test]
fn paying_gives_change_and_completes_with_the_receipts_number() {
    let (mut scene, line) = with_bread();
    scene.does(&ChangeQuantity { line, by: Quantity::ONE });
    scene.does(&PayCash { tendered: eur(1_000), receipt: receipt(7) });
    let ticket: Ticket = scene.folded();
    let (_, payment) = &ticket.payments[0];
    assert_eq!((payment.fact.amount, payment.fact.tendered, payment.fact.change), (eur(480), eur(1_000), eur(520)));
    assert_eq!(ticket.completed.map(|completed| completed.fact), Some(receipt(7)));
    assert_eq!(payment.by, cashier());
}

#[test]
fn a_free_ticket_is_paid_with_nothing() {
    let mut scene = Scene::ticket();
    scene.does(&line(|add| add.item.discount = "1".parse().unwrap()));
    scene.does(&PayCash { tendered: eur(0), receipt: receipt(1) });
    assert_eq!(scene.folded::<Ticket>().status(), TicketStatus::Completed);
}

#[test]
fn a_ticket_paid_in_one_tab_and_abandoned_in_the_other_is_paid() {
    let (scene, _) = with_bread();
    let (mut one, mut other) = (Scene { facts: scene.facts.clone(), ..Scene::ticket() }, Scene { facts: scene.facts.clone(), ..Scene::ticket() });
    one.step = 20;
    other.step = 30;
    one.does(&PayCash { tendered: eur(360), receipt: receipt(1) });
    other.does(&Abandon {});
    assert_eq!(merged(&one, &other).status(), TicketStatus::Completed);
    assert_eq!(merged(&other, &one), merged(&one, &other), "whatever arrives first");
}

#[test]
fn two_tabs_that_take_the_last_pieces_leave_none_not_less() {
    let (scene, line) = with_bread();
    let (mut one, mut other) = (Scene { facts: scene.facts.clone(), ..Scene::ticket() }, Scene { facts: scene.facts.clone(), ..Scene::ticket() });
    one.step = 20;
    other.step = 30;
    one.does(&ChangeQuantity { line, by: "-2".parse().unwrap() });
    other.does(&ChangeQuantity { line, by: "-2".parse().unwrap() });
    let ticket = merged(&one, &other);
    assert_eq!(ticket.lines[0].quantity, Quantity::ZERO);
    assert_eq!(ticket.totals().gross_minor, 0);
}

pub fn merged(one: &Scene, other: &Scene) -> Ticket {
    let mut facts = Facts::default();
    for (container, id, bytes) in one.facts.iter().chain(other.facts.iter()) {
        facts.insert(container, id, bytes.to_vec());
    }
    holdfast_domain::kernel::fold::<Ticket>(&facts).document.clone()
}

#[test]
fn a_ruling_of_a_newer_server_stops_no_work_but_any_other_unreadable_fact_does() {
    let (mut scene, line) = with_bread();
    scene.facts.insert("rulings", FactId::from_bytes([7; 16]), vec![0xa0]);
    scene.does(&ChangeQuantity { line, by: Quantity::ONE });
    scene.facts.insert("lines", FactId::from_bytes([8; 16]), vec![0xa0]);
    let act = scene.act();
    let outcome = holdfast_domain::KINDS.get("sales.ticket").unwrap().run(&scene.facts, &holdfast_domain::kernel::call(&bread()), &act);
    assert!(matches!(outcome, Err(holdfast_sync::kind::IntentError::Document(place)) if place.starts_with("lines/")));
}

#[test]
fn a_fact_in_anothers_container_counts_for_nothing() {
    let (mut scene, _) = with_bread();
    let line = scene.facts.of("lines").next().unwrap().1.to_vec();
    scene.facts.insert("payments", FactId::from_bytes([8; 16]), line);
    let folded = holdfast_domain::kernel::fold::<Ticket>(&scene.facts);
    assert_eq!(folded.unreadable, vec![("payments".to_owned(), FactId::from_bytes([8; 16]))]);
    assert_eq!(folded.document.lines.len(), 1);
}

#[test]
fn a_till_session_shows_what_is_missing_from_the_drawer() {
    let mut scene = Scene::till_session();
    scene.does(&Close { counted: eur(10_590), expected: eur(10_600), tickets: 1, photos: Vec::new() });
    assert_eq!(scene.folded::<TillSession>().closed.unwrap().fact.difference_minor(), -10);
}

#[test]
fn newer_tickets_sort_first_and_only_the_site_gets_them() {
    let older = Scene::ticket();
    let mut newer = Scene { step: 9, ..Scene::of("sales.ticket") };
    newer.does(&open_ticket());
    let key = |scene: &Scene| scene.folded::<Ticket>().view(scene.document)[0].key.clone();
    assert!(key(&newer) < key(&older));
    assert_eq!(older.folded::<Ticket>().audiences(), vec![holdfast_sync::kind::Audience::Site(open_ticket().site.0)]);
}

#[test]
fn every_kind_lists_its_rulings_container() {
    for kind in holdfast_domain::KINDS.0 {
        assert!(kind.containers().contains(&"rulings"), "{}", kind.name());
    }
}
