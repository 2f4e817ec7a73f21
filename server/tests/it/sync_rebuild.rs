//! A device drops what was held, replays what rested on it, and the server takes that.

use crate::support::{Company, Till};
use crate::sync::coffee;
use holdfast_domain::KINDS;
use holdfast_domain::held::Release;
use holdfast_domain::identity::DevicesPage;
use holdfast_domain::kernel::{Currency, DocumentId, IntentId, Quantity};
use holdfast_domain::sales::ticket::{AddLine, ChangeQuantity, Open, SoldItem};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor;
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::envelope::{Envelope, Header};
use holdfast_sync::ids::FactId;
use holdfast_sync::replica::{self, Clocks, OutboxRow, OutboxState, Rebuild};
use holdfast_sync::wire::{Answer, DEPENDS_ON_HELD};
use std::collections::BTreeSet;

const TICKET: &str = "sales.ticket";

fn envelope(row: &OutboxRow) -> Envelope {
    Envelope { header: row.header.clone(), change: row.change.clone(), signature: row.signature.clone().expect("the till signs at once") }
}

/// The till drops what fell, as the engine does.
fn rebuild(till: &mut Till, document: DocumentId) {
    let rows: Vec<_> =
        till.outbox.iter().filter(|row| row.document == document && !matches!(row.state, OutboxState::Accepted { .. })).cloned().collect();
    let stored = &till.documents[&document];
    let kind = KINDS.get(TICKET).expect("the kind exists");
    let of = Rebuild { document, kind, stored, rows: &rows, doubled: &BTreeSet::new(), reached: None, actor: vec![0x99; 16] };
    let rebuilt = replica::rebuild(&till.chain, of).expect("it can be read").expect("something fell");
    till.chain = rebuilt.chain;
    till.outbox.retain(|row| !rebuilt.replaced.contains(&row.seq) && !rebuilt.rows.iter().any(|new| new.seq == row.seq));
    let signed: Vec<_> = rebuilt.rows.into_iter().map(|row| replica::signed(row.clone(), till.sign(&row.header.0))).collect();
    till.outbox.extend(signed);
    till.outbox.sort_by_key(|row| row.seq);
    till.documents.insert(document, rebuilt.document.stored);
}

/// The line says something else than its facts.
fn says_gold(till: &mut Till, line: IntentId) {
    let place = till.outbox.iter().position(|row| row.intent_id == line).expect("it was recorded");
    let mut stated: Header = cbor::decode(&till.outbox[place].header.0).expect("the till wrote it");
    stated.intent.payload = Bytes(cbor::encode(&AddLine { item: SoldItem { name: "Gold".to_owned(), ..coffee() } }));
    let lie = till.seal(&stated, till.outbox[place].change.0.clone());
    (till.outbox[place].header, till.outbox[place].signature) = (lie.header, Some(lie.signature));
}

