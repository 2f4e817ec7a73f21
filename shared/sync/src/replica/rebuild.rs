//! The way back of a refusal: the document as the server has it, and this device's own intents that still stand, replayed.
//!
//! **The canonical document** is not kept beside the device's own, and not fetched: the stored document holds every change by itself, those of the feed
//! and of snapshots, this device's accepted ones, and those of its outbox. What the server took never rests on what it did not. So the canonical
//! document is the stored one without this device's undecided changes, and it can be had at any time, long after accepted envelopes are forgotten. A
//! document of which nothing is refused pays nothing for it.
//!
//! **What falls.** A change that was refused. One that is held as well: it is merged nowhere until somebody in the office releases it, and all that
//! rested on it would be held with it, so that one question became a hundred. Should it be released, it arrives by the feed like any other. And a
//! change whose intent is in the books in another one ([`super::Received::doubled`]), as when a device's disk was copied and both copies went on.
//!
//! **What stands.** All that does not rest on what fell keeps its envelope, for it may be on its way. What rests on it can never be taken as it is; it
//! is replayed, in the order of the chain: the same intent, id, author, grant, time and basis, in a new change under a fresh actor and a new envelope
//! with the chain's next number, unsigned. To the server the old envelope never counts again (`hub`). Where the server may not have it, it is still sent,
//! before the new one: something that cannot be replayed may rest on it.
//!
//! **What cannot be replayed**, because its rule refuses it on the document that is left, falls too. Its old envelope is still sent where it has no
//! answer: the server keeps it, with what it rests on as the reason.
//!
//! What fell is marked so, and kept with its header for its author to read, until someone dismisses it.
//!
//! **What rests on something** refused or held is explained by what fell here, or by what the feed brings: where the office released a change, what
//! had rested on it may be in the books in its first envelope, and what was recorded on the replay rests on one that never counts. So an answer that
//! speaks of what an envelope rests on fells nothing by itself. Only after a page of the feed that was made later and reached its head, and that
//! doubled nothing here, does the first such envelope fall, as in a copied profile; the next page looks again at those behind it. All is one strictly durable transaction together with the answer that caused it,
//! so that there is no state in between, whichever tab hears of it and wherever the power fails.

use super::{ChainHead, DocumentWrite, OutboxRow, OutboxState, Resting, StoredDocument, append, write};
use crate::bytes::{Bytes, Digest32};
use crate::cbor;
use crate::document::{BadDocument, LoadedDocument, recordable};
use crate::envelope::Header;
use crate::ids::DocumentId;
use crate::kind::{Act, IntentError, Kind};
use crate::outbox::is_before;
use crate::time::Timestamp;
use crate::wire::Answer;
use std::collections::BTreeSet;

/// A document of which something may have fallen.
pub struct Rebuild<'r> {
    /// Which.
    pub document: DocumentId,
    /// Its kind.
    pub kind: &'static dyn Kind,
    /// As it is stored.
    pub stored: &'r StoredDocument,
    /// The outbox rows of the document, in the order of the chain, after their answers.
    pub rows: &'r [OutboxRow],
    /// Changes whose intents are in the books in others, and others' that are not in the books (any more).
    pub doubled: &'r BTreeSet<Digest32>,
    /// [`super::Received::reached`]; none where this follows an answer.
    pub reached: Option<Timestamp>,
    /// Random: what is replayed is written under it.
    pub actor: Vec<u8>,
}

/// What a rebuild writes, in the transaction that read all it was made of.
#[derive(Debug, Clone)]
pub struct Rebuilt {
    /// The new head of the chain.
    pub chain: ChainHead,
    /// Numbers of rows that were replayed under new ones, and that the server has: to be deleted.
    pub replaced: Vec<u64>,
    /// Rows to put: what fell, what was replayed, and what it replaced where the server may not have that.
    pub rows: Vec<OutboxRow>,
    /// The document and its view rows.
    pub document: DocumentWrite,
}

