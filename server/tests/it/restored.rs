//! A server that is restored from a backup: what came after it is on devices alone, and comes back from there.

use crate::support::{Company, Till};
use crate::sync::sell;
use holdfast_domain::kernel::{DocumentId, Epoch};
use holdfast_domain::sales::{BlockRequest, ReceiptBlock};
use holdfast_server::identity::begin_epoch;
use holdfast_sync::replica::{OutboxRow, OutboxState};
use holdfast_sync::wire::{Answer, Entry};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What the engine does in a new epoch: what was accepted is offered again.
fn offer_again(till: &mut Till) {
    let again = |row: &OutboxRow| matches!(row.state, OutboxState::Accepted { .. });
    till.outbox.iter_mut().filter(|row| again(row)).for_each(|row| row.state = OutboxState::Sent);
}

async fn block(till: &Till) -> ReceiptBlock {
    let request = BlockRequest { device: till.chain.device, chain: till.chain.chain, till: till.till };
    till.client.post_json("/api/v1/sales/number-blocks", &request).await.json()
}

fn entered(entries: &[Entry]) -> BTreeSet<DocumentId> {
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
    let copy = company.test.back_up().await;

    let after = sell(&mut till, company.site);
    till.push_all().await;
    let lost = block(&till).await;
    till.pull_all().await;
    let was = till.chain.feed.epoch;

    company.test.restore(&copy).await;
    let mut tx = company.test.tenant(company.tenant).await;
    begin_epoch(&mut tx, Epoch(Uuid::from_u128(0xe1))).await.unwrap();
    tx.commit().await.unwrap();

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
