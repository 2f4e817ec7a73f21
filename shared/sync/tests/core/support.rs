//! A small shop for the tests: a tenant, a site, devices with their grants, and the server's lane over one document.

use holdfast_sync::envelope::{Envelope, Header, IntentCall};
use holdfast_sync::hub::{Closed, Lane, Outcome, OutcomeResult};
use holdfast_sync::ids::{AccountId, ChainId, DeviceId, DocumentId, GrantId, IntentId, TenantId};
use holdfast_sync::kind::Kind;
use holdfast_sync::sim::device::{Act, Device, Identity};
use holdfast_sync::sim::tally::{MAY_MARK, Mark, Open, TALLY, TallyIntent};
use holdfast_sync::time::Timestamp;
use holdfast_sync::verify::{Grant, GrantState, Known, Offer};
use std::collections::BTreeMap;

/// Any instant will do; it is the same everywhere so that failures repeat.
pub const NOON: Timestamp = Timestamp(1_790_000_000_000);
pub const TENANT: TenantId = TenantId::from_bytes([1; 16]);
pub const SITE: uuid::Uuid = uuid::Uuid::from_bytes([2; 16]);
pub const TALLY_ID: DocumentId = DocumentId::from_bytes([0xd0; 16]);

/// The intent id that the tests call `n`.
pub fn intent(n: u8) -> IntentId {
    IntentId::from_bytes([n; 16])
}

pub fn open() -> IntentCall {
    TallyIntent::Open(Open { site: SITE }).call()
}

pub fn mark(count: i64) -> IntentCall {
    TallyIntent::Mark(Mark { count }).call()
}

pub fn close() -> IntentCall {
    TallyIntent::Close.call()
}

/// The device that the tests call `n`.
pub fn device(n: u8) -> Device {
    let identity = Identity {
        tenant: TENANT,
        device: DeviceId::from_bytes([n; 16]),
        key: [n; 32],
        account: AccountId::from_bytes([0xa0 + n; 16]),
        grant: GrantId::from_bytes([0xb0 + n; 16]),
    };
    Device::new(identity, ChainId::from_bytes([0xc0 + n; 16]))
}

/// What a device does on the tests' tally, as a signed envelope.
pub fn act(device: &mut Device, intent_id: IntentId, call: IntentCall) -> Envelope {
    let actor = [device.identity.device.as_bytes().as_slice(), &[0; 16]].concat()[..16].to_vec();
    act_as(device, intent_id, call, actor)
}

/// The same under an actor of choice.
pub fn act_as(device: &mut Device, intent_id: IntentId, call: IntentCall, actor: Vec<u8>) -> Envelope {
    let seq = device.record(&TALLY, Act { document: TALLY_ID, intent_id, call, actor, now: NOON }).expect("the act is allowed");
    device.sign(seq);
    device.envelope(seq).expect("it was signed just now")
}

/// The grant of a device: it may mark at [`SITE`].
pub fn grant(device: &Device) -> Grant {
    Grant {
        id: device.identity.grant,
        account: device.identity.account,
        device: device.identity.device,
        permissions: [MAY_MARK.to_owned()].into(),
        sites: [SITE].into(),
        issued_at: NOON.plus_ms(-1_000_000),
        expires_at: NOON.plus_ms(1_000_000),
        revoked_at: None,
    }
}

/// The envelope as the hub's shell offers it, its signature checked, arrived a minute after noon.
pub fn offer(device: &Device, envelope: &Envelope) -> Offer {
    Offer {
        envelope: envelope.clone(),
        header: envelope.read_header().expect("the header can be read"),
        grant: GrantState::Known(grant(device)),
        basis_time: None,
        chain_enrolled: true,
        arrival: NOON.plus_ms(60_000),
    }
}

/// What a device does, as it is offered.
pub fn deed(device: &mut Device, intent_id: IntentId, call: IntentCall) -> Offer {
    let envelope = act(device, intent_id, call);
    offer(device, &envelope)
}

/// The header of an envelope.
pub fn header(envelope: &Envelope) -> Header {
    envelope.read_header().expect("the header can be read")
}

/// A lane over the tests' tally, as if nothing had been stored.
pub fn lane() -> Lane {
    Lane::open(TALLY_ID, &TALLY, None, Known::default()).expect("genesis is a document")
}

/// Offers all at once to a new lane and closes it.
pub fn judge(offers: Vec<Offer>) -> Closed {
    let mut lane = lane();
    lane.offer(offers, Vec::new()).expect("no fault");
    lane.close()
}

/// What came of each intent, in short: `accepted`, `waiting`, `duplicate`, or the code.
pub fn outcomes(outcomes: &[Outcome]) -> BTreeMap<IntentId, &'static str> {
    outcomes.iter().map(|outcome| (outcome.header.intent_id, short(&outcome.result))).collect()
}

/// The only outcome, in short.
pub fn only(closed: &Closed) -> &'static str {
    let [outcome] = closed.outcomes.as_slice() else { panic!("one outcome was expected: {:?}", closed.outcomes) };
    short(&outcome.result)
}

/// An outcome in short.
pub fn short(result: &OutcomeResult) -> &'static str {
    match result {
        OutcomeResult::Accepted { .. } => "accepted",
        OutcomeResult::Waiting(_) => "waiting",
        OutcomeResult::Duplicate(_) => "duplicate",
        OutcomeResult::Held(code) | OutcomeResult::Refused(code) => code,
    }
}

/// How much the marks of the tests' tally add up to, read from its bytes.
pub fn total(kind: &'static dyn Kind, saved: &[u8]) -> i64 {
    total_of(TALLY_ID, kind, saved)
}

/// The same of any tally.
pub fn total_of(id: DocumentId, kind: &'static dyn Kind, saved: &[u8]) -> i64 {
    let document = holdfast_sync::document::LoadedDocument::load(id, kind, saved).expect("it was saved");
    let marks = document.facts().of("marks");
    marks.map(|(_, bytes)| holdfast_sync::cbor::decode::<holdfast_sync::sim::tally::Marked>(bytes).expect("a mark").count).sum()
}
