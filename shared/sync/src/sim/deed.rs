//! The words of the reference model, which are those of the scripts, too: plain names and numbers, none of our types.

use std::collections::{BTreeMap, BTreeSet};

/// A change. An act is numbered as the first change of it is.
pub type Change = u64;
/// Names of devices, people, documents and sites within a history.
pub type Name = u8;

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A tally is opened.
    Open,
    /// Marks are made, in words that a server knows from this version on.
    Mark {
        /// One fact for each: the count itself, or so many dozens in version 3.
        counts: Vec<i64>,
        /// The version of the intent.
        version: u16,
    },
    /// A mark is made that names a photo.
    Photo {
        /// Which.
        photo: Name,
        /// Whether it was taken, or only its name is known.
        taken: bool,
    },
    /// The tally goes to one person alone, or back to whoever works at its site.
    Hand {
        /// To whom.
        to: Option<Name>,
    },
    /// The tally is closed.
    Close,
}

/// Who has a document, and what a device follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// Everybody at a site.
    Site(Name),
    /// One person.
    Person(Name),
}

/// What somebody uploads that is no photo of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fake {
    /// Other bytes.
    Bytes,
    /// Said to be longer than it is, and made so.
    Longer,
    /// Said to be of another type.
    Type,
    /// A piece that reaches beyond the end.
    Beyond,
    /// A piece that goes elsewhere.
    Elsewhere,
}

impl Fake {
    /// Every one of them.
    pub const ALL: [Self; 5] = [Self::Bytes, Self::Longer, Self::Type, Self::Beyond, Self::Elsewhere];

    /// Its word in a script.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Longer => "longer",
            Self::Type => "type",
            Self::Beyond => "beyond",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// The one of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fake| fake.name() == word)
    }
}

/// What a change is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// A person's deed.
    Deed(Deed),
    /// The server noted the total.
    Ruling {
        /// As it stood.
        total: i64,
    },
    /// What no app would send.
    Lie(Lie),
}

/// What somebody sends who has a device's key, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// For another company.
    Tenant,
    /// Signed with another key.
    Signature,
    /// By a device that nobody enrolled.
    Stranger,
    /// A header that ends early.
    Malformed,
    /// In the name of somebody else, by the grant on their device.
    Author,
    /// A change of one document, said to be another's.
    Document,
    /// A change that makes a container of its own.
    Genesis,
    /// In a chain that its device never enrolled with.
    Chain,
    /// Facts that are not those of the intent.
    Facts,
}

impl Lie {
    /// Every lie there is.
    pub const ALL: [Self; 9] =
        [Self::Tenant, Self::Signature, Self::Stranger, Self::Malformed, Self::Author, Self::Document, Self::Genesis, Self::Chain, Self::Facts];

    /// Its word in a script.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Signature => "signature",
            Self::Stranger => "stranger",
            Self::Malformed => "malformed",
            Self::Author => "author",
            Self::Document => "document",
            Self::Genesis => "genesis",
            Self::Chain => "chain",
            Self::Facts => "facts",
        }
    }

    /// The lie of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lie| lie.name() == word)
    }

    /// The answer to what is not even filed.
    pub fn at_the_door(self) -> Option<&'static str> {
        match self {
            Self::Tenant => Some("foreign_tenant"),
            Self::Signature => Some("signature_wrong"),
            Self::Stranger => Some("device_unknown"),
            Self::Malformed => Some("envelope_malformed"),
            Self::Author | Self::Document | Self::Genesis | Self::Chain | Self::Facts => None,
        }
    }

    /// Why it is refused, whatever the rights and the document.
    pub fn by_form(self) -> Option<&'static str> {
        match self {
            Self::Document | Self::Genesis => Some("change_not_facts"),
            _ => None,
        }
    }
}

/// A change as its author made it.
#[derive(Debug, Clone)]
pub struct Made {
    /// The act that it is a change of.
    pub act: Change,
    /// By which device; none for the server.
    pub device: Option<Name>,
    /// By whom; meaningless for the server.
    pub person: Name,
    /// On which document.
    pub document: Name,
    /// What.
    pub did: Did,
    /// Its number on the device.
    pub number: u64,
    /// The one before on the device.
    pub previous: Option<Change>,
    /// Everything its author saw of the document.
    pub saw: BTreeSet<Change>,
    /// The one before by the same tab: named by the change even where others came after it.
    pub tabs_last: Option<Change>,
    /// When, by the device's clock, corrected by what it knows of the true one.
    pub said_at: i64,
    /// Where it hands the document on: the how manieth to do so, as far as its author saw.
    pub step: u32,
    /// The last position of the feed that its device had stored, in which life of the server; 0 where there is none.
    pub basis: (Option<u128>, u64),
    /// Of a lie: by device and person, the grant that it names.
    pub names: (Name, Name),
}

