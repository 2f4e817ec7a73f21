//! A server that is restored from a backup: what came after it is on devices alone, and comes back from there.

use crate::support::{Company, Till};
use crate::sync::{coffee, sell};
use aws_lc_rs::signature::Ed25519KeyPair;
use holdfast_domain::KINDS;
use holdfast_domain::identity::GrantIssued;
use holdfast_domain::kernel::{DeviceId, DocumentId, Epoch};
use holdfast_domain::sales::ticket::AddLine;
use holdfast_domain::sales::{BlockRequest, ReceiptBlock};
use holdfast_server::identity::begin_epoch;
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::envelope::Principal;
use holdfast_sync::replica::{self, OutboxRow, OutboxState};
use holdfast_sync::wire::{Answer, Entry};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// What the engine does in a new epoch: what was accepted is offered again.
pub(crate) fn offer_again(till: &mut Till) {
    let again = |row: &OutboxRow| matches!(row.state, OutboxState::Accepted { .. });
    till.outbox.iter_mut().filter(|row| again(row)).for_each(|row| row.state = OutboxState::Sent);
}

/// Puts the backup in the database's place, and says so, as `holdfast restored` does.
pub(crate) async fn restore(company: &Company) {
    company.test.restore().await;
    let mut tx = company.test.tenant(company.tenant).await;
    begin_epoch(&mut tx, Epoch(Uuid::from_u128(0xe1))).await.unwrap();
    tx.commit().await.unwrap();
}

/// The documents' rulings that open an exception, and the exceptions, by code.
async fn exceptions(company: &Company) -> Vec<(String, i64)> {
    let mut tx = company.test.tenant(company.tenant).await;
    let statement = "select code, count(*) from sales_exceptions group by code order by code";
    sqlx::query_as(statement).fetch_all(tx.connection()).await.unwrap()
}

pub(crate) fn all_accepted(answers: &[Answer]) -> bool {
    answers.iter().all(|answer| matches!(answer, Answer::Accepted { .. }))
}

pub(crate) fn heads(till: &Till, kind: &str, document: DocumentId) -> Vec<Digest32> {
    LoadedDocument::load(document, KINDS.get(kind).unwrap(), &till.documents[&document].saved.0).unwrap().heads()
}

/// The server is restored; what the witness saw is in the books again, as it was (codes and numbers of exceptions, the ticket's heads). What a third device then pulls.
async fn brought_back(company: &Company, witness: &mut Till, (was, ticket, told): (&[(String, i64)], DocumentId, &[Digest32])) -> Vec<Entry> {
    restore(company).await;
    witness.pull_all().await;
    let answers = witness.offer_witnessed().await;
    assert!(all_accepted(&answers), "{answers:?}");
    assert_eq!(exceptions(company).await, was, "nothing is found twice");
    let mut third = company.enrol("cashier", company.tills[0], 3).await;
    let entries = third.pull_all().await;
    assert_eq!(heads(&third, "sales.ticket", ticket), told, "what was, is, and nothing was said anew");
    entries
}

/// A till takes another day's grant, which no backup from before knows.
pub(crate) async fn renew(till: &mut Till) {
    till.grant = till.ask_for_grant().await.json::<GrantIssued>().grant;
}

pub(crate) async fn block(till: &Till) -> ReceiptBlock {
    let request = BlockRequest { device: till.chain.device, chain: till.chain.chain, till: till.till };
    till.client.post_json("/api/v1/sales/number-blocks", &request).await.json()
}

pub(crate) fn entered(entries: &[Entry]) -> BTreeSet<DocumentId> {
    let snapshots = entries.iter().filter_map(|entry| if let Entry::Enter { documents, .. } = entry { Some(documents) } else { None });
    snapshots.flatten().map(|snapshot| snapshot.document).collect()
}

