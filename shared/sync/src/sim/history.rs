//! A seed becomes a script: who takes part, and what happens when, all of it drawn before anything is played.

use crate::sim::model::{Deed, Fake, Lie, Name};
use crate::sim::names::{DOCUMENTS, PHOTOS, SITES};
use crate::sim::script::{Cast, Company, Disk, LineState, Moment, OnDevice, OnMessage, Script, Step};
use crate::sim::server::Crash;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How many things happen in a history before the faults stop.
pub const STEPS: usize = 150;
const HOUR_MS: i64 = 3_600_000;
const YEAR_MS: i64 = 365 * 24 * HOUR_MS;

/// The history of a seed.
pub fn history(seed: u64) -> Script {
    let mut draw = Draw { rng: ChaCha8Rng::seed_from_u64(seed) };
    let cast = Cast { devices: draw.rng.random_range(2..=4), people: draw.rng.random_range(2..=3), tabs: draw.rng.random_range(1..=3) };
    let mut moments = Vec::with_capacity(STEPS + 3 * usize::from(cast.devices));
    for device in 0..cast.devices {
        let first = [OnDevice::SignsIn(draw.rng.random_range(0..cast.people)), OnDevice::App(draw.rng.random_range(1..=3)), draw.clock()];
        moments.extend(first.map(|what| Moment { after_ms: 0, company: Company::Ours, step: Step::Device(device, what) }));
    }
    for (seldom, scene) in SCENES {
        if draw.rng.random_ratio(1, seldom) {
            moments.extend(scene(&mut draw, cast));
        }
    }
    moments.extend((0..STEPS).map(|_| draw.moment(cast)));
    Script { cast, moments }
}

struct Draw {
    rng: ChaCha8Rng,
}

/// Draws moments that belong together.
type Scene = fn(&mut Draw, Cast) -> Vec<Moment>;

/// What opens a history, each in one of so many.
const SCENES: [(u32, Scene); 4] =
    [(4, Draw::released_too_late), (4, Draw::lost_after_a_backup), (4, Draw::sent_in_pieces), (10, Draw::known_by_name)];

impl Draw {
    fn moment(&mut self, cast: Cast) -> Moment {
        let company = if self.rng.random_ratio(1, 6) { Company::Neighbour } else { Company::Ours };
        Moment { after_ms: self.rng.random_range(0..5_000), company, step: self.step(cast) }
    }

    /// What chance alone brings about too seldom: somebody's change is held, what a colleague did after it on the same device is done again without
    /// it, and the office releases it before that has been sent. Any of it may be left out, and anything may happen in between.
    fn released_too_late(&mut self, cast: Cast) -> Vec<Moment> {
        let (device, document) = (self.rng.random_range(0..cast.devices), self.rng.random_range(0..2));
        let colleague = self.rng.random_range(0..cast.people);
        let person = (colleague + 1) % cast.people;
        let on = |what| Step::Device(device, what);
        let acts = |deed| on(OnDevice::Acts { tab: 0, document, deed });
        let mark = |count| acts(Deed::Mark { counts: vec![count], version: 1 });
        let sent = || [on(OnDevice::Signs(8)), on(OnDevice::Pushes(None)), arrives(), arrives()];
        let pulled = || [on(OnDevice::Pulls(7)), arrives(), arrives()];
        let mut steps = vec![on(OnDevice::SignsIn(colleague)), acts(Deed::Open), on(OnDevice::SignsIn(person)), mark(1)];
        steps.extend([Step::Revoked { device, person }, on(OnDevice::SignsIn(colleague)), mark(2)]);
        steps.extend(sent());
        steps.extend([mark(4), Step::Decides { held: 0, released: self.rng.random_bool(0.7) }, mark(8)]);
        steps.extend(sent());
        steps.extend((0..3).flat_map(|_| pulled()));
        self.roughly(cast, steps)
    }

