//! A document that goes from one audience to another: who gets it, who keeps it, and what those hear who had it.
//!
//! The hub is the simulator's, the devices are its as well: lanes, pages and what becomes of them are the core's.

use holdfast_sync::bytes::Digest32;
use holdfast_sync::cbor;
use holdfast_sync::ids::DocumentId;
use holdfast_sync::kind::Audience;
use holdfast_sync::replica::{self, Clocks, RecordError};
use holdfast_sync::sim::device::{Act, Device};
use holdfast_sync::sim::fault::Fault;
use holdfast_sync::sim::memory::MemoryServer;
use holdfast_sync::sim::names;
use holdfast_sync::sim::script::Cast;
use holdfast_sync::sim::server::{Crash, Happening, Server};
use holdfast_sync::sim::tally::{Hand, KINDS, Mark, OLD_TALLY, Open, TallyIntent};
use holdfast_sync::time::Timestamp;
use holdfast_sync::wire::{Answer, Entry, PullRequest, PullResponse};

const NOW: Timestamp = Timestamp(names::BEGINS);
/// Who hands it on: of the site, as everybody.
const MAKER: u8 = 0;
/// To whom.
const HEIR: u8 = 1;
/// Whoever follows the site alone.
const COLLEAGUE: u8 = 2;
/// Whoever follows neither, and may write at the first site only.
const STRANGER: u8 = 3;

/// A document at the first site, the hub, and a device for each of four people.
struct Shop {
    hub: MemoryServer,
    devices: Vec<Device>,
    intents: u64,
}

impl Shop {
    /// Everybody but the stranger reads at the first site.
    fn new() -> Self {
        let [hub, _] = MemoryServer::pair(Cast { devices: 4, people: 4, tabs: 1 }, Fault::None);
        let device = |name| Device::new(names::identity(names::TENANT, name, name), names::chain(name));
        let mut shop = Self { hub, devices: (0..4).map(device).collect(), intents: 0 };
        (MAKER..=COLLEAGUE).for_each(|person| shop.reads(person, &[0]));
        shop.reads(STRANGER, &[1]);
        shop
    }

    /// The same, with a tally that all of the site have, and a mark in it.
    fn with_tally() -> Self {
        let mut shop = Self::new();
        (MAKER..=STRANGER).for_each(|name| drop(shop.pulls(name)));
        shop.does(MAKER, TallyIntent::Open(Open { site: names::site(0) }));
        shop.does(MAKER, TallyIntent::Mark(Mark { count: 5 }));
        shop.pushes(MAKER);
        (MAKER..=STRANGER).for_each(|name| drop(shop.pulls(name)));
        shop
    }

    fn reads(&mut self, person: u8, sites: &[u8]) {
        let sites = sites.iter().map(|site| names::site(*site)).collect();
        self.hub.happens(Happening::Reads(names::account(person), sites));
    }

    fn tries(&mut self, name: u8, intent: TallyIntent) -> Result<u64, RecordError> {
        self.intents += 1;
        let act = Act { document: tally(), intent_id: names::intent(self.intents), call: intent.call(), actor: vec![0x70 + name; 16], now: NOW };
        let device = &mut self.devices[usize::from(name)];
        let seq = device.record(&OLD_TALLY, act)?;
        device.sign(seq);
        Ok(seq)
    }

    fn does(&mut self, name: u8, intent: TallyIntent) {
        self.tries(name, intent).expect("the tally is open");
    }

    fn hands(&mut self, name: u8, to: Option<u8>) {
        self.does(name, TallyIntent::Hand(Hand { to: to.map(names::own) }));
    }

    /// Sends all that is unsent, and hears what came of it.
    fn pushes(&mut self, name: u8) -> Vec<Answer> {
        let device = &mut self.devices[usize::from(name)];
        let request = device.next_push().expect("something is unsent");
        let changes: Vec<Digest32> = request.envelopes.iter().map(|envelope| envelope.read_header().expect("its own").change_hash).collect();
        let answers = self.hub.push(request, Crash::Never).expect("it does not die").answers;
        for (change, answer) in changes.into_iter().zip(&answers) {
            let seq = device.row_of(change).expect("it sent it");
            device.answered(&KINDS, (seq, answer), Clocks { device: NOW, server: NOW });
        }
        answers
    }

