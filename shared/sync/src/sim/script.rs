//! A history as a list of steps, one readable line each, that can be read back and played again.
//!
//! A line says how many milliseconds after the one before something happens, and what: `+812 device 1 tab 0 document 3 mark 1 55`. Nothing in it
//! depends on what the other lines do: a name that is too high wraps around, and a step for which nothing is there does nothing. So any line can
//! be taken out and the rest still is a history, which is how a failing one is made small. Lines that begin with `#` are remarks.

use crate::sim::model::{Deed, Fake, Lie, Name};
use crate::sim::server::Crash;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A history before it is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Who takes part.
    pub cast: Cast,
    /// What happens before the faults stop.
    pub moments: Vec<Moment>,
}

/// Who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cast {
    /// How many devices, clones and replacements aside.
    pub devices: Name,
    /// How many people have a login; each has a grant on every device.
    pub people: Name,
    /// How many tabs a device has open.
    pub tabs: Name,
}

/// A step and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the one before.
    pub after_ms: u32,
    /// Where.
    pub company: Company,
    /// What happens.
    pub step: Step,
}

/// One of the two companies on the server. All their ids but their own are the same, so that whatever is mixed up shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// The one that most of the history is about.
    Ours,
    /// The other.
    Neighbour,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// On or to a device.
    Device(Name, OnDevice),
    /// To the message on its way that stands at this place.
    Message(u16, OnMessage),
    /// The first push on its way, counted from this place, is heard by the other company's server, too.
    Strays(u16),
    /// A person's grant on a device is taken back.
    Revoked {
        /// The device.
        device: Name,
        /// The person.
        person: Name,
    },
    /// Where a person may read, from now on.
    Reads {
        /// The person.
        person: Name,
        /// The sites.
        sites: BTreeSet<Name>,
    },
    /// Somebody in the office decides about what is held: of all that is, the one at this place.
    Decides {
        /// Which.
        held: u16,
        /// Whether it is released, or rejected.
        released: bool,
    },
    /// The server is replaced by one that knows the next version of each intent.
    Upgraded,
    /// The server publishes the events that are due, and perhaps dies before it has noted that it did.
    Publishes {
        /// Whether it dies.
        dies: bool,
    },
    /// The server has room for so many bytes of photos.
    Room(u32),
    /// The server's files of a photo are gone.
    Loses(Name),
    /// The server's database is copied, with both companies in it.
    BackedUp,
    /// The server dies, and the copy is put in its database's place.
    Restored,
}

/// Something on or to a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnDevice {
    /// The person signed in does something in a tab.
    Acts {
        /// The tab.
        tab: Name,
        /// On which document.
        document: Name,
        /// What.
        deed: Deed,
    },
    /// Rows get their signatures: so many, from the first that lacks one.
    Signs(u8),
    /// What is ready is sent: all, or the first few of it in an order drawn from a number, since whoever relays need not keep it.
    Pushes(Option<(u8, u32)>),
    /// A page of so many entries is asked for.
    Pulls(u8),
    /// The photos that are due begin to go up; an upload that was under way begins anew.
    Uploads,
    /// Somebody looks at a photo.
    Looks(Name),
    /// Whoever is signed in uploads what no app would.
    Fakes(Name, Fake),
    /// Its connection changes.
    Line(LineState),
    /// Its disk changes.
    Disk(Disk),
    /// The power fails; of what was not strictly durable, so many transactions are left.
    PowerFails(u8),
    /// The browser throws its database away; a new device takes its place.
    Evicted,
    /// Two weeks' worth is over: it forgets what it kept of others, but for what it is still to offer.
    Forgets,
    /// Somebody copies its disk, and both copies go on.
    Cloned,
    /// Its clock is set: so many milliseconds from the true time.
    Clock(i64),
    /// Somebody else signs in.
    SignsIn(Name),
    /// It gets the app that knows this version of each intent.
    App(u16),
    /// Somebody with its key sends what no app would, about a document.
    Lies(Name, Lie),
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMessage {
    /// It arrives, perhaps as whoever gets it dies: the server before or after the commit of one of its lanes, a device before or after it has
    /// stored so much of it.
    Arrives(Crash),
    /// It arrives, and stays on its way all the same.
    Doubled(Crash),
    /// It never arrives.
    Lost,
    /// So many per cent of its bytes arrive.
    Truncated(u8),
}

/// A device's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// Both ways.
    Open,
    /// What it sends arrives; nothing comes back.
    HalfOpen,
    /// Everything stays on its way.
    Stalled,
}

/// A device's disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// It takes what is written.
    Sound,
    /// No transaction that writes succeeds.
    Full,
    /// The next transaction that writes fails, and the database is opened anew.
    DeadHandle,
}

/// A line that is no step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {number} of the script is no step: {line:?}")]
pub struct BadScript {
    /// Which, from 1; 0 where there is no cast.
    pub number: usize,
    /// What it says.
    pub line: String,
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.cast)?;
        self.moments.iter().try_for_each(|moment| writeln!(f, "{moment}"))
    }
}