    /// The server is backed up; somebody goes on, a colleague on another device sees it and goes on after that; the server is put back, and perhaps the
    /// first device dies before or after. What both did is where it still is, and comes back from there.
    fn lost_after_a_backup(&mut self, cast: Cast) -> Vec<Moment> {
        let (maker, document) = (self.rng.random_range(0..cast.devices), self.rng.random_range(0..2));
        let witness = (maker + 1) % cast.devices;
        let acts = |device, deed| Step::Device(device, OnDevice::Acts { tab: 0, document, deed });
        let mark = |device, count| acts(device, Deed::Mark { counts: vec![count], version: 1 });
        let sent = |device| [Step::Device(device, OnDevice::Signs(8)), Step::Device(device, OnDevice::Pushes(None)), arrives(), arrives()];
        let pulled = |device| [Step::Device(device, OnDevice::Pulls(7)), arrives(), arrives()];
        let seen = |device| (0..2).flat_map(move |_| pulled(device));
        let mut steps = vec![acts(maker, Deed::Open)];
        steps.extend(sent(maker));
        steps.extend(seen(witness).chain([Step::BackedUp]));
        if self.rng.random_bool(0.5) {
            // Whoever goes on enrolled after the backup.
            steps.extend([Step::Device(maker, OnDevice::Evicted)].into_iter().chain(seen(maker)));
        }
        steps.extend([mark(maker, 1)].into_iter().chain(sent(maker)).chain(seen(witness)));
        steps.extend([mark(witness, 2)]);
        if self.rng.random_bool(0.5) {
            steps.push(acts(witness, Deed::Close));
        }
        steps.extend(sent(witness).into_iter().chain(seen(witness)));
        if self.rng.random_ratio(1, 4) {
            steps.push(Step::Device(witness, OnDevice::Forgets));
        }
        let dies = Step::Device(maker, OnDevice::Evicted);
        match self.rng.random_range(0..3) {
            0 => steps.extend([dies, Step::Restored]),
            1 => steps.extend([Step::Restored, dies]),
            _ => steps.push(Step::Restored),
        }
        steps.extend(seen(witness).chain(sent(witness)).chain(sent(witness)).chain(seen(witness)));
        self.roughly(cast, steps)
    }

    /// A photo is taken and goes up in pieces, perhaps after the server was backed up, which is put back then; another device has the same one, and
    /// somebody looks.
    fn sent_in_pieces(&mut self, cast: Cast) -> Vec<Moment> {
        let (maker, document, photo) = (self.rng.random_range(0..cast.devices), self.rng.random_range(0..2), self.rng.random_range(0..PHOTOS));
        let other = (maker + 1) % cast.devices;
        let acts = |device, deed| Step::Device(device, OnDevice::Acts { tab: 0, document, deed });
        let sent = |device| [Step::Device(device, OnDevice::Signs(8)), Step::Device(device, OnDevice::Pushes(None)), arrives(), arrives()];
        let pulled = |device| [Step::Device(device, OnDevice::Pulls(7)), arrives(), arrives()];
        let restored = self.rng.random_bool(0.3);
        let mut steps = vec![acts(maker, Deed::Open)];
        steps.extend(sent(maker).into_iter().chain(pulled(maker)).chain(pulled(maker)).chain(restored.then_some(Step::BackedUp)));
        for device in [maker, other] {
            steps.extend([acts(device, Deed::Photo { photo, taken: self.rng.random_ratio(4, 5) })]);
            steps.extend(sent(device).into_iter().chain([Step::Device(device, OnDevice::Uploads)]));
            steps.extend((0..self.rng.random_range(4..10)).map(|_| Step::Message(0, self.message())));
            steps.extend([Step::Device(device, OnDevice::Uploads), arrives(), arrives()]);
            steps.extend(pulled(other));
        }
        let looks = [other, (maker + 2) % cast.devices].map(|device| [Step::Device(device, OnDevice::Looks(photo)), arrives(), arrives()]);
        steps.extend(looks.into_iter().flatten().chain(restored.then_some(Step::Restored)).chain(pulled(maker)));
        self.roughly(cast, steps)
    }

    /// Somebody sends a photo from where nobody else is signed in, in a document of one site; a colleague who reads only at the other has learnt its hash,
    /// names it there, and looks.
    fn known_by_name(&mut self, cast: Cast) -> Vec<Moment> {
        let photo = self.rng.random_range(0..PHOTOS);
        let on = |device, what| Step::Device(device, what);
        let acts = |device, document, deed| on(device, OnDevice::Acts { tab: 0, document, deed });
        let sent = |device| [on(device, OnDevice::Signs(8)), on(device, OnDevice::Pushes(None)), arrives(), arrives()];
        let mut steps = vec![on(1, OnDevice::SignsIn(0)), acts(1, 2, Deed::Open), acts(1, 2, Deed::Photo { photo, taken: true })];
        steps.extend(sent(1).into_iter().chain([on(1, OnDevice::Uploads)]).chain((0..8).map(|_| arrives())));
        steps.extend([Step::Reads { person: 1, sites: [0].into() }, on(0, OnDevice::SignsIn(1)), acts(0, 0, Deed::Open)]);
        steps.extend([acts(0, 0, Deed::Photo { photo, taken: false })].into_iter().chain(sent(0)));
        steps.extend([on(0, OnDevice::Looks(photo)), arrives(), arrives()]);
        self.roughly(cast, steps)
    }

    /// The steps of a scene: any of them may be left out, and anything may happen in between.
    fn roughly(&mut self, cast: Cast, steps: Vec<Step>) -> Vec<Moment> {
        let mut moments = Vec::new();
        for step in steps {
            if self.rng.random_ratio(1, 20) {
                moments.push(self.moment(cast));
            }
            if self.rng.random_ratio(19, 20) {
                moments.push(Moment { after_ms: self.rng.random_range(0..5_000), company: Company::Ours, step });
            }
        }
        moments
    }