    /// Reads the feed to its head, so many entries at a time; answers all of them.
    fn pulls_by(&mut self, name: u8, limit: u32) -> Vec<Entry> {
        let mut told = Vec::new();
        loop {
            let page = self.page(name, limit);
            told.extend(page.entries.clone());
            self.devices[usize::from(name)].receive(&KINDS, &page, NOW);
            if !page.more {
                return told;
            }
        }
    }

    fn pulls(&mut self, name: u8) -> Vec<Entry> {
        self.pulls_by(name, 100)
    }

    fn page(&mut self, name: u8, limit: u32) -> PullResponse {
        let device = &self.devices[usize::from(name)];
        let feed = &device.store.chain.feed;
        let request = PullRequest { epoch: feed.epoch, cursors: feed.cursors.clone(), device: Some(device.identity.device), till: None, limit };
        self.hub.pull(names::account(name), &request)
    }

    /// What the device shows of the tally: its total.
    fn shows(&self, name: u8) -> Option<i64> {
        let store = &self.devices[usize::from(name)].store;
        let shown = store.views.keys().any(|(_, key)| *key == tally().to_string());
        shown.then(|| crate::support::total_of(tally(), &OLD_TALLY, &store.documents[&tally()].saved.0))
    }

    /// Whether it keeps it, shown or not.
    fn keeps(&self, name: u8) -> bool {
        self.devices[usize::from(name)].store.documents.contains_key(&tally())
    }
}

fn tally() -> DocumentId {
    names::document(0)
}

fn mark(count: i64) -> TallyIntent {
    TallyIntent::Mark(Mark { count })
}

/// Nothing but that the tally went.
fn departed(told: &[Entry]) -> bool {
    matches!(told, [Entry::Departed { document, .. }] if *document == tally())
}

#[test]
fn a_document_that_moves_is_gone_from_whoever_had_it_once_they_hear_of_it() {
    let mut shop = Shop::with_tally();
    shop.hands(MAKER, Some(HEIR));
    shop.pushes(MAKER);
    assert_eq!(shop.shows(COLLEAGUE), Some(5), "nobody has told it yet");
    assert!(departed(&shop.pulls(COLLEAGUE)));
    assert_eq!((shop.shows(COLLEAGUE), shop.keeps(COLLEAGUE)), (None, false));
    assert!(departed(&shop.pulls(MAKER)), "who handed it on has lost it like everybody");
    assert_eq!((shop.shows(MAKER), shop.keeps(MAKER)), (None, false));
}

#[test]
fn a_document_that_moves_does_not_tell_those_who_had_it_to_whom_it_went_nor_what_becomes_of_it() {
    let mut shop = Shop::with_tally();
    shop.hands(MAKER, Some(HEIR));
    shop.pushes(MAKER);
    shop.pulls(HEIR);
    shop.does(HEIR, mark(7));
    shop.pushes(HEIR);
    let page = shop.page(COLLEAGUE, 100);
    assert!(departed(&page.entries), "{:?}", page.entries);
    assert_eq!(page.grants, [], "nor by whom");
    let (bytes, heir) = (cbor::encode(&page), names::own(HEIR));
    assert!(!bytes.windows(16).any(|window| window == heir.as_bytes()));
    assert!(!String::from_utf8_lossy(&bytes).contains(&heir.to_string()));
}

#[test]
fn a_document_that_moves_stays_with_whoever_follows_both() {
    let mut shop = Shop::with_tally();
    shop.hands(MAKER, Some(HEIR));
    shop.pushes(MAKER);
    let told = shop.pulls(HEIR);
    let to_heir = |entry: &Entry| matches!(entry, Entry::Change { audiences: Some(now), .. } if *now == [Audience::Person(names::own(HEIR))]);
    assert!(told.len() == 3 && told.iter().all(to_heir), "all of it once more, then the change by which it came: {told:?}");
    assert_eq!(shop.shows(HEIR), Some(5), "and nothing of it counts twice");
    shop.does(HEIR, mark(7));
    assert!(matches!(shop.pushes(HEIR)[..], [Answer::Accepted { .. }]));
}

