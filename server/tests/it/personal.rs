//! What is one person's own reaches that person, on whatever device they work, and nobody else.

use crate::support::{Company, Till};
use holdfast_domain::identity::{GrantIssued, HeldRole, Profile};
use holdfast_domain::kernel::Reference as _;
use holdfast_server::identity::Role;
use holdfast_sync::kind::Audience;
use holdfast_sync::wire::{Entry, ReferenceRow};

/// The profiles in entries, each with its audience; and those in the pages that the entries name.
async fn profiles(entries: &[Entry], till: &Till) -> Vec<(Option<Audience>, Profile)> {
    let mut rows: Vec<(Option<Audience>, ReferenceRow)> = Vec::new();
    for entry in entries {
        match entry {
            Entry::Row { row, audience, .. } => rows.push((audience.clone(), row.clone())),
            Entry::Enter { bootstrap: Some(manifest), .. } => {
                for page in &manifest.pages {
                    rows.extend(till.client.get(page).await.cbor::<Vec<ReferenceRow>>().into_iter().map(|row| (None, row)));
                }
            }
            _ => {}
        }
    }
    rows.into_iter().filter_map(|(audience, row)| Some((audience, Profile::of(&row)?.unwrap()))).collect()
}

async fn renew(till: &Till) {
    till.ask_for_grant().await.json::<GrantIssued>();
}

async fn change(company: &Company, statement: &'static str) {
    let mut tx = company.test.tenant(company.tenant).await;
    assert!(sqlx::query(statement).execute(tx.connection()).await.unwrap().rows_affected() > 0);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_person_reads_of_themselves_what_no_colleague_and_no_page_of_the_site_tells() {
    let company = Company::open().await;
    let person = company.hire_person("ana", (Role::ShiftLeader, company.site)).await;
    company.hire_person("ben", (Role::Cashier, company.site)).await;
    let mut ana = company.enrol("ana", company.tills[0], 1).await;
    let mut ben = company.enrol("ben", company.tills[1], 2).await;
    let mut nobody = company.enrol("cashier", company.tills[1], 3).await;

    let entries = ana.pull_all().await;
    let told = profiles(&entries, &ana).await;
    let roles = vec![HeldRole { role: "shift_leader".to_owned(), site: Some(company.site), site_name: "Shop 0".to_owned() }];
    let profile = Profile { account: ana.session.account, name: "ana".to_owned(), email: "ana@kelp.example".to_owned(), roles };
    assert_eq!(told, [(Some(Audience::Person(person.0)), profile.clone())]);
    assert!(ana.chain.feed.cursors.contains_key(&Audience::Person(person.0)));
    let others: Vec<_> = profiles(&ben.pull_all().await, &ben).await.into_iter().map(|(_, profile)| profile.name).collect();
    assert_eq!(others, ["ben"], "each his own");
    assert_eq!(profiles(&nobody.pull_all().await, &nobody).await, [], "whoever is nobody's person has none");

    // What changes comes with the feed; what stays as it is does not come again.
    renew(&ana).await;
    assert_eq!(profiles(&ana.pull_all().await, &ana).await, []);
    change(&company, "update accounts set name = 'Ana Pop' where name = 'ana'").await;
    renew(&ana).await;
    assert_eq!(profiles(&ana.pull_all().await, &ana).await, [(Some(Audience::Person(person.0)), Profile { name: "Ana Pop".to_owned(), ..profile })]);
    assert_eq!(profiles(&ben.pull_all().await, &ben).await, []);

    // Who is no person of the company's any more leaves what was theirs.
    change(&company, "update accounts set person = null where name = 'Ana Pop'").await;
    let entries = ana.pull_all().await;
    assert!(entries.contains(&Entry::Leave { audience: Audience::Person(person.0) }), "{entries:?}");
    assert_eq!(profiles(&entries, &ana).await, []);
}

#[tokio::test]
async fn what_is_a_persons_own_comes_anew_on_each_device_and_after_a_cursor_is_lost() {
    let company = Company::open().await;
    let person = company.hire_person("ana", (Role::Cashier, company.site)).await;
    let mut first = company.enrol("ana", company.tills[0], 1).await;
    assert_eq!(profiles(&first.pull_all().await, &first).await.len(), 1);
    let mut second = company.enrol("ana", company.tills[1], 2).await;
    assert_eq!(profiles(&second.pull_all().await, &second).await.len(), 1);
    // A colleague worked on the first device meanwhile: it asks without her cursor, and is told no row of hers until it asks with her session again.
    first.chain.feed.cursors.remove(&Audience::Person(person.0));
    let again = profiles(&first.pull_all().await, &first).await;
    assert_eq!(again.len(), 1, "entered anew, all of it is told once");
    assert_eq!(profiles(&first.pull_all().await, &first).await, []);
}
