//! The end of a history: the faults stop, everything is sent and told, and then all must agree.

use crate::cbor;
use crate::kind::Facts;
use crate::replica::{OutboxRow, OutboxState};
use crate::sim::checks::{fate, load};
use crate::sim::invariant::{Broken, Invariant};
use crate::sim::model::{Change, Did, Fate, Name};
use crate::sim::names;
use crate::sim::party::SimDevice;
use crate::sim::script::{Disk, LineState};
use crate::sim::server::{Crash, FeedItem, Happening, Server};
use crate::sim::tally::Marked;
use crate::sim::world::{NEWEST, World};
use std::collections::BTreeSet;

/// After so many rounds in which something still moves, it never ends.
const ROUNDS: usize = 100;

impl<S: Server> World<S> {
    /// The faults stop, each device is started anew: everything is sent, answered and pulled until nothing moves any more.
    pub fn come_to_rest(&mut self) -> Result<(), Broken> {
        self.remark("the faults stop");
        self.network.clear();
        for device in &mut self.devices {
            (device.disk, device.line) = (Disk::Sound, LineState::Open);
            device.device.starts();
        }
        while self.model.rights.version < NEWEST {
            self.upgrade()?;
        }
        for _ in 0..ROUNDS {
            let mut moved = false;
            for index in 0..self.devices.len() {
                let rows: Vec<_> = self.devices[index].device.store.outbox.keys().copied().collect();
                self.sign_rows(index, &rows);
                if let Some(request) = self.devices[index].device.next_push() {
                    moved = true;
                    self.server_takes(self.line(index), request, Crash::Never)?;
                }
                let before = self.devices[index].device.store.chain.feed.clone();
                let (account, request) = self.pull_request(index, 3);
                self.server_serves(self.line(index), account, &request)?;
                while let Some(message) = self.network.pop() {
                    self.arrives(message, Crash::Never)?;
                }
                moved |= self.devices[index].device.store.chain.feed != before;
            }
            if !moved {
                self.server.happens(Happening::Publishes { dies: false });
                self.photos_come_to_rest()?;
                return self.check_server();
            }
        }
        Err(Invariant::Converges.broke("it does not come to rest"))
    }

    /// Everything done has been decided once, everybody knows, all hold the same, and every event was told.
    pub fn check_at_rest(&self) -> Result<(), Broken> {
        for (change, made) in &self.model.made {
            let on_file = self.model.on_file.get(&made.act);
            let fate = on_file.and_then(|change| self.model.fates.get(change));
            let decided = fate.is_some_and(|fate| *fate != Fate::Waiting) || self.model.may_stay_open(*on_file.unwrap_or(change));
            Invariant::DecidedOnce.ensure(decided, || format!("change {change} was shown as saved and is {fate:?} at rest"))?;
            let needlessly = on_file == Some(change) && self.fell_needlessly(*change);
            Invariant::DecidedOnce.ensure(!needlessly, || format!("change {change} is {fate:?}, and might have been done again"))?;
        }
        self.check_server_at_rest()?;
        self.check_photos_at_rest()?;
        (0..self.devices.len()).try_for_each(|index| self.check_device_at_rest(index))
    }

    /// Whether what a change rested on is in the books after all, and its rule would let it happen: then it should have been done again. Of a copied
    /// or evicted disk, or of a document that nobody on the device may read, nobody can say so.
    fn fell_needlessly(&self, change: Change) -> bool {
        let made = &self.model.made[&change];
        let (Some(Fate::Held(code) | Fate::Refused(code)), Did::Deed(deed)) = (self.model.fates.get(&change), &made.did) else { return false };
        let stands =
            |before: &Change| self.model.on_file.get(&self.model.made[before].act).is_some_and(|filed| self.model.fates[filed] == Fate::Accepted);
        let asks = self.devices.iter().any(|sim| Some(sim.name) == made.device && self.model.reads(sim.person, made.document));
        let known = asks && !["clones", "rights changed", "restores"].into_iter().any(|what| self.tally.contains_key(what));
        let allowed = self.model.allowed(deed, &self.model.merged(made.document));
        known && code.starts_with("depends_on_") && made.saw.iter().all(stands) && allowed
    }