#[tokio::test]
async fn what_came_after_the_backup_comes_back_from_the_devices_once() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    till.pull_all().await;
    let before = sell(&mut till, company.site);
    till.push_all().await;
    let first = block(&till).await;
    company.test.back_up().await;

    let after = sell(&mut till, company.site);
    till.push_all().await;
    let lost = block(&till).await;
    till.pull_all().await;
    let was = till.chain.feed.epoch;

    restore(&company).await;

    let entries = till.pull_all().await;
    assert!(till.chain.feed.epoch != was && till.chain.feed.epoch == Some(Epoch(Uuid::from_u128(0xe1))));
    assert!(before.iter().all(|document| entered(&entries).contains(document)));
    assert!(after.iter().all(|document| !entered(&entries).contains(document)), "the server has lost them");
    offer_again(&mut till);
    let answers = till.push_all().await;
    let repeats = answers.iter().filter(|answer| matches!(answer, Answer::Duplicate { first } if matches!(**first, Answer::Accepted { .. }))).count();
    let anew = answers.iter().filter(|answer| matches!(answer, Answer::Accepted { .. })).count();
    assert_eq!((repeats, anew, answers.len()), (4, 4, 8), "{answers:?}");

    // Whoever comes next sees both, and no number that was given away after the backup is given again.
    let mut second = company.enrol("cashier", company.tills[1], 2).await;
    let entries = second.pull_all().await;
    assert!(before.iter().chain(&after).all(|document| entered(&entries).contains(document)));
    let next = block(&second).await;
    assert!(next.first > first.last && next.first > lost.last, "{next:?} after {lost:?}");
}

#[tokio::test]
async fn what_a_dead_till_had_sent_comes_back_from_one_that_saw_it_with_what_the_server_said_of_it() {
    let company = Company::open().await;
    let mut maker = company.enrol("cashier", company.tills[0], 1).await;
    let mut witness = company.enrol("cashier", company.tills[1], 2).await;
    witness.pull_all().await;
    company.test.back_up().await;
    renew(&mut maker).await;
    let [session, ticket] = sell(&mut maker, company.site);
    assert!(all_accepted(&maker.push_all().await));
    witness.pull_all().await;
    let (was, told) = (exceptions(&company).await, heads(&witness, "sales.ticket", ticket));
    assert!(!was.is_empty() && witness.witnessed.len() > 4, "the server had ruled on it: {was:?}");
    let proof = |kept: &replica::Witnessed| kept.envelope.header.0.len() + kept.envelope.signature.0.len();
    let bytes = witness.witnessed.iter().map(proof).sum::<usize>() / witness.witnessed.len();
    let grant = witness.witnessed.iter().find_map(|kept| kept.grant.as_ref()).map_or(0, String::len);
    println!("a proof takes {bytes} bytes, a grant {grant}");
    assert!(bytes < 800 && grant < 1_500, "what a page takes more stands in docs/DECISIONS.md: {bytes}, {grant}");
    drop(maker);

    let entries = brought_back(&company, &mut witness, (&was, ticket, &told)).await;
    assert!([session, ticket].iter().all(|document| entered(&entries).contains(document)));
    let again = witness.offer_witnessed().await;
    assert!(again.iter().all(|answer| matches!(answer, Answer::Duplicate { first } if matches!(**first, Answer::Accepted { .. }))), "{again:?}");
}

#[tokio::test]
async fn what_a_dead_till_had_sent_comes_back_from_one_that_got_it_as_it_stood() {
    let company = Company::open().await;
    let mut maker = company.enrol("cashier", company.tills[0], 1).await;
    let mut witness = company.enrol("cashier", company.tills[1], 2).await;
    company.test.back_up().await;
    renew(&mut maker).await;
    let [session, ticket] = sell(&mut maker, company.site);
    assert!(all_accepted(&maker.push_all().await));
    let was = exceptions(&company).await;
    let entries = witness.pull_all().await;
    assert!([session, ticket].iter().all(|document| entered(&entries).contains(document)), "it was told no change of them by itself");
    assert!(!entries.iter().any(|entry| matches!(entry, Entry::Change { .. })) && witness.witnessed.len() > 4);
    let told = heads(&witness, "sales.ticket", ticket);
    drop(maker);

    brought_back(&company, &mut witness, (&was, ticket, &told)).await;
}

