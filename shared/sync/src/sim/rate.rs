//! How many changes a core takes through verify and merge: the figure behind `sync.push_changes_per_s`, without Postgres, HTTP or signatures.

use crate::hub::{Lane, OutcomeResult};
use crate::ids::{ChainId, DocumentId, IntentId};
use crate::replica::RecordError;
use crate::sim::device::{Act, Device};
use crate::sim::names;
use crate::sim::script::Cast;
use crate::sim::tally::{Mark, Open, TALLY, TallyIntent};
use crate::time::Timestamp;
use crate::verify::{GrantState, Known, Offer};
use std::time::Duration;

const CAST: Cast = Cast { devices: 1, people: 2, tabs: 1 };

/// What it cost to take in a number of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Changes in all.
    pub changes: u32,
    /// Opening the lanes, verifying and merging.
    pub judging: Duration,
    /// Saving the documents and reading what they say.
    pub closing: Duration,
    /// Recording them on the device before.
    pub recording: Duration,
}

/// Records `documents` documents of `changes` changes each, as a till does, then judges each in a lane of its own. `clock` tells the time passed.
pub fn measure(documents: u8, changes: u16, clock: &dyn Fn() -> Duration) -> Result<Cost, RecordError> {
    let began = clock();
    let offers = (0..documents).map(|document| record(document, changes)).collect::<Result<Vec<_>, _>>()?;
    let recording = clock() - began;
    let mut cost = Cost { changes: 0, judging: Duration::ZERO, closing: Duration::ZERO, recording };
    for offers in offers {
        let id = offers[0].header.document;
        let began = clock();
        let mut lane = Lane::open(id, &TALLY, None, Known::default())?;
        lane.offer(offers, Vec::new())?;
        let judged = clock();
        let closed = lane.close();
        cost.closing += clock() - judged;
        cost.judging += judged - began;
        let accepted = closed.outcomes.iter().filter(|outcome| matches!(outcome.result, OutcomeResult::Accepted { .. }));
        cost.changes += u32::try_from(accepted.count()).unwrap_or(u32::MAX);
    }
    Ok(cost)
}

fn record(document: u8, changes: u16) -> Result<Vec<Offer>, RecordError> {
    let mut device = Device::new(names::identity(names::TENANT, 0, 0), ChainId::from_bytes([document; 16]));
    let grant = names::registry(CAST).grants[&names::grant(0, 0)].clone();
    let now = Timestamp(1_790_000_000_000);
    (0..changes)
        .map(|n| {
            let call = if n == 0 { TallyIntent::Open(Open { site: names::site(0) }) } else { TallyIntent::Mark(Mark { count: i64::from(n) }) }.call();
            let intent_id = IntentId(uuid::Uuid::from_u128(u128::from(document) << 64 | u128::from(n)));
            let act = Act { document: DocumentId::from_bytes([document; 16]), intent_id, call, actor: vec![7; 16], now };
            let seq = device.record(&TALLY, act)?;
            device.sign(seq);
            let envelope = device.envelope(seq).expect("it was signed just now");
            let header = envelope.read_header().expect("it was written just now");
            Ok(Offer { envelope, header, grant: GrantState::Known(grant.clone()), basis_time: None, chain_enrolled: true, arrival: now })
        })
        .collect()
}
