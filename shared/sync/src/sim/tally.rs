//! A document kind made for proofs: people open a tally, make marks in it, hand it to somebody and close it; the server may note something.
//!
//! It has what the real kinds have and nothing else: a rule that refuses (no mark after the close), a permission per site, an
//! audience computed from the facts, a ruling of the server, and an intent with two later versions that an older server does not know.

use crate::bytes::{Bytes, Digest32};
use crate::cbor;
use crate::envelope::{IntentCall, Principal};
use crate::ids::DocumentId;
use crate::kind::{Act, Audience, Facts, IntentError, Kind, Kinds, Needed, NewFact, ViewRow, Yield};
use crate::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The containers, in the order in which genesis creates them.
pub const CONTAINERS: [&str; 4] = ["opened", "marks", "closed", "rulings"];
/// What it takes to open, mark and close.
pub const MAY_MARK: &str = "test.tally.mark";
/// What it takes to note something: no grant holds it, the server alone does it.
pub const MAY_NOTE: &str = "test.tally.note";
/// The kinds of a side that knows every version.
pub const KINDS: Kinds = Kinds(&[&TALLY]);

/// The kind as an up-to-date side knows it.
pub static TALLY: Tally = Tally { newest_mark: 3 };
/// The kind as a side one version behind knows it.
pub static MIDDLE_TALLY: Tally = Tally { newest_mark: 2 };
/// The kind as a side two versions behind knows it.
pub static OLD_TALLY: Tally = Tally { newest_mark: 1 };

/// The kind `test.tally`.
pub struct Tally {
    newest_mark: u16,
}

/// An intent of the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TallyIntent {
    /// Begins a tally at a site.
    Open(Open),
    /// Counts something.
    Mark(Mark),
    /// Counts several things at once, as version 2 of the intent does.
    MarkAll(MarkAll),
    /// Counts in dozens, as version 3 of the intent does.
    MarkDozens(MarkDozens),
    /// Counts one thing, and shows a photo of it.
    Show(Show),
    /// Hands it to one person, or back to its site.
    Hand(Hand),
    /// Ends it.
    Close,
    /// The server's word.
    Note(Note),
}

/// Payload of `test.tally.open`, and its fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// Where.
    pub site: uuid::Uuid,
}

/// Payload of `test.tally.mark`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// How many.
    pub count: i64,
}

/// Payload of `test.tally.mark` in version 2: a fact for each count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkAll {
    /// How many of each.
    pub counts: Vec<i64>,
}

/// Payload of `test.tally.mark` in version 3: a fact for each number of dozens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkDozens {
    /// How many dozens of each.
    pub dozens: Vec<i64>,
}

/// Payload of `test.tally.show`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Show {
    /// What it names.
    pub photo: Named,
}

/// Payload of `test.tally.hand`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hand {
    /// To whom; none gives it back to whoever works at its site.
    pub to: Option<uuid::Uuid>,
}

/// Whose a tally is from a mark on, among several the highest: of two that did not see each other the one that says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handed {
    /// One more than the highest that its author saw, from 1.
    pub step: u32,
    /// To whom.
    pub to: Option<uuid::Uuid>,
}

/// A photo, as a fact names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its hash.
    pub sha256: Digest32,
    /// Its size.
    pub bytes: u32,
}

/// Payload of `test.tally.note`, and its fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What the server has to say.
    pub text: String,
}

/// A fact in `marks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marked {
    /// How many.
    pub count: i64,
    /// By whom.
    pub by: Principal,
    /// By the author's clock.
    pub at: Timestamp,
    /// A photo of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<Named>,
    /// A mark of nothing says whose the tally is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed: Option<Handed>,
}

/// A fact in `closed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// By whom.
    pub by: Principal,
}

impl Tally {
    /// The kind as a side knows it that has this version of each intent, or the newest.
    pub fn of(version: u16) -> &'static Self {
        match version {
            1 => &OLD_TALLY,
            2 => &MIDDLE_TALLY,
            _ => &TALLY,
        }
    }
}

impl TallyIntent {
    /// The call as it travels.
    pub fn call(&self) -> IntentCall {
        let (name, version, payload) = match self {
            Self::Open(open) => ("test.tally.open", 1, cbor::encode(open)),
            Self::Mark(mark) => ("test.tally.mark", 1, cbor::encode(mark)),
            Self::MarkAll(marks) => ("test.tally.mark", 2, cbor::encode(marks)),
            Self::MarkDozens(marks) => ("test.tally.mark", 3, cbor::encode(marks)),
            Self::Show(show) => ("test.tally.show", 1, cbor::encode(show)),
            Self::Hand(hand) => ("test.tally.hand", 1, cbor::encode(hand)),
            Self::Close => ("test.tally.close", 1, cbor::encode(&())),
            Self::Note(note) => ("test.tally.note", 1, cbor::encode(note)),
        };
        IntentCall { name: name.to_owned(), version, payload: Bytes(payload) }
    }
}

