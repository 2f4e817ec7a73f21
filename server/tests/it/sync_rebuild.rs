//! A device drops what was held, replays what rested on it, and the server takes that.

use crate::support::{Company, Till};
use crate::sync::coffee;
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{Currency, DocumentId};
use holdfast_domain::sales::ticket::{AddLine, Open, SoldItem};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor;
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::envelope::{Envelope, Header};
use holdfast_sync::replica::{self, OutboxRow, OutboxState, Rebuild};
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
    // The first line says something else than its facts.
    let place = till.outbox.iter().position(|row| row.intent_id == bad).expect("it was recorded");
    let mut stated: Header = cbor::decode(&till.outbox[place].header.0).expect("the till wrote it");
    stated.intent.payload = Bytes(cbor::encode(&AddLine { item: SoldItem { name: "Gold".to_owned(), ..coffee() } }));
    let lie = till.seal(&stated, till.outbox[place].change.0.clone());
    (till.outbox[place].header, till.outbox[place].signature) = (lie.header, Some(lie.signature));
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
}