#[tokio::test]
async fn what_is_older_than_devices_keep_is_not_proven_and_a_device_hears_of_its_own() {
    let company = Company::open().await;
    let mut maker = company.enrol("cashier", company.tills[0], 1).await;
    let sold = sell(&mut maker, company.site);
    assert!(all_accepted(&maker.push_all().await));
    let proven = |entries: &[Entry]| {
        let documents = entries.iter().filter_map(|entry| if let Entry::Enter { documents, .. } = entry { Some(documents) } else { None });
        documents.flatten().filter(|snapshot| sold.contains(&snapshot.document)).map(|snapshot| snapshot.proofs.len()).sum::<usize>()
    };
    let own = maker.pull_all().await;
    assert!(proven(&own) > 4, "a database that was made anew has nothing of its own");
    let days = |days: u64| company.test.world.pass(Duration::from_secs(days * 24 * 3_600));
    days(13);
    let mut second = company.enrol("cashier", company.tills[1], 2).await;
    assert_eq!(proven(&second.pull_all().await), proven(&own));
    days(2);
    // What is entered is what changed lately: something about them does today.
    let mut tx = company.test.tenant(company.tenant).await;
    sqlx::query("update documents set facts = facts").execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    let mut third = company.enrol("cashier", company.tills[1], 3).await;
    let entries = third.pull_all().await;
    assert!(sold.iter().all(|document| entered(&entries).contains(document)) && proven(&entries) == 0);
}

#[tokio::test]
async fn a_former_ruling_that_comes_after_the_server_ruled_anew_opens_no_second_exception() {
    let company = Company::open().await;
    let mut maker = company.enrol("cashier", company.tills[0], 1).await;
    let mut witness = company.enrol("cashier", company.tills[1], 2).await;
    maker.pull_all().await;
    witness.pull_all().await;
    company.test.back_up().await;
    let [_, ticket] = sell(&mut maker, company.site);
    assert!(all_accepted(&maker.push_all().await));
    witness.pull_all().await;
    let was = exceptions(&company).await;

    restore(&company).await;
    maker.pull_all().await;
    offer_again(&mut maker);
    assert!(all_accepted(&maker.push_all().await));
    assert_eq!(exceptions(&company).await, was, "it rules anew");
    let answers = witness.offer_witnessed().await;
    let own: Vec<_> = answers.iter().filter(|answer| matches!(answer, Answer::Accepted { .. })).collect();
    assert!(!own.is_empty() && own.len() + 4 == answers.len(), "its former word is merged, the rest is there: {answers:?}");
    assert_eq!(exceptions(&company).await, was);
    witness.pull_all().await;
    maker.pull_all().await;
    assert_eq!(heads(&witness, "sales.ticket", ticket), heads(&maker, "sales.ticket", ticket));
}

#[tokio::test]
async fn what_rests_on_anothers_lost_change_waits_for_it_and_is_taken_with_it() {
    let company = Company::open().await;
    let mut maker = company.enrol("cashier", company.tills[0], 1).await;
    let mut witness = company.enrol("cashier", company.tills[1], 2).await;
    witness.pull_all().await;
    company.test.back_up().await;
    let [_, ticket] = sell(&mut maker, company.site);
    let paid = maker.outbox.pop().unwrap();
    maker.chain.next_seq -= 1;
    assert!(all_accepted(&maker.push_all().await) && paid.intent == "sales.ticket.pay_cash");
    witness.pull_all().await;
    renew(&mut witness).await;
    let line = witness.act("sales.ticket", ticket, &AddLine { item: coffee() });
    assert!(all_accepted(&witness.push_all().await));

    restore(&company).await;
    witness.pull_all().await;
    offer_again(&mut witness);
    let answers = witness.push_all().await;
    assert!(matches!(answers.as_slice(), [Answer::Waiting { missing }] if !missing.is_empty()), "{answers:?}");
    let answers = witness.offer_witnessed().await;
    assert!(all_accepted(&answers), "{answers:?}");
    let entries = witness.pull_all().await;
    let told = |entry: &Entry| matches!(entry, Entry::Change { intent_id, .. } if *intent_id == line);
    assert!(entries.iter().any(told), "what waited came with what it rests on, without its grant being sent once more");
}

