//! Who gets what changes while devices are on- and offline: what is left, what is entered, and what was done meanwhile.

use crate::support::{Company, Till};
use crate::sync::{coffee, sell};
use holdfast_domain::sales::ticket::AddLine;
use holdfast_server::identity::Role;
use holdfast_sync::kind::Audience;
use holdfast_sync::wire::{Answer, Entry, MAX_PULL, PullRequest, PullResponse};
use std::collections::BTreeSet;

async fn pull(till: &Till, asked: Option<uuid::Uuid>) -> PullResponse {
    let feed = &till.chain.feed;
    let request = PullRequest { epoch: feed.epoch, cursors: feed.cursors.clone(), device: Some(till.chain.device), till: asked, limit: MAX_PULL };
    till.client.post_cbor("/api/v1/sync/pull", &request).await.cbor()
}

fn left(page: &PullResponse) -> BTreeSet<Audience> {
    page.entries.iter().filter_map(|entry| if let Entry::Leave { audience } = entry { Some(audience.clone()) } else { None }).collect()
}

#[tokio::test]
async fn whoever_moves_to_another_shop_leaves_the_first_with_its_till_and_enters_the_second() {
    let company = Company::open().await;
    company.hire("walker", (Role::Cashier, company.site)).await;
    let mut till = company.enrol("walker", company.tills[0], 1).await;
    sell(&mut till, company.site);
    till.push_all().await;
    till.pull_all().await;
    let ours = [Audience::Site(company.site.0), Audience::Till(till.till.0)];
    assert!(ours.iter().all(|audience| till.chain.feed.cursors.contains_key(audience)));
    // Offline meanwhile: one more sale, at the shop that is left.
    let [_, unsent] = sell(&mut till, company.site);
    company.move_to("walker", company.other_site).await;
    let answers = till.push_all().await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "what was done by the grant counts: {answers:?}");

    let page = pull(&till, None).await;
    assert_eq!(left(&page), ours.into());
    let entered = |entry: &Entry| matches!(entry, Entry::Enter { audience: Audience::Site(site), .. } if *site == company.other_site.0);
    assert!(page.entries.iter().any(entered), "{:?}", page.entries);
    assert!(page.entries.iter().all(|entry| !matches!(entry, Entry::Change { document, .. } if *document == unsent)));
    till.chain.feed.cursors = page.cursors;

    // Moved back, the shop is entered again, as a whole.
    company.move_to("walker", company.site).await;
    let page = pull(&till, None).await;
    assert_eq!(left(&page), [Audience::Site(company.other_site.0)].into());
    let whole = |entry: &Entry| matches!(entry, Entry::Enter { documents, .. } if documents.iter().any(|snapshot| snapshot.document == unsent));
    assert!(page.entries.iter().any(whole), "{:?}", page.entries);
}

#[tokio::test]
async fn a_device_that_is_given_another_till_leaves_the_one_it_had() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    till.pull_all().await;
    let page = pull(&till, Some(company.tills[1].0)).await;
    assert_eq!(left(&page), [Audience::Till(company.tills[0].0)].into());
    let entered = |entry: &Entry| matches!(entry, Entry::Enter { audience: Audience::Till(till), .. } if *till == company.tills[1].0);
    assert!(page.entries.iter().any(entered), "{:?}", page.entries);
}

#[tokio::test]
async fn rights_that_are_lost_while_offline_do_not_undo_what_was_done_but_show_nothing_more_of_the_shop() {
    let company = Company::open().await;
    company.hire("walker", (Role::Cashier, company.site)).await;
    let (mut till, mut colleague) = (company.enrol("walker", company.tills[0], 1).await, company.enrol("cashier", company.tills[1], 2).await);
    let [_, ticket] = sell(&mut till, company.site);
    till.push_all().await;
    till.pull_all().await;
    company.move_to("walker", company.other_site).await;
    colleague.pull_all().await;
    let [_, theirs] = sell(&mut colleague, company.site);
    colleague.push_all().await;
    let page = pull(&till, None).await;
    let tells = |document| page.entries.iter().any(|entry| matches!(entry, Entry::Change { document: told, .. } if *told == document));
    assert!(!tells(theirs) && !tells(ticket), "{:?}", page.entries);
    assert!(
        till.try_act("sales.ticket", ticket, holdfast_domain::kernel::call(&AddLine { item: coffee() })).is_err(),
        "a ticket that was paid takes no line"
    );
}
