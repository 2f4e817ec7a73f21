//! What becomes of messages, and what the server makes of them; what the devices do, in [`super::recovery`].

use crate::ids::AccountId;
use crate::sim::fault::Fault;
use crate::sim::invariant::{Broken, Invariant};
use crate::sim::names;
use crate::sim::network::{Line, Message};
use crate::sim::script::{LineState, OnMessage};
use crate::sim::server::{Crash, Server};
use crate::sim::world::World;
use crate::wire::{PullRequest, PushRequest};

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
            Message::Answers { to, mut asked, response } if hears(to) => {
                if let Crash::Before(answers) = crash {
                    asked.truncate(answers);
                }
                self.device_is_answered(to.device, &asked, &response)?;
                self.power_fails_as(to.device, crash);
                Ok(())
            }
            Message::Page { to, page, learned } if hears(to) => {
                self.device_receives(to.device, &page, learned)?;
                self.power_fails_as(to.device, crash);
                Ok(())
            }
            Message::Asks { from, asker, number, ask } => self.server_is_asked((from, asker, number), ask, crash),
            Message::Told { to, number, sha256, answer } if hears(to) => {
                self.photo_answered(to, (number, sha256), &answer)?;
                self.power_fails_as(to.device, crash);
                Ok(())
            }
            Message::Answers { .. } | Message::Page { .. } | Message::Told { .. } => Ok(()),
        }
    }

    fn power_fails_as(&mut self, index: usize, crash: Crash) {
        if let Crash::Before(left) | Crash::After(left) = crash {
            self.power_fails(index, u8::try_from(left).unwrap_or(u8::MAX));
        }
    }

    pub(super) fn server_takes(&mut self, from: Line, request: PushRequest, crash: Crash) -> Result<(), Broken> {
        let asked: Vec<_> = request.envelopes.iter().filter_map(|envelope| Some(envelope.read_header().ok()?.change_hash)).collect();
        let sent = self.changes_in(&request);
        self.remark(&format!("the server takes {sent:?}"));
        let before = self.model.clone();
        let response = self.server.push(request.clone(), crash);
        self.check_taken_up(&request, response.as_ref())?;
        self.check_server()?;
        let Some(response) = response else {
            self.count("server crashes");
            return Ok(());
        };
        self.check_answers(&before, &sent, &response)?;
        self.network.push(Message::Answers { to: from, asked, response });
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
}