#[tokio::test]
async fn what_rested_on_a_held_change_is_accepted_once_it_is_sent_anew_and_the_old_envelope_never_is() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (session, ticket): (DocumentId, DocumentId) = (till.draw(), till.draw());
    let id = till.till;
    till.act(TICKET, ticket, &Open { till: id, site: company.site, till_session: session, currency: Currency::EUR });
    let bad = till.act(TICKET, ticket, &AddLine { item: coffee() });
    till.act(TICKET, ticket, &AddLine { item: coffee() });
    let good = till.act(TICKET, ticket, &AddLine { item: coffee() });
    says_gold(&mut till, bad);
    let late = envelope(till.outbox.iter().find(|row| row.intent_id == good).expect("it was recorded"));

    let held = |code: &str| Answer::Held { code: code.to_owned() };
    let answers = till.push_all().await;
    let adverse: Vec<_> = answers.into_iter().filter(Answer::is_adverse).collect();
    // The two that rested on it are asked about until the document is rebuilt.
    assert_eq!(adverse[..3], [held("facts_differ_from_intent"), held(DEPENDS_ON_HELD), held(DEPENDS_ON_HELD)]);
    rebuild(&mut till, ticket);
    let anew = till.push_all().await;
    assert!(anew.len() == 2 && anew.iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "{anew:?}");
    let first = till.push(vec![late]).await;
    assert!(matches!(&first[..], [Answer::Duplicate { first }] if matches!(**first, Answer::Accepted { .. })), "{first:?}");

    till.pull_all().await;
    let mut second = company.enrol("cashier", company.tills[1], 2).await;
    second.pull_all().await;
    let kind = KINDS.get(TICKET).unwrap();
    let [here, there] = [&till, &second].map(|till| LoadedDocument::load(ticket, kind, &till.documents[&ticket].saved.0).unwrap());
    assert_eq!(here.heads(), there.heads());
    assert_eq!(there.facts().of("lines").count(), 2);

    let owner = company.sign_in("owner").await.0;
    let listed: DevicesPage = owner.get("/api/v1/identity/devices").await.json();
    let device = listed.devices.into_iter().find(|device| device.device == till.chain.device).unwrap();
    assert_eq!(device.arrived.gaps, 0, "a number whose envelope another took the place of has arrived");
    // That the device went on without it is no reason of its own to hold it.
    let release = Release { reason: "The name is right.".to_owned(), waives: vec!["facts_differ_from_intent".to_owned()] };
    let response = owner.post_json(&format!("/api/v1/sync/held/{bad}/release"), &release).await;
    assert!(response.status.is_success(), "{}", response.code());
    till.pull_all().await;
    let merged = LoadedDocument::load(ticket, kind, &till.documents[&ticket].saved.0).unwrap();
    assert_eq!(merged.facts().of("lines").count(), 3);
}

#[tokio::test]
async fn what_cannot_be_replayed_is_answered_although_what_it_rested_on_was_replayed_unsent() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (session, ticket): (DocumentId, DocumentId) = (till.draw(), till.draw());
    let id = till.till;
    till.act(TICKET, ticket, &Open { till: id, site: company.site, till_session: session, currency: Currency::EUR });
    let first = till.act(TICKET, ticket, &AddLine { item: coffee() });
    let second = till.act(TICKET, ticket, &AddLine { item: coffee() });
    let third = till.act(TICKET, ticket, &AddLine { item: coffee() });
    let of_second = till.act(TICKET, ticket, &ChangeQuantity { line: FactId::of(second, 0), by: Quantity::ONE });
    says_gold(&mut till, first);
    till.push_all().await;
    rebuild(&mut till, ticket);
    // The second line, replayed, is held as well, before what rests on it has been sent.
    says_gold(&mut till, second);
    let row = till.outbox.iter().find(|row| row.intent_id == second).cloned().expect("it was replayed");
    let answers = till.push(vec![envelope(&row)]).await;
    let place = till.outbox.iter().position(|other| other.seq == row.seq).expect("it was replayed");
    till.outbox[place] = replica::answered(row, &answers[0], Clocks { device: till.now, server: till.now });
    rebuild(&mut till, ticket);
    let fell = till.outbox.iter().find(|row| row.intent_id == of_second).expect("it was recorded");
    assert_eq!((&fell.state, fell.fallen.as_deref()), (&OutboxState::Saved, Some("line_unknown")));

    till.push_all().await;
    till.push_all().await;
    assert!(till.outbox.iter().all(|row| !matches!(row.state, OutboxState::Saved | OutboxState::Sent)), "{:?}", till.outbox);
    let state = |of: IntentId| till.outbox.iter().find(|row| row.intent_id == of).map(|row| row.state.clone());
    assert!(matches!(state(third), Some(OutboxState::Accepted { .. })), "{:?}", state(third));
    assert!(matches!(state(of_second), Some(OutboxState::Attention(answer)) if answer.rests_on_another()), "{:?}", state(of_second));
}