#[tokio::test]
async fn a_till_that_was_enrolled_after_the_backup_enrols_again_and_loses_nothing() {
    let company = Company::open().await;
    let mut witness = company.enrol("cashier", company.tills[1], 2).await;
    witness.pull_all().await;
    company.test.back_up().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    till.pull_all().await;
    let sold = sell(&mut till, company.site);
    assert!(all_accepted(&till.push_all().await));
    witness.pull_all().await;

    restore(&company).await;
    let unknown = |answers: &[Answer]| answers.iter().all(|answer| matches!(answer, Answer::Refused { code } if code == "device_unknown"));
    (till.client, till.session) = company.sign_in("cashier").await;
    offer_again(&mut till);
    let request = replica::next_push(&till.outbox, 500).unwrap();
    assert!(unknown(&till.push(request.envelopes).await));
    assert!(till.enrol_again("The same till", Some(till.till)).await.status.is_success());
    till.pull_all().await;
    assert!(all_accepted(&till.push_all().await));
    let answers = witness.offer_witnessed().await;
    assert!(answers.iter().all(|answer| replica::said(answer) == replica::Said::InTheBooks), "{answers:?}");
    let mut third = company.enrol("cashier", company.tills[0], 3).await;
    let entries = third.pull_all().await;
    assert!(sold.iter().all(|document| entered(&entries).contains(document)));
}

#[tokio::test]
async fn a_grant_that_somebody_else_learnt_speaks_for_no_other_key() {
    let company = Company::open().await;
    company.test.back_up().await;
    let mut till = company.enrol("owner", company.tills[0], 1).await;
    restore(&company).await;
    // Whoever followed the site knows the device's id and the grant, and enrols the id with a key of their own.
    (till.client, _) = company.sign_in("cashier").await;
    till.key = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    assert!(till.enrol_again("Not that till", Some(till.till)).await.status.is_success());
    sell(&mut till, company.site);
    let request = replica::next_push(&till.outbox, 500).unwrap();
    assert_eq!(request.grants, [till.grant.clone()]);
    let answers = till.push(request.envelopes).await;
    let merged = |answer: &Answer| matches!(answer, Answer::Accepted { .. });
    assert!(matches!(&answers[0], Answer::Held { code } if code == "grant_unknown"), "{answers:?}");
    assert!(!answers.iter().any(merged), "{answers:?}");
}

#[tokio::test]
async fn a_word_that_the_server_did_not_sign_is_not_its_own() {
    let company = Company::open().await;
    let mut maker = company.enrol("cashier", company.tills[0], 1).await;
    let mut witness = company.enrol("cashier", company.tills[1], 2).await;
    witness.pull_all().await;
    company.test.back_up().await;
    sell(&mut maker, company.site);
    maker.push_all().await;
    witness.pull_all().await;
    restore(&company).await;
    let own = |kept: &&replica::Witnessed| kept.envelope.read_header().unwrap().device == DeviceId::SERVER;
    let ruling = witness.witnessed.iter().find(own).expect("the server ruled on it").envelope.clone();
    let header = ruling.read_header().unwrap();
    assert!(matches!(header.author.account, Principal::System(_)));
    let forged = [
        witness.seal(&header, ruling.change.0.clone()),
        holdfast_sync::envelope::Envelope { signature: Bytes(vec![0; 64]), ..ruling.clone() },
        witness.seal(&holdfast_sync::envelope::Header { device: witness.chain.device, ..header }, ruling.change.0.clone()),
    ];
    for envelope in forged {
        assert_eq!(witness.push(vec![envelope]).await, [Answer::Refused { code: "signature_wrong".to_owned() }]);
    }
    assert!(matches!(witness.push(vec![ruling]).await.as_slice(), [Answer::Waiting { .. }]), "its true word waits for what it rests on");
}
