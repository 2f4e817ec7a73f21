//! Events that cannot be read, so that whoever hears of them fails, as it would on its own mistake.

use super::Company;
use holdfast_domain::events::{ParkedEvent, ParkedPage};
use holdfast_server::events::Runner;
use sqlx::{ConnectOptions as _, Connection as _};
use std::time::Duration;

/// The company's events of these types lose their bodies.
pub async fn spoil(company: &Company, kinds: &[&str]) {
    let statement = "update events set data = jsonb_build_object('spoiled', data) where tid = $1 and type = any ($2) and not data ? 'spoiled'";
    let mut superuser = company.test.as_superuser().connect().await.unwrap();
    let spoiled = sqlx::query(statement).bind(company.tenant.0).bind(kinds).execute(&mut superuser).await.unwrap();
    assert!(spoiled.rows_affected() > 0, "there are such events");
    superuser.close().await.unwrap();
}

/// They have them again.
pub async fn mend(company: &Company) {
    let statement = "update events set data = data -> 'spoiled' where tid = $1 and data ? 'spoiled'";
    let mut superuser = company.test.as_superuser().connect().await.unwrap();
    sqlx::query(statement).bind(company.tenant.0).execute(&mut superuser).await.unwrap();
    superuser.close().await.unwrap();
}

/// Every consumer hears all there is, and again and again until it gives up on what it cannot stand.
pub async fn wear_out(company: &Company) {
    for _ in 0..10 {
        Runner::of(&company.app).catch_up().await.unwrap();
        company.test.world.pass(Duration::from_mins(1));
    }
}

/// Spoils events, and wears those out who hear of them: what is parked then, the last first.
pub async fn park(company: &Company, kinds: &[&str]) -> Vec<ParkedEvent> {
    spoil(company, kinds).await;
    wear_out(company).await;
    parked(company).await
}

/// What is parked, as the company's auditor sees it.
pub async fn parked(company: &Company) -> Vec<ParkedEvent> {
    let page: ParkedPage = company.sign_in("auditor").await.0.get("/api/v1/events/parked").await.json();
    assert_eq!(page.next, None);
    page.parked
}
