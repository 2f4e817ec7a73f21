//! The office decides about what is held.

use crate::sim::invariant::{Broken, Invariant};
use crate::sim::names;
use crate::sim::server::{Happening, Server};
use crate::sim::world::World;

impl<S: Server> World<S> {
    /// Somebody releases or rejects one of the held changes; what rested on it is judged again.
    pub(super) fn decides(&mut self, held: u16, released: bool) -> Result<(), Broken> {
        // The server's own word follows what it rests on.
        let on_desk: Vec<_> = self.model.held().into_iter().filter(|change| self.model.made[change].device.is_some()).collect();
        let Some(change) = on_desk.get(usize::from(held) % on_desk.len().max(1)).copied() else { return Ok(()) };
        let (act, document) = (self.model.made[&change].act, self.model.made[&change].document);
        let decided = self.model.decide(change, released);
        self.remark(&format!("change {change}: released {released}, which can be {decided}"));
        if decided {
            self.count(if released { "released" } else { "rejected" });
        }
        self.server.happens(Happening::Decided(names::intent(act), released));
        self.check_server()?;
        // What cannot be decided changes nothing: what a replay took the ground from meanwhile is judged in its own.
        let open = if decided { self.model.left_on_desk(document) } else { Vec::new() };
        Invariant::NothingDelays.ensure(open.is_empty(), || format!("{open:?} of document {document} are not judged again"))
    }
}