    /// The feed still says what it said; the tables, built anew from the documents, are the same; each event was told.
    fn check_server_at_rest(&self) -> Result<(), Broken> {
        let again: Vec<_> = self.server.feed(0).into_iter().map(|(_, item)| item).collect();
        Invariant::FeedIsWhole.ensure(again == self.feed, || "the feed does not say what it said before".to_owned())?;
        let published = self.server.published();
        for item in &self.feed {
            let told = !matches!(item, FeedItem::Change(_, intent, _) if !published.contains(intent));
            Invariant::PublishedAfterCommit.ensure(told, || format!("the event of {item:?} was never told"))?;
        }
        let totals = self.server.totals();
        for name in 0..names::DOCUMENTS {
            let id = names::document(name);
            let Some(saved) = self.server.document(id) else { continue };
            let (anew, told) = (sum(load(id, &saved)?.facts()), totals.get(&id).copied());
            Invariant::SameState.ensure(told == Some(anew), || format!("the tables count {told:?} in document {name}, and {anew} built anew"))?;
        }
        Ok(())
    }

    fn check_device_at_rest(&self, index: usize) -> Result<(), Broken> {
        let SimDevice { name, person, device, knowledge, .. } = &self.devices[index];
        let (same, converges) = (Invariant::SameState, Invariant::Converges);
        same.ensure(device.store.unreadable.is_empty(), || format!("device {name} cannot read {:?}", device.store.unreadable))?;
        device.store.outbox.values().try_for_each(|row| self.check_row(*name, row))?;
        let kept_back = self.model.kept_back(knowledge);
        Invariant::DecidedOnce.ensure(kept_back.is_empty(), || format!("device {name} keeps {kept_back:?}, and the server has lost it"))?;
        self.check_left(index)?;
        for document in (0..names::DOCUMENTS).filter(|document| self.model.reads(*person, *document)) {
            let merged = self.model.merged(document);
            if merged.is_empty() {
                continue;
            }
            let has = knowledge.documents.get(&document).cloned().unwrap_or_default();
            converges.ensure(merged.is_subset(&has), || format!("device {name} lacks {:?}", merged.difference(&has)))?;
            // What the server lost with the whole document, and was never proven here, is here still, and what rests on it.
            let excused = |change: &Change| self.model.may_stay_open(*change) || self.model.evicted.contains(change);
            let strange: BTreeSet<_> =
                has.difference(&merged).filter(|change| !self.model.lost_whole.contains(&document) || !excused(change)).collect();
            Invariant::OnlyAccepted.ensure(strange.is_empty(), || format!("device {name} holds {strange:?}"))?;
            let here = self.check_document(index, document)?;
            if has != merged {
                continue;
            }
            let id = names::document(document);
            let there = load(id, &self.server.document(id).unwrap_or_default())?;
            same.ensure(here.heads() == there.heads(), || format!("the heads of document {document} on device {name} differ"))?;
        }
        Ok(())
    }

    fn check_row(&self, name: Name, row: &OutboxRow) -> Result<(), Broken> {
        let act = names::change(row.intent_id).expect("a device's intents are numbered by the history");
        let state = match &row.state {
            OutboxState::Accepted { .. } => Some(Fate::Accepted),
            OutboxState::Attention(answer) => Some(fate(answer)),
            OutboxState::Waiting => Some(Fate::Waiting),
            OutboxState::Saved | OutboxState::Sent => None,
        };
        let fate = self.model.on_file.get(&act).and_then(|change| self.model.fates.get(change));
        // Of two copies of one disk the other may have done again what fell here.
        let copied = self.tally.contains_key("clones");
        let elsewhere = copied && matches!(&row.state, OutboxState::Attention(answer) if answer.rests_on_another());
        Invariant::DecidedOnce
            .ensure(state.as_ref() == fate || elsewhere, || format!("device {name} shows act {act} as {:?}, and it is {fate:?}", row.state))
    }
}

fn sum(facts: &Facts) -> i64 {
    facts.of("marks").filter_map(|(_, bytes)| cbor::decode::<Marked>(bytes).ok()).map(|mark| mark.count).sum()
}
