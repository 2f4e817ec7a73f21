//! What becomes of messages, and what the server and the devices make of them.

use crate::ids::{AccountId, IntentId};
use crate::sim::fault::Fault;
use crate::sim::invariant::{Broken, Invariant};
use crate::sim::model::{Change, Name};
use crate::sim::names;
use crate::sim::network::{Line, Message};
use crate::sim::people::changes;
use crate::sim::script::{LineState, OnMessage};
use crate::sim::server::{Crash, Server};
use crate::sim::tally::KINDS;
use crate::sim::world::World;
use crate::time::Timestamp;
use crate::wire::{Entry, PullRequest, PullResponse, PushRequest, PushResponse};
use std::collections::{BTreeMap, BTreeSet};

impl<S: Server> World<S> {
    /// Some message, whichever, arrives, or is lost, or ends early, or arrives and stays on its way all the same.
    pub(super) fn on_message(&mut self, message: u16, what: OnMessage) -> Result<(), Broken> {
        if self.network.is_empty() {
            return Ok(());
        }
        let at = usize::from(message) % self.network.len();
        if self.devices[self.network[at].line().device].line == LineState::Stalled {
            self.count("messages stalled");
            return Ok(());
        }
        match what {
            OnMessage::Arrives(crash) => {
                let message = self.network.swap_remove(at);
                self.arrives(message, crash)
            }
            OnMessage::Doubled(crash) => {
                self.count("messages doubled");
                let message = self.network[at].clone();
                self.arrives(message, crash)
            }
            OnMessage::Lost => {
                self.count("messages lost");
                self.network.swap_remove(at);
                Ok(())
            }
            OnMessage::Truncated(percent) => {
                self.count("messages truncated");
                let message = self.network.swap_remove(at);
                self.ends_early(message, percent)
            }
        }
    }

    /// A body that ends early is read as nothing, so it is as good as lost.
    fn ends_early(&mut self, message: Message, percent: u8) -> Result<(), Broken> {
        let read = message.is_read_cut(percent);
        Invariant::FeedIsWhole.ensure(!read, || format!("{percent} % of {message:?} were read as a whole"))?;
        if let (Fault::TruncatedPageTaken, Message::Page { to, mut page, learned }) = (self.fault, message) {
            page.entries.truncate(page.entries.len() * usize::from(percent) / 100);
            return self.arrives(Message::Page { to, page, learned }, Crash::Never);
        }
        Ok(())
    }

    pub(super) fn arrives(&mut self, message: Message, crash: Crash) -> Result<(), Broken> {
        let hears = |line: Line| self.line(line.device) == line && self.devices[line.device].line != LineState::HalfOpen;
        match message {
            Message::Push { from, request } => self.server_takes(from, request, crash),
            Message::Pull { from, account, request } => self.server_serves(from, account, &request),
            Message::Answers { to, mut intents, response } if hears(to) => {
                if let Crash::Before(answers) = crash {
                    intents.truncate(answers);
                }
                self.device_is_answered(to.device, &intents, &response);
                self.power_fails_as(to.device, crash);
                Ok(())
            }
            Message::Page { to, page, learned } if hears(to) => {
                self.device_receives(to.device, &page, learned)?;
                self.power_fails_as(to.device, crash);
                Ok(())
            }
            Message::Answers { .. } | Message::Page { .. } => Ok(()),
        }
    }

    fn power_fails_as(&mut self, index: usize, crash: Crash) {
        if let Crash::Before(left) | Crash::After(left) = crash {
            self.power_fails(index, u8::try_from(left).unwrap_or(u8::MAX));
        }
    }

    pub(super) fn server_takes(&mut self, from: Line, request: PushRequest, crash: Crash) -> Result<(), Broken> {
        let intents: Vec<_> = request.envelopes.iter().filter_map(|envelope| Some(envelope.read_header().ok()?.intent_id)).collect();
        self.remark(&format!("the server takes {:?}", changes(&request)));
        let before = self.model.fates.clone();
        let response = self.server.push(request, crash);
        self.check_server()?;
        let Some(response) = response else {
            self.count("server crashes");
            return Ok(());
        };
        self.check_answers(&before, &intents, &response)?;
        self.network.push(Message::Answers { to: from, intents, response });
        Ok(())
    }

    pub(super) fn server_serves(&mut self, from: Line, account: AccountId, request: &PullRequest) -> Result<(), Broken> {
        let name = self.devices[from.device].name;
        // A device that was evicted meanwhile does not hear the answer; whoever took its place did not ask.
        let asker = request.device.filter(|device| *device == names::device(name));
        let page = self.server.pull(account, request);
        if asker.is_none() {
            return Ok(());
        }
        let learned = self.check_page((name, names::person(account)), request, &page)?;
        self.network.push(Message::Page { to: from, page, learned });
        Ok(())
    }

    /// Each answer is a transaction of its own.
    fn device_is_answered(&mut self, index: usize, intents: &[IntentId], response: &PushResponse) {
        let sim = &mut self.devices[index];
        let now = Timestamp(self.now + sim.skew);
        let mut aborted = 0;
        for (intent, answer) in intents.iter().zip(&response.answers) {
            if !sim.writes() {
                aborted += 1;
                continue;
            }
            sim.device.store.chain.clock_offset_ms = response.server_time_ms.0 - now.0;
            sim.knowledge.clock_offset = response.server_time_ms.0 - now.0;
            sim.device.answered(*intent, answer, now);
            sim.stored(false);
        }
        *self.tally.entry("writes aborted").or_default() += aborted;
        self.remark(&format!("device at {index} is answered {:?}", response.answers));
    }

    /// One transaction: the page's entries and its cursors.
    fn device_receives(&mut self, index: usize, page: &PullResponse, learned: BTreeMap<Name, BTreeSet<Change>>) -> Result<(), Broken> {
        let sim = &mut self.devices[index];
        if self.fault == Fault::SnapshotReplaces {
            let snapshots = page.entries.iter().filter_map(|entry| if let Entry::Enter { documents, .. } = entry { Some(documents) } else { None });
            snapshots.flatten().for_each(|snapshot| drop(sim.device.store.documents.remove(&snapshot.document)));
        }
        if self.fault == Fault::CursorBeforePage {
            sim.device.store.chain.feed.cursors.clone_from(&page.cursors);
            sim.device.store.chain.feed.epoch = Some(page.epoch);
            sim.stored(false);
        }
        if !sim.writes() {
            self.count("writes aborted");
            return Ok(());
        }
        sim.device.receive(&KINDS, page, Timestamp(self.now + sim.skew));
        for (document, changes) in &learned {
            sim.knowledge.documents.entry(*document).or_default().extend(changes);
        }
        sim.knowledge.position = page.cursors.values().copied().max().unwrap_or(0);
        sim.stored(false);
        self.remark(&format!("device at {index} receives {learned:?}"));
        learned.into_keys().try_for_each(|document| self.check_document(index, document).map(drop))
    }
}
