//! Who has a record open is told to the others who may read it, and to nobody else; and nobody is told of longer than they are there.

use super::{SITES, SUPPLIERS, at, company, make, refused};
use crate::support::{Client, Company};
use axum::body::{Body, BodyDataStream};
use axum::http::StatusCode;
use futures::StreamExt as _;
use holdfast_domain::kernel::resource::{Present, StillHere};
use holdfast_domain::kernel::{SiteId, TenantId};
use holdfast_server::http::{App, Limits, router};
use holdfast_server::identity::Role;
use holdfast_server::presence::{self, Presence};
use serde_json::json;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Quick enough for a test to wait for, and slow enough for a busy machine to answer.
const QUICK: Duration = Duration::from_secs(4);

/// A record's live line, as a page reads it.
struct Line {
    body: BodyDataStream,
    read: String,
    /// Heard, and not asked for yet: by name, with their data.
    events: VecDeque<(String, String)>,
    id: Uuid,
}

impl Line {
    async fn open(client: &Client, record: &str) -> Self {
        let response = client.open(&format!("{record}/live")).await;
        assert_eq!(response.status(), StatusCode::OK);
        let mut line = Self { body: Body::into_data_stream(response.into_body()), read: String::new(), events: VecDeque::new(), id: Uuid::nil() };
        line.id = line.hear("asked").await.expect("it asks as soon as it is open").parse().unwrap();
        line
    }

    /// The next event of that name, others aside, which are kept; none where the line ends before.
    async fn hear(&mut self, wanted: &str) -> Option<String> {
        loop {
            if let Some(at) = self.events.iter().position(|(name, _)| name == wanted) {
                return self.events.remove(at).map(|(_, data)| data);
            }
            let part = self.body.next().await?.ok()?;
            self.read.push_str(std::str::from_utf8(&part).unwrap());
            while let Some(end) = self.read.find("\n\n") {
                let event: String = self.read.drain(..end + 2).collect();
                let value = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
                self.events.extend(value("event:").zip(value("data:")));
            }
        }
    }

    /// Waits until exactly these others are there, and whether they edit.
    async fn sees(&mut self, wanted: &[(&str, bool)]) {
        loop {
            let told = self.hear("present").await.unwrap_or_else(|| panic!("the line ended before {wanted:?} was told"));
            let people: Vec<Present> = serde_json::from_str(&told).unwrap();
            if people.iter().map(|one| (one.name.as_str(), one.editing)).eq(wanted.iter().copied()) {
                return;
            }
        }
    }

    async fn answer(&self, client: &Client, record: &str, editing: bool) -> (u16, String) {
        let answer = client.post_json(&format!("{record}/here"), &StillHere { line: self.id, editing }).await;
        if answer.status == StatusCode::NO_CONTENT { (204, String::new()) } else { refused(&answer) }
    }

    async fn ends(mut self) {
        while self.hear("nothing").await.is_some() {}
    }
}

async fn supplier(owner: &Client) -> String {
    at(SUPPLIERS, make(owner, SUPPLIERS, json!({ "name": "Exotic Liquids" })).await.id)
}

#[tokio::test]
async fn two_at_one_record_see_each_other_by_name_whether_they_edit_and_when_they_leave() {
    let (company, owner) = company().await;
    let auditor = company.sign_in("auditor").await.0;
    let record = supplier(&owner).await;
    let mut owners = Line::open(&owner, &record).await;
    owners.sees(&[]).await;
    let mut auditors = Line::open(&auditor, &record).await;
    auditors.sees(&[("owner", false)]).await;
    owners.sees(&[("auditor", false)]).await;
    assert_eq!(owners.answer(&owner, &record, true).await.0, 204);
    auditors.sees(&[("owner", true)]).await;
    assert_eq!(owners.answer(&owner, &record, false).await.0, 204);
    auditors.sees(&[("owner", false)]).await;
    // A second page of the same person is no second person.
    let second = Line::open(&owner, &record).await;
    assert_eq!(second.answer(&owner, &record, true).await.0, 204);
    auditors.sees(&[("owner", true)]).await;
    drop(second);
    auditors.sees(&[("owner", false)]).await;
    drop(owners);
    auditors.sees(&[]).await;
}