    fn step(&mut self, cast: Cast) -> Step {
        let device = self.rng.random_range(0..cast.devices);
        let what = match self.rng.random_range(0..1_000) {
            0..260 => self.act(cast),
            260..290 => return Step::Decides { held: self.rng.random_range(0..60), released: self.rng.random_bool(0.5) },
            290..380 => OnDevice::Signs(self.rng.random_range(1..8)),
            380..510 => OnDevice::Pushes(self.rng.random_bool(0.3).then(|| (self.rng.random_range(1..6), self.rng.random()))),
            510..600 => OnDevice::Pulls(self.rng.random_range(1..8)),
            600..870 => return Step::Message(self.rng.random_range(0..60), self.message()),
            870..888 => OnDevice::Uploads,
            888..894 => OnDevice::Looks(self.rng.random_range(0..PHOTOS)),
            894..897 => OnDevice::Fakes(self.rng.random_range(0..PHOTOS), self.pick(Fake::ALL)),
            897..899 => return Step::Room(self.rng.random_range(0..40)),
            899 => return Step::Loses(self.rng.random_range(0..PHOTOS)),
            900..916 => OnDevice::PowerFails(self.rng.random_range(0..8)),
            916..932 => OnDevice::Disk(self.pick([Disk::Sound, Disk::Sound, Disk::Full, Disk::DeadHandle])),
            932..944 => OnDevice::Line(self.pick([LineState::Open, LineState::Open, LineState::HalfOpen, LineState::Stalled])),
            944..952 => OnDevice::SignsIn(self.rng.random_range(0..cast.people)),
            952..955 => OnDevice::App(self.rng.random_range(1..=3)),
            955..960 => self.clock(),
            960..963 => return Step::Revoked { device, person: self.rng.random_range(0..cast.people) },
            963..972 => {
                let sites = (0..SITES).filter(|_| self.rng.random_bool(0.6)).collect();
                return Step::Reads { person: self.rng.random_range(0..cast.people), sites };
            }
            972..975 => OnDevice::Cloned,
            975..977 => OnDevice::Evicted,
            977..983 => return Step::Upgraded,
            983..991 => OnDevice::Lies(self.rng.random_range(0..DOCUMENTS), self.pick(Lie::ALL)),
            991..995 => return Step::Strays(self.rng.random_range(0..60)),
            995 => return Step::Restored,
            996 => return Step::BackedUp,
            _ => return Step::Publishes { dies: self.rng.random_bool(0.3) },
        };
        Step::Device(device, what)
    }

    fn act(&mut self, cast: Cast) -> OnDevice {
        let few = self.rng.random_range(1..4);
        let deed = match self.rng.random_range(0..12) {
            0..3 => Deed::Open,
            3..6 => Deed::Mark { counts: vec![self.rng.random_range(1..100)], version: 1 },
            6..8 => Deed::Mark { counts: (0..few).map(|n| 10 * n + 1).collect(), version: 2 },
            8 => Deed::Mark { counts: (1..=few).collect(), version: 3 },
            9 => Deed::Photo { photo: self.rng.random_range(0..PHOTOS), taken: self.rng.random_ratio(4, 5) },
            10 => Deed::Hand { to: self.rng.random_bool(0.6).then(|| self.rng.random_range(0..cast.people)) },
            _ => Deed::Close,
        };
        OnDevice::Acts { tab: self.rng.random_range(0..cast.tabs), document: self.rng.random_range(0..DOCUMENTS), deed }
    }

    fn message(&mut self) -> OnMessage {
        match self.rng.random_range(0..20) {
            0..2 => OnMessage::Lost,
            2..4 => OnMessage::Doubled(self.crash()),
            4 => OnMessage::Truncated(self.rng.random_range(0..100)),
            _ => OnMessage::Arrives(self.crash()),
        }
    }

    fn crash(&mut self) -> Crash {
        match self.rng.random_range(0..20) {
            0 => Crash::Before(self.rng.random_range(0..3)),
            1 => Crash::After(self.rng.random_range(0..3)),
            _ => Crash::Never,
        }
    }

    /// Mostly within the hour, sometimes off by a year.
    fn clock(&mut self) -> OnDevice {
        let most = if self.rng.random_bool(0.2) { YEAR_MS } else { HOUR_MS };
        OnDevice::Clock(self.rng.random_range(-most..most))
    }

    fn pick<T: Copy, const N: usize>(&mut self, from: [T; N]) -> T {
        from[self.rng.random_range(0..N)]
    }
}

/// The first message on its way arrives.
fn arrives() -> Step {
    Step::Message(0, OnMessage::Arrives(Crash::Never))
}

/// The name of a device, person or site, whatever number a script says.
pub fn wrapped(name: Name, count: usize) -> usize {
    usize::from(name) % count
}