impl Kind for Tally {
    fn name(&self) -> &'static str {
        "test.tally"
    }

    fn containers(&self) -> &'static [&'static str] {
        &CONTAINERS
    }

    fn run(&self, facts: &Facts, call: &IntentCall, act: &Act) -> Result<Yield, IntentError> {
        let by = act.by.clone();
        match (call.name.as_str(), call.version) {
            ("test.tally.open", 1) => {
                let open: Open = payload(call)?;
                refuse_if(facts.of("opened").next().is_some(), "tally_open_already")?;
                Ok(yields(MAY_MARK, Some(open.site), vec![new_fact("opened", &open)]))
            }
            ("test.tally.mark", version) if (1..=self.newest_mark).contains(&version) => {
                let counts = match version {
                    1 => vec![payload::<Mark>(call)?.count],
                    2 => payload::<MarkAll>(call)?.counts,
                    _ => payload::<MarkDozens>(call)?.dozens.into_iter().map(|dozens| dozens.saturating_mul(12)).collect(),
                };
                let site = site_of(facts)?;
                refuse_if(facts.of("closed").next().is_some(), "tally_closed")?;
                let marked = |count: i64| new_fact("marks", &Marked { count, by: by.clone(), at: act.at, photo: None, handed: None });
                Ok(yields(MAY_MARK, Some(site), counts.into_iter().map(marked).collect()))
            }
            ("test.tally.show", 1) => {
                let show: Show = payload(call)?;
                let site = site_of(facts)?;
                refuse_if(facts.of("closed").next().is_some(), "tally_closed")?;
                let marked = Marked { count: 1, by, at: act.at, photo: Some(show.photo), handed: None };
                Ok(yields(MAY_MARK, Some(site), vec![new_fact("marks", &marked)]))
            }
            ("test.tally.hand", 1) => {
                let hand: Hand = payload(call)?;
                let site = site_of(facts)?;
                refuse_if(facts.of("closed").next().is_some(), "tally_closed")?;
                let step = handed(facts).map_or(0, |last| last.step).saturating_add(1);
                let marked = Marked { count: 0, by, at: act.at, photo: None, handed: Some(Handed { step, to: hand.to }) };
                Ok(yields(MAY_MARK, Some(site), vec![new_fact("marks", &marked)]))
            }
            ("test.tally.close", 1) => {
                let () = payload(call)?;
                let site = site_of(facts)?;
                refuse_if(facts.of("closed").next().is_some(), "tally_closed")?;
                Ok(yields(MAY_MARK, Some(site), vec![new_fact("closed", &Closed { by })]))
            }
            ("test.tally.note", 1) => Ok(yields(MAY_NOTE, None, vec![new_fact("rulings", &payload::<Note>(call)?)])),
            _ => Err(IntentError::Unknown { name: call.name.clone(), version: call.version }),
        }
    }

    fn moves(&self) -> bool {
        true
    }

    fn audiences(&self, _document: DocumentId, facts: &Facts) -> Vec<Audience> {
        if let Some(Handed { to: Some(person), .. }) = handed(facts) {
            return vec![Audience::Person(person)];
        }
        let mut sites: Vec<_> =
            facts.of("opened").filter_map(|(_, bytes)| cbor::decode::<Open>(bytes).ok()).map(|open| Audience::Site(open.site)).collect();
        sites.sort_unstable();
        sites.dedup();
        sites
    }

    fn view(&self, document: DocumentId, facts: &Facts) -> Vec<ViewRow> {
        let marks = facts.of("marks").filter_map(|(_, bytes)| cbor::decode::<Marked>(bytes).ok());
        let total: i64 = marks.map(|mark| mark.count).sum();
        let view = if facts.of("closed").next().is_some() { "test.closed_tallies" } else { "test.open_tallies" };
        vec![ViewRow { view: view.to_owned(), key: document.to_string(), bytes: Bytes(cbor::encode(&total)) }]
    }
}

/// The last word on whose it is.
fn handed(facts: &Facts) -> Option<Handed> {
    facts.of("marks").filter_map(|(_, bytes)| cbor::decode::<Marked>(bytes).ok()?.handed).max()
}

fn payload<T: DeserializeOwned>(call: &IntentCall) -> Result<T, IntentError> {
    cbor::decode(&call.payload.0).map_err(|_| IntentError::Payload(call.name.clone()))
}

fn new_fact<T: Serialize>(container: &'static str, fact: &T) -> NewFact {
    NewFact { container, bytes: cbor::encode(fact) }
}

fn yields(permission: &'static str, site: Option<uuid::Uuid>, facts: Vec<NewFact>) -> Yield {
    Yield { permission: Needed { permission, site }, facts }
}

fn refuse_if(blocked: bool, code: &'static str) -> Result<(), IntentError> {
    if blocked { Err(IntentError::Refused { code }) } else { Ok(()) }
}

fn site_of(facts: &Facts) -> Result<uuid::Uuid, IntentError> {
    let (_, bytes) = facts.of("opened").next().ok_or(IntentError::Refused { code: "tally_not_open" })?;
    cbor::decode::<Open>(bytes).map(|open| open.site).map_err(|bad| IntentError::Document(bad.to_string()))
}