#[tokio::test]
async fn who_is_at_another_record_or_of_another_company_is_told_nothing() {
    let (company, owner) = company().await;
    company.found("rival", TenantId(Uuid::from_u128(0xd0_0000)), &[(SiteId(Uuid::from_u128(0xd0_0001)), &[])]).await;
    let stranger = company.sign_in_at("rival", "owner").await.0;
    let record = supplier(&owner).await;
    let other = at(SUPPLIERS, make(&owner, SUPPLIERS, json!({ "name": "Another" })).await.id);
    let auditor = company.sign_in("auditor").await.0;
    let mut auditors = Line::open(&auditor, &other).await;
    let owners = Line::open(&owner, &record).await;
    let refusal = stranger.get(&format!("{record}/live")).await;
    assert_eq!(refused(&refusal), (404, "record_unknown".to_owned()));
    assert_eq!(owners.answer(&stranger, &record, true).await, (404, "line_unknown".to_owned()));
    // The first that comes to the auditor's own record is the first that is told there.
    auditors.sees(&[]).await;
    let _second = Line::open(&owner, &other).await;
    assert_eq!(auditors.hear("present").await.map(|told| told.contains("owner")), Some(true));
}

#[tokio::test]
async fn who_may_not_read_the_record_gets_no_line_and_who_may_no_more_loses_it() {
    let (company, owner) = company().await;
    let record = supplier(&owner).await;
    let cashier = company.sign_in("cashier").await.0;
    assert_eq!(refused(&cashier.get(&format!("{record}/live")).await), (403, "permission_missing".to_owned()));
    company.hire("leader", (Role::ShiftLeader, company.other_site)).await;
    let leader = company.sign_in("leader").await.0;
    let site = at(SITES, company.other_site.0);
    let elsewhere = at(SITES, company.site.0);
    assert_eq!(refused(&leader.get(&format!("{elsewhere}/live")).await), (404, "record_unknown".to_owned()));
    let mut owners = Line::open(&owner, &site).await;
    let leaders = Line::open(&leader, &site).await;
    owners.sees(&[("leader", false)]).await;
    company.move_to("leader", company.site).await;
    assert_eq!(leaders.answer(&leader, &site, false).await, (404, "line_unknown".to_owned()));
    owners.sees(&[]).await;
}

#[tokio::test]
async fn nobody_answers_for_anothers_line() {
    let (company, owner) = company().await;
    let auditor = company.sign_in("auditor").await.0;
    let record = supplier(&owner).await;
    let owners = Line::open(&owner, &record).await;
    let mut auditors = Line::open(&auditor, &record).await;
    assert_eq!(owners.answer(&auditor, &record, true).await, (404, "line_unknown".to_owned()));
    let other = at(SUPPLIERS, make(&owner, SUPPLIERS, json!({ "name": "Another" })).await.id);
    assert_eq!(owners.answer(&owner, &other, true).await, (404, "line_unknown".to_owned()));
    auditors.sees(&[("owner", false)]).await;
}

#[tokio::test]
async fn a_line_that_was_lost_without_a_word_ends_when_nobody_answers_for_it() {
    let company = Company::open().await;
    let app = App { presence: Presence::with_pace(QUICK), ..company.app.clone() };
    let quick = router(app, Limits::default());
    let [owner, auditor] = [company.sign_in("owner").await.0.elsewhere(quick.clone()), company.sign_in("auditor").await.0.elsewhere(quick)];
    let record = supplier(&owner).await;
    let lost = Line::open(&owner, &record).await;
    let mut auditors = Line::open(&auditor, &record).await;
    // Asked again and again, this one answers.
    for _ in 0..3 {
        assert_eq!(auditors.answer(&auditor, &record, false).await.0, 204);
        assert!(auditors.hear("asked").await.is_some());
    }
    assert_eq!(auditors.answer(&auditor, &record, false).await.0, 204);
    lost.ends().await;
    assert_eq!(auditors.answer(&auditor, &record, false).await.0, 204);
    let mut looks = Line::open(&owner, &record).await;
    looks.sees(&[("auditor", false)]).await;
}