impl fmt::Display for Cast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cast {} devices {} people {} tabs", self.devices, self.people, self.tabs)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{} {}", self.after_ms, if self.company == Company::Ours { "" } else { "neighbour " })?;
        match &self.step {
            Step::Device(device, what) => write!(f, "device {device} {what}"),
            Step::Message(message, OnMessage::Arrives(crash)) => write!(f, "message {message} arrives{}", dying(*crash)),
            Step::Message(message, OnMessage::Doubled(crash)) => write!(f, "message {message} doubled{}", dying(*crash)),
            Step::Message(message, OnMessage::Lost) => write!(f, "message {message} lost"),
            Step::Message(message, OnMessage::Truncated(percent)) => write!(f, "message {message} truncated {percent}"),
            Step::Strays(message) => write!(f, "message {message} strays"),
            Step::Revoked { device, person } => write!(f, "grant {device} {person} revoked"),
            Step::Reads { person, sites } => write!(f, "person {person} reads{}", numbers(sites)),
            Step::Decides { held, released } => write!(f, "office {} {held}", if *released { "releases" } else { "rejects" }),
            Step::Upgraded => f.write_str("server upgraded"),
            Step::Publishes { dies } => f.write_str(if *dies { "server publishes and dies" } else { "server publishes" }),
            Step::Room(bytes) => write!(f, "server room {bytes}"),
            Step::Loses(photo) => write!(f, "server loses {photo}"),
            Step::BackedUp => f.write_str("server backed-up"),
            Step::Restored => f.write_str("server restored"),
        }
    }
}

impl fmt::Display for OnDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acts { tab, document, deed } => {
                write!(f, "tab {tab} document {document} ")?;
                match deed {
                    Deed::Open => f.write_str("open"),
                    Deed::Close => f.write_str("close"),
                    Deed::Hand { to: None } => f.write_str("hands back"),
                    Deed::Hand { to: Some(person) } => write!(f, "hands {person}"),
                    Deed::Photo { photo, taken } => write!(f, "{} {photo}", if *taken { "photo" } else { "names" }),
                    Deed::Mark { counts, version } => write!(f, "mark {version}{}", numbers(counts)),
                }
            }
            Self::Signs(rows) => write!(f, "signs {rows}"),
            Self::Pushes(None) => f.write_str("pushes"),
            Self::Pushes(Some((keep, order))) => write!(f, "pushes {keep} ordered {order}"),
            Self::Uploads => f.write_str("uploads"),
            Self::Looks(photo) => write!(f, "looks {photo}"),
            Self::Fakes(photo, fake) => write!(f, "fakes {photo} {}", fake.name()),
            Self::Pulls(limit) => write!(f, "pulls {limit}"),
            Self::Line(LineState::Open) => f.write_str("line open"),
            Self::Line(LineState::HalfOpen) => f.write_str("line half-open"),
            Self::Line(LineState::Stalled) => f.write_str("line stalled"),
            Self::Disk(Disk::Sound) => f.write_str("disk sound"),
            Self::Disk(Disk::Full) => f.write_str("disk full"),
            Self::Disk(Disk::DeadHandle) => f.write_str("disk handle-dead"),
            Self::PowerFails(left) => write!(f, "power-fails {left}"),
            Self::Evicted => f.write_str("evicted"),
            Self::Forgets => f.write_str("forgets"),
            Self::Cloned => f.write_str("cloned"),
            Self::Clock(skew) => write!(f, "clock {skew}"),
            Self::SignsIn(person) => write!(f, "person {person}"),
            Self::App(version) => write!(f, "app {version}"),
            Self::Lies(document, lie) => write!(f, "lies {document} {}", lie.name()),
        }
    }
}

fn dying(crash: Crash) -> String {
    match crash {
        Crash::Never => String::new(),
        Crash::Before(lane) => format!(" dying before {lane}"),
        Crash::After(lane) => format!(" dying after {lane}"),
    }
}

fn numbers<N: fmt::Display>(all: impl IntoIterator<Item = N>) -> String {
    all.into_iter().map(|number| format!(" {number}")).collect()
}

impl FromStr for Script {
    type Err = BadScript;

    fn from_str(text: &str) -> Result<Self, BadScript> {
        let mut cast = None;
        let mut moments = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let words: Vec<_> = line.split_whitespace().collect();
            let read = match words.as_slice() {
                [] => Some(()),
                [first, ..] if first.starts_with('#') => Some(()),
                ["cast", rest @ ..] => read_cast(rest).map(|read| cast = Some(read)),
                [after, rest @ ..] => moment(after, rest).map(|read| moments.push(read)),
            };
            read.ok_or_else(|| BadScript { number, line: line.to_owned() })?;
        }
        let cast = cast.ok_or_else(|| BadScript { number: 0, line: "no line tells the cast".to_owned() })?;
        Ok(Self { cast, moments })
    }
}

fn read_cast(words: &[&str]) -> Option<Cast> {
    let [devices, "devices", people, "people", tabs, "tabs"] = words else { return None };
    let of = |word: &str| word.parse().ok().filter(|number| (1..=16).contains(number));
    Some(Cast { devices: of(devices)?, people: of(people)?, tabs: of(tabs)? })
}