impl Default for Made {
    fn default() -> Self {
        let did = Did::Deed(Deed::Open);
        let saw = BTreeSet::new();
        Self {
            act: 0,
            device: None,
            person: 0,
            document: 0,
            did,
            number: 0,
            previous: None,
            saw,
            tabs_last: None,
            said_at: 0,
            step: 0,
            basis: (None, 0),
            names: (0, 0),
        }
    }
}

/// What a person is about to do.
#[derive(Debug, Clone)]
pub struct Doing {
    /// The device.
    pub device: Name,
    /// The person.
    pub person: Name,
    /// The document.
    pub document: Name,
    /// What the same tab did last on that document.
    pub tabs_last: Option<Change>,
    /// What.
    pub deed: Deed,
    /// What the device's clock says.
    pub clock: i64,
}

/// What a device has stored, in the model's terms. Lost and restored together with the store it describes.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// The changes in each of its documents.
    pub documents: BTreeMap<Name, BTreeSet<Change>>,
    /// How many changes it has made.
    pub made: u64,
    /// The last of them.
    pub last: Option<Change>,
    /// What its clock must be corrected by.
    pub clock_offset: i64,
    /// The highest position of the feed that it has stored.
    pub position: u64,
    /// Those it has heard no last word of, and may yet.
    pub undecided: BTreeSet<Change>,
    /// Those of them of which it has heard that they rest on something refused or held, and when the server first said so.
    pub blocked: BTreeMap<Change, i64>,
    /// Those of whose acts a page may have told while nothing had been answered, and when: an answer from before is old.
    pub told: BTreeMap<Change, i64>,
    /// Every change of its own that it stored.
    pub mine: BTreeSet<Change>,
    /// Documents of sites that were left, which it keeps for what is not decided in them, and does not show.
    pub hidden: BTreeSet<Name>,
    /// Whose each document is, as the server said last, in which life and at which position; none where it went to others.
    pub whose: BTreeMap<Name, (u128, u64, Option<Whose>)>,
    /// In which life and at which position it last heard whose a document is, also of those that are gone.
    pub heard: BTreeMap<Name, (u128, u64)>,
    /// Whose documents it follows.
    pub follows: BTreeSet<Whose>,
    /// How often it began to write under other names, because a document was gone.
    pub generation: u32,
    /// In which life of the server's it last heard of it; none before the first time.
    pub life: Option<u128>,
    /// Its own changes that it has heard are in the books.
    pub booked: BTreeSet<Change>,
    /// Its own changes that fell and could not be done again.
    pub fallen: BTreeSet<Change>,
    /// The changes of others that it could prove.
    pub witnessed: BTreeSet<Change>,
    /// Those of them of which it does not know whether the server, restored, has them.
    pub offered: BTreeSet<Change>,
    /// Whether the server was restored, and has not told all since.
    pub enters: bool,
    /// Then, too: the documents it followed before, which may have been left.
    pub looks_at: BTreeSet<Name>,
    /// Photos that it took, and of which the server has not said that it has them.
    pub unsent: BTreeSet<Name>,
    /// Photos that it keeps, and that the server has said to have.
    pub kept: BTreeSet<Name>,
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// In the books.
    Accepted,
    /// On file; what it rests on or what it means is not known yet.
    Waiting,
    /// For the office.
    Held(String),
    /// Never.
    Refused(String),
}

/// What the server wrote of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// What came of it.
    pub fate: Fate,
    /// Where it was accepted: when it counts as done, and whether that was after its grant had ended.
    pub counted: Option<(i64, bool)>,
}

/// The server's rights and knowledge, as the model sees them.
#[derive(Debug, Clone)]
pub struct Rights {
    /// Sites at which each person may write, by any grant.
    pub may_write: BTreeMap<Name, BTreeSet<Name>>,
    /// Sites each person may read now.
    pub may_read: BTreeMap<Name, BTreeSet<Name>>,
    /// Devices that enrolled, and those that the server, restored, knows from its own word alone.
    pub enrolled: BTreeSet<Name>,
    /// See above.
    pub taken_up: BTreeSet<Name>,
    /// Grants on devices that were taken up, by device and person, of which the server has heard since.
    pub heard_of: BTreeSet<(Name, Name)>,
    /// Grants, by device and person, that were taken back.
    pub revoked: BTreeSet<(Name, Name)>,
    /// When all grants were issued.
    pub issued: i64,
    /// When each grant ends.
    pub expires: BTreeMap<(Name, Name), i64>,
    /// The newest version of the mark that the server knows.
    pub version: u16,
}

impl Rights {
    /// Whether the server knows a grant, by device and person, that does not come with what is done by it.
    pub fn hears(&self, (device, person): (Name, Name)) -> bool {
        self.enrolled.contains(&device) || self.heard_of.contains(&(device, person))
    }
}