#[tokio::test]
async fn an_account_holds_so_many_lines_and_closing_one_makes_room() {
    let (_company, owner) = company().await;
    let record = supplier(&owner).await;
    let mut lines = Vec::new();
    for _ in 0..32 {
        lines.push(Line::open(&owner, &record).await);
    }
    assert_eq!(refused(&owner.get(&format!("{record}/live")).await), (429, "too_many_open".to_owned()));
    lines.pop();
    let _one_more = Line::open(&owner, &record).await;
}

/// Another server on the same database, and the relays of both, each with what ends it in order.
async fn second_server(company: &Company) -> (Client, App, [(JoinHandle<()>, watch::Sender<bool>); 2]) {
    let first = App { presence: Presence::with_pace(QUICK), ..company.app.clone() };
    let second = App { presence: Presence::with_pace(QUICK), ..company.app.clone() };
    let relay = |app: &App| {
        let (stop, stopping) = watch::channel(false);
        (tokio::spawn(presence::Relay::of(app).run(stopping)), stop)
    };
    let relays = [relay(&first), relay(&second)];
    let client = company.sign_in("auditor").await.0.elsewhere(router(second, Limits::default()));
    (client, first, relays)
}

/// Answers for a line for as long as it is asked.
fn keep_answering(client: &Client, record: &str, mut line: Line, editing: bool) -> JoinHandle<()> {
    let (client, address) = (client.clone(), format!("{record}/here"));
    let said = StillHere { line: line.id, editing };
    tokio::spawn(async move {
        client.post_json(&address, &said).await;
        while line.hear("asked").await.is_some() {
            client.post_json(&address, &said).await;
        }
    })
}

#[tokio::test]
async fn people_at_two_servers_see_each_other_and_those_of_a_server_that_ended_or_died_are_gone() {
    let company = Company::open().await;
    let (auditor, first, [_first, (dying, _stop)]) = second_server(&company).await;
    let owner = company.sign_in("owner").await.0.elsewhere(router(first.clone(), Limits::default()));
    let record = supplier(&owner).await;
    let theirs = keep_answering(&auditor, &record, Line::open(&auditor, &record).await, true);
    let mut owners = Line::open(&owner, &record).await;
    let watching = keep_answering_while(&owner, &record, owners.id);
    owners.sees(&[("auditor", true)]).await;
    // The second server dies: it says no more.
    dying.abort();
    assert!(dying.await.is_err());
    theirs.abort();
    tokio::select! {
        () = owners.sees(&[]) => {}
        () = time_passes(&company) => {}
    }

    // Another one comes, and ends in order, with its pages still open.
    let third = App { presence: Presence::with_pace(Duration::from_secs(600)), ..company.app.clone() };
    let (stop, stopping) = watch::channel(false);
    let ending = tokio::spawn(presence::Relay::of(&third).run(stopping));
    let auditor = auditor.elsewhere(router(third, Limits::default()));
    let _theirs = Line::open(&auditor, &record).await;
    owners.sees(&[("auditor", false)]).await;
    stop.send_replace(true);
    ending.await.unwrap();
    owners.sees(&[]).await;
    watching.abort();
}

/// Minute by minute, for as long as it is waited for: a word that was under way when its server died is heard later than that, and is followed by silence all the same.
async fn time_passes(company: &Company) {
    let mut paces = tokio::time::interval(QUICK);
    loop {
        paces.tick().await;
        company.test.world.pass(Duration::from_secs(60));
    }
}

/// Answers for a line that somebody else reads.
fn keep_answering_while(client: &Client, record: &str, line: Uuid) -> JoinHandle<()> {
    let (client, address) = (client.clone(), format!("{record}/here"));
    tokio::spawn(async move {
        let mut paces = tokio::time::interval(QUICK / 5);
        loop {
            paces.tick().await;
            client.post_json(&address, &StillHere { line, editing: false }).await;
        }
    })
}
