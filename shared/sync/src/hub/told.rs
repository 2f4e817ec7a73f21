//! Who is told of a change as it is merged, and whom its document leaves by it.

use super::Lane;
use crate::document::{BadDocument, NewChange};
use crate::ids::IntentId;
use crate::kind::Audience;

/// Who is told of a merged change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Whoever had the document before it, or has it after it. Of a kind that moves, who has it no longer learns that, and not the change.
    pub to: Vec<Audience>,
    /// Those of them who get the document by it: what was merged before is told to them first.
    pub newcomers: Vec<Audience>,
    /// Who has the document from then on, where its kind moves and this is the change that says so.
    pub now: Option<Vec<Audience>>,
}

/// A document of a kind that moves left audiences: they are told that it did, and no more of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// The intent by which it left.
    pub intent_id: IntentId,
    /// Who had it before.
    pub from: Vec<Audience>,
}

impl Lane {
    /// Who was told of what was merged before, as stored. By a later rule of the kind's it may be others who have the document: they are told it all with the
    /// next change.
    #[must_use]
    pub fn told_so_far(self, audiences: Vec<Audience>) -> Self {
        Self { told_so_far: Some(audiences), ..self }
    }

    /// Whoever is done with merging has the document catch up.
    pub(super) fn merge(&mut self, intent_id: IntentId, change: &NewChange) -> Result<Told, BadDocument> {
        let before = self.had();
        self.document.merge_ahead(change)?;
        Ok(self.told(intent_id, before))
    }

    /// Who has the document; none where nothing was said in it.
    pub(super) fn had(&mut self) -> Option<Vec<Audience>> {
        let so_far = self.told_so_far.take();
        let facts = self.document.facts();
        (!facts.is_empty()).then(|| so_far.unwrap_or_else(|| self.kind.audiences(self.id, facts)))
    }

    /// Who is told of the change that was just merged.
    pub(super) fn told(&mut self, intent_id: IntentId, before: Option<Vec<Audience>>) -> Told {
        let is = self.kind.audiences(self.id, self.document.facts());
        let said = before.as_ref() != Some(&is);
        let now = Some(is.clone()).filter(|_| said && self.kind.moves());
        let Some(was) = before.filter(|_| said) else { return Told { to: is, newcomers: Vec::new(), now } };
        let newcomers: Vec<_> = is.iter().filter(|audience| !was.contains(audience)).cloned().collect();
        let from: Vec<_> = was.iter().filter(|audience| !is.contains(audience)).cloned().collect();
        let to = is.into_iter().chain(from.iter().cloned()).collect();
        if !from.is_empty() && self.kind.moves() {
            self.departures.push(Departure { intent_id, from });
        }
        Told { to, newcomers, now }
    }
}