#[test]
fn a_document_that_moves_comes_whole_to_whoever_read_past_its_beginning_however_small_the_pages() {
    for limit in [1, 2, 100] {
        let mut shop = Shop::new();
        shop.reads(HEIR, &[]);
        shop.pulls(HEIR);
        shop.pulls(MAKER);
        shop.does(MAKER, TallyIntent::Open(Open { site: names::site(0) }));
        shop.does(MAKER, mark(5));
        shop.pushes(MAKER);
        assert_eq!(shop.pulls(HEIR), [], "it is none of theirs");
        shop.hands(MAKER, Some(HEIR));
        shop.does(MAKER, mark(2));
        shop.pushes(MAKER);
        shop.pulls_by(HEIR, limit);
        assert_eq!(shop.shows(HEIR), Some(7), "{limit} at a time");
    }
}

#[test]
fn a_document_that_moves_and_comes_back_brings_what_was_done_meanwhile() {
    let mut shop = Shop::with_tally();
    shop.hands(MAKER, Some(HEIR));
    shop.pushes(MAKER);
    [MAKER, HEIR, COLLEAGUE].into_iter().for_each(|name| drop(shop.pulls(name)));
    assert!(!shop.keeps(COLLEAGUE));
    shop.does(HEIR, mark(7));
    shop.hands(HEIR, None);
    shop.pushes(HEIR);
    for name in [MAKER, COLLEAGUE, HEIR] {
        shop.pulls(name);
        assert_eq!(shop.shows(name), Some(12), "device {name}");
    }
    shop.does(COLLEAGUE, mark(1));
    assert!(matches!(shop.pushes(COLLEAGUE)[..], [Answer::Accepted { .. }]), "they write on it as before");
}

#[test]
fn a_document_that_moved_away_and_back_unseen_is_not_lost_on_the_way() {
    let mut shop = Shop::with_tally();
    shop.hands(MAKER, Some(HEIR));
    shop.pushes(MAKER);
    shop.pulls(HEIR);
    shop.hands(HEIR, None);
    shop.pushes(HEIR);
    for limit in [1, 100] {
        shop.pulls_by(COLLEAGUE, limit);
        assert_eq!(shop.shows(COLLEAGUE), Some(5));
    }
}

#[test]
fn a_document_that_moves_while_a_device_is_offline_is_hidden_with_its_unsent_work_and_goes_when_that_is_decided() {
    let mut shop = Shop::with_tally();
    shop.hands(MAKER, Some(HEIR));
    shop.pushes(MAKER);
    shop.does(COLLEAGUE, mark(3));
    assert_eq!(shop.shows(COLLEAGUE), Some(8));
    shop.pulls(COLLEAGUE);
    assert_eq!((shop.shows(COLLEAGUE), shop.keeps(COLLEAGUE)), (None, true), "hidden at once, and kept for what is unsent");
    assert_eq!(shop.tries(COLLEAGUE, mark(4)), Err(RecordError::Left), "nothing is added to it");
    assert!(matches!(shop.pushes(COLLEAGUE)[..], [Answer::Accepted { .. }]), "what was done before is not lost");
    assert!(shop.keeps(COLLEAGUE));
    assert_eq!(shop.pulls(COLLEAGUE), [], "nobody tells them any more of it");
    assert!(!shop.keeps(COLLEAGUE));
    shop.pulls(HEIR);
    assert_eq!(shop.shows(HEIR), Some(8), "whoever has it gets it");
}