fn moment(after: &str, words: &[&str]) -> Option<Moment> {
    let (company, words) = if let ["neighbour", rest @ ..] = words { (Company::Neighbour, rest) } else { (Company::Ours, words) };
    let step = match words {
        ["device", device, rest @ ..] => Step::Device(device.parse().ok()?, on_device(rest)?),
        ["message", message, "strays"] => Step::Strays(message.parse().ok()?),
        ["message", message, rest @ ..] => Step::Message(message.parse().ok()?, on_message(rest)?),
        ["grant", device, person, "revoked"] => Step::Revoked { device: device.parse().ok()?, person: person.parse().ok()? },
        ["person", person, "reads", sites @ ..] => Step::Reads { person: person.parse().ok()?, sites: all(sites)? },
        ["office", "releases", held] => Step::Decides { held: held.parse().ok()?, released: true },
        ["office", "rejects", held] => Step::Decides { held: held.parse().ok()?, released: false },
        ["server", "upgraded"] => Step::Upgraded,
        ["server", "publishes"] => Step::Publishes { dies: false },
        ["server", "publishes", "and", "dies"] => Step::Publishes { dies: true },
        ["server", "room", bytes] => Step::Room(bytes.parse().ok()?),
        ["server", "loses", photo] => Step::Loses(photo.parse().ok()?),
        ["server", "backed-up"] => Step::BackedUp,
        ["server", "restored"] => Step::Restored,
        _ => return None,
    };
    Some(Moment { after_ms: after.strip_prefix('+')?.parse().ok()?, company, step })
}

fn on_device(words: &[&str]) -> Option<OnDevice> {
    Some(match words {
        ["tab", tab, "document", document, rest @ ..] => {
            let deed = match rest {
                ["open"] => Deed::Open,
                ["close"] => Deed::Close,
                ["hands", "back"] => Deed::Hand { to: None },
                ["hands", person] => Deed::Hand { to: Some(person.parse().ok()?) },
                [word @ ("photo" | "names"), photo] => Deed::Photo { photo: photo.parse().ok()?, taken: *word == "photo" },
                ["mark", version, counts @ ..] => Deed::Mark { counts: all(counts)?, version: version.parse().ok()? },
                _ => return None,
            };
            OnDevice::Acts { tab: tab.parse().ok()?, document: document.parse().ok()?, deed }
        }
        ["signs", rows] => OnDevice::Signs(rows.parse().ok()?),
        ["pushes"] => OnDevice::Pushes(None),
        ["pushes", keep, "ordered", order] => OnDevice::Pushes(Some((keep.parse().ok()?, order.parse().ok()?))),
        ["uploads"] => OnDevice::Uploads,
        ["looks", photo] => OnDevice::Looks(photo.parse().ok()?),
        ["fakes", photo, fake] => OnDevice::Fakes(photo.parse().ok()?, Fake::named(fake)?),
        ["pulls", limit] => OnDevice::Pulls(limit.parse().ok()?),
        ["line", "open"] => OnDevice::Line(LineState::Open),
        ["line", "half-open"] => OnDevice::Line(LineState::HalfOpen),
        ["line", "stalled"] => OnDevice::Line(LineState::Stalled),
        ["disk", "sound"] => OnDevice::Disk(Disk::Sound),
        ["disk", "full"] => OnDevice::Disk(Disk::Full),
        ["disk", "handle-dead"] => OnDevice::Disk(Disk::DeadHandle),
        ["power-fails", left] => OnDevice::PowerFails(left.parse().ok()?),
        ["evicted"] => OnDevice::Evicted,
        ["forgets"] => OnDevice::Forgets,
        ["cloned"] => OnDevice::Cloned,
        ["clock", skew] => OnDevice::Clock(skew.parse().ok()?),
        ["person", person] => OnDevice::SignsIn(person.parse().ok()?),
        ["app", version] => OnDevice::App(version.parse().ok().filter(|version| (1..=3).contains(version))?),
        ["lies", document, lie] => OnDevice::Lies(document.parse().ok()?, Lie::named(lie)?),
        _ => return None,
    })
}

fn on_message(words: &[&str]) -> Option<OnMessage> {
    let crash = |words: &[&str]| {
        Some(match words {
            [] => Crash::Never,
            ["dying", "before", lane] => Crash::Before(lane.parse().ok()?),
            ["dying", "after", lane] => Crash::After(lane.parse().ok()?),
            _ => return None,
        })
    };
    Some(match words {
        ["arrives", rest @ ..] => OnMessage::Arrives(crash(rest)?),
        ["doubled", rest @ ..] => OnMessage::Doubled(crash(rest)?),
        ["lost"] => OnMessage::Lost,
        ["truncated", percent] => OnMessage::Truncated(percent.parse().ok().filter(|percent| *percent < 100)?),
        _ => return None,
    })
}

fn all<N: FromStr, C: FromIterator<N>>(words: &[&str]) -> Option<C> {
    words.iter().map(|word| word.parse().ok()).collect()
}