/// Rebuilds the document; none where nothing fell.
pub fn rebuild(chain: &ChainHead, of: Rebuild<'_>) -> Result<Option<Rebuilt>, BadDocument> {
    let rows = fall(&of);
    let fell: Vec<_> = rows.iter().zip(of.rows).filter(|(now, was)| now.fallen != was.fallen).map(|(now, _)| now.clone()).collect();
    if fell.is_empty() && of.doubled.is_empty() {
        return Ok(None);
    }
    let before = LoadedDocument::load(of.document, of.kind, &of.stored.saved.0)?;
    let mut seeds: BTreeSet<_> = of.doubled.iter().copied().filter(|change| before.holds(*change)).collect();
    if fell.is_empty() && seeds.is_empty() {
        return Ok(None);
    }
    for row in &fell {
        seeds.insert(header(row)?.change_hash);
    }
    let dropped = before.resting_on(&seeds);
    let mut document = before.without(&dropped)?;
    let mut rebuilt = Replay { chain: chain.clone(), replaced: Vec::new(), rows: fell, actor: of.actor };
    for row in rows.iter().filter(|row| row.fallen.is_none() && !row.replaced) {
        let stated = header(row)?;
        if dropped.contains(&stated.change_hash) {
            rebuilt.replay(of.kind, &mut document, (row, stated))?;
        }
    }
    let mut document = write(of.kind, &document, Some(of.stored));
    document.stored.rebuilt += 1;
    let Replay { mut chain, replaced, rows, .. } = rebuilt;
    // What brought it to whoever is followed here may have fallen.
    chain.feed.looks_after(of.kind, &document);
    Ok(Some(Rebuilt { chain, replaced, rows, document }))
}

/// The rows, with those that fall now marked so.
fn fall(of: &Rebuild<'_>) -> Vec<OutboxRow> {
    let mut fallen = Vec::with_capacity(of.rows.len());
    // Whether something before it explains, or may yet, why a row cannot be taken as it is.
    let mut undecided = !of.doubled.is_empty();
    let all_is_told = |resting: &Resting| of.reached.is_some_and(|reached| !is_before(reached, resting.told_at));
    for row in of.rows {
        let mut row = row.clone();
        if row.fallen.is_none() && !row.replaced {
            match (&row.state, &row.resting) {
                (OutboxState::Attention(answer), _) => row.fallen = Some(code(answer)),
                (_, Some(resting)) if !undecided && all_is_told(resting) => {
                    (row.fallen, row.state) = (Some(code(&resting.answer)), OutboxState::Attention(resting.answer.clone()));
                }
                _ => undecided = true,
            }
            // What rests on this one is replayed without it.
            undecided |= row.fallen.is_some();
        }
        fallen.push(row);
    }
    fallen
}

fn code(answer: &Answer) -> String {
    match answer {
        Answer::Held { code } | Answer::Refused { code } => code.clone(),
        Answer::Duplicate { first } => code(first),
        Answer::Accepted { .. } | Answer::Waiting { .. } | Answer::Retry => String::new(),
    }
}

/// The header of a row of ours.
fn header(row: &OutboxRow) -> Result<Header, BadDocument> {
    cbor::decode(&row.header.0).map_err(|bad| BadDocument { document: row.document, cause: bad.to_string() })
}

struct Replay {
    chain: ChainHead,
    replaced: Vec<u64>,
    rows: Vec<OutboxRow>,
    actor: Vec<u8>,
}

impl Replay {
    fn replay(&mut self, kind: &dyn Kind, document: &mut LoadedDocument, (row, stated): (&OutboxRow, Header)) -> Result<(), BadDocument> {
        let act = Act { by: stated.author.account.clone(), at: stated.wall_time_ms, document: stated.document, intent_id: stated.intent_id };
        let facts = kind.run(document.facts(), &stated.intent, &act).and_then(|yielded| recordable(document, stated.intent_id, yielded.facts));
        // What is too large leaves no trace.
        let mut trial = document.clone();
        let stated = Header { actor: Bytes(self.actor.clone()), ..stated };
        let replayed = facts.and_then(|facts| append(&self.chain, &mut trial, (stated, row.grant.clone()), &facts));
        let fallen = match replayed {
            Ok((chain, replayed)) => {
                *document = trial;
                self.chain = chain;
                let known_there = row.resting.is_some() || !matches!(row.state, OutboxState::Saved | OutboxState::Sent);
                if known_there {
                    self.replaced.push(row.seq);
                } else {
                    self.rows.push(OutboxRow { replaced: true, ..row.clone() });
                }
                self.rows.push(replayed);
                return Ok(());
            }
            // It is in the books in another change: sent once more, it hears so. What was said of what it rested on counts no more.
            Err(IntentError::Refused { code: "intent_recorded_already" }) => {
                self.rows.push(OutboxRow { state: OutboxState::Sent, resting: None, ..row.clone() });
                return Ok(());
            }
            Err(IntentError::Refused { code }) => code,
            Err(IntentError::Unknown { .. }) => "intent_unknown",
            Err(IntentError::Payload(_)) => "payload_malformed",
            Err(IntentError::Document(cause)) => return Err(BadDocument { document: row.document, cause }),
        };
        // What waited at the server asks again: it may have been answered while it still stood here.
        let state = if row.state == OutboxState::Waiting { OutboxState::Sent } else { row.state.clone() };
        self.rows.push(OutboxRow { state, fallen: Some(fallen.to_owned()), ..row.clone() });
        Ok(())
    }
}