#[test]
fn whoever_enters_where_a_document_was_learns_no_more_than_that_it_went() {
    let mut shop = Shop::with_tally();
    shop.hands(MAKER, Some(HEIR));
    shop.pushes(MAKER);
    shop.reads(STRANGER, &[0]);
    let told = shop.pulls(STRANGER);
    let about_it: Vec<_> = told.into_iter().filter(|entry| !matches!(entry, Entry::Leave { .. })).collect();
    let nothing = |entry: &Entry| match entry {
        Entry::Enter { documents, .. } => documents.is_empty(),
        Entry::Departed { document, .. } => *document == tally(),
        _ => false,
    };
    assert!(about_it.iter().all(nothing), "{about_it:?}");
    assert!(!shop.keeps(STRANGER));
}

#[test]
fn whoever_follows_neither_of_two_audiences_hears_nothing_of_a_document_that_moves_between_them() {
    let mut shop = Shop::with_tally();
    shop.hands(MAKER, Some(HEIR));
    shop.pushes(MAKER);
    assert_eq!(shop.pulls(STRANGER), []);
    shop.pulls(HEIR);
    shop.hands(HEIR, None);
    shop.pushes(HEIR);
    assert_eq!(shop.pulls(STRANGER), []);
}

#[test]
fn a_document_that_left_while_its_site_was_not_followed_is_not_shown_when_that_is_gained_again() {
    let mut shop = Shop::with_tally();
    shop.does(COLLEAGUE, mark(3));
    shop.reads(COLLEAGUE, &[]);
    shop.pulls(COLLEAGUE);
    assert_eq!((shop.shows(COLLEAGUE), shop.keeps(COLLEAGUE)), (None, true));
    shop.hands(MAKER, Some(HEIR));
    shop.pushes(MAKER);
    shop.reads(COLLEAGUE, &[0]);
    shop.pulls(COLLEAGUE);
    assert_eq!((shop.shows(COLLEAGUE), shop.keeps(COLLEAGUE)), (None, true), "it is told once more that it left");
    shop.pushes(COLLEAGUE);
    shop.pulls(COLLEAGUE);
    assert!(!shop.keeps(COLLEAGUE));
}

#[test]
fn who_may_not_write_a_document_moves_it_to_nobody() {
    let mut shop = Shop::new();
    shop.reads(MAKER, &[1]);
    shop.pulls(STRANGER);
    shop.pulls(HEIR);
    // At the other site, where the stranger reads, and may not write.
    shop.does(MAKER, TallyIntent::Open(Open { site: names::site(1) }));
    shop.pushes(MAKER);
    shop.pulls(STRANGER);
    shop.hands(STRANGER, Some(HEIR));
    let refused = Answer::Refused { code: "not_permitted".to_owned() };
    assert_eq!(shop.pushes(STRANGER), [refused]);
    assert_eq!(shop.pulls(HEIR), [], "who has a document follows from what is in the books, not from what a device says");
    shop.pulls(STRANGER);
    assert_eq!(shop.shows(STRANGER), Some(0), "it is where it was");
}

#[test]
fn a_document_that_moves_to_one_of_several_people_on_a_device_stays_there_while_the_others_pull() {
    let mut shop = Shop::with_tally();
    shop.hands(MAKER, Some(HEIR));
    shop.pushes(MAKER);
    shop.pulls(HEIR);
    let store = &shop.devices[usize::from(HEIR)].store;
    let position = store.chain.feed.cursors.values().copied().max().expect("it was pulled");
    // A colleague reads the site anew on the same device, and follows nothing of the heir's.
    let cursors = [(Audience::Tenant, position), (Audience::Site(names::site(0)), position)].into();
    let entries = vec![Entry::Departed { position, document: tally() }];
    let page = PullResponse { epoch: names::epoch(0), entries, cursors, more: false, server_time_ms: NOW, grants: Vec::new() };
    let received = replica::receive(&KINDS, (&store.chain.feed, &store.documents), &page);
    let told = received.documents[0].stored.told.as_ref().expect("the feed has said so");
    assert_eq!(told.audiences, [Audience::Person(names::own(HEIR))], "a page speaks for those alone whom its reader follows");
}
