//! Tells a message broker (RabbitMQ, AMQP 0.9.1) what happened: every event of every company, at least once, each company's in order.
//!
//! A durable cursor per company says how far the broker has it; it moves only once the broker has confirmed, so neither a broker nor a server that dies loses an
//! event. What is sent again has the same message id. While it is sent, the cursor's row is locked: of several servers one publishes for a company, and when
//! that one dies the next takes over at once.
//!
//! Messages are persistent and mandatory: a confirmed one lies in at least one queue. For what nobody has bound a queue, there is one of our own
//! ([`topology`]). Whether the broker is there holds up nothing else; the line is tried again for ever, with growing pauses.
//!
//! Deliberately absent: consuming from the broker. What the world wants of Holdfast it says through the API.

mod address;
mod line;
mod message;
mod topology;

use super::queries;
use crate::environment::Environment;
use crate::failure::Fault;
use crate::http::App;
use crate::metrics;
use crate::sync::Movements;
use crate::tenancy::{Database, TenantScope};
use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};
use holdfast_domain::kernel::TenantId;
use line::{Broke, Line};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

pub use address::BrokerAddress;
pub use topology::{EXCHANGE, UNROUTED};

/// Its cursor's name, for ever.
const CURSOR: &str = "events.broker";
/// The most events of one company that are under way at once.
const BATCH: u32 = 500;
/// How many companies' events are under way at once; each holds a database connection.
const COMPANIES_AT_ONCE: usize = 4;
/// How often all companies are looked at, and a line that is idle.
const SWEEP: Duration = Duration::from_secs(15);
/// The wait after a line broke; it doubles from there.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The wait after a company's events could not be published; it doubles from there.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest of those: what the broker refuses was taken by other listeners, who hear it again each time.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Publishes to a broker.
pub struct Broker {
    database: Database,
    environment: Environment,
    movements: Movements,
    address: BrokerAddress,
}

/// Why nothing goes on with a company.
enum Stuck {
    /// The line to the broker broke.
    Line(Fault),
    /// The database failed, or an event is refused; the line is sound.
    Company(Fault),
}

/// A company whose events could not be published so many times in a row; nothing is tried before that time.
#[derive(Clone, Copy)]
struct Waiting {
    times: u32,
    again_at: Duration,
}

impl From<Fault> for Stuck {
    fn from(fault: Fault) -> Self {
        Self::Company(fault)
    }
}

/// How far a company's turn got.
#[derive(PartialEq, Eq)]
enum Turn {
    /// The broker has all there is, or another server is at it.
    Through,
    /// There may be more.
    Further,
}

impl Broker {
    /// For a server's events.
    pub fn of(app: &App, address: BrokerAddress) -> Self {
        Self { database: app.database.clone(), environment: app.environment.clone(), movements: app.movements.clone(), address }
    }

    /// Runs until `stopping` becomes true.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        let mut pause = FIRST_PAUSE;
        while !*stopping.borrow() {
            let fault = match Line::open(&self.address).await {
                Ok(line) => {
                    tracing::info!("the broker is there");
                    metrics::set_broker_connected(true);
                    let ended = self.relay(&line, &mut pause, &mut stopping).await;
                    metrics::set_broker_connected(false);
                    line.close().await;
                    match ended {
                        Ok(()) => return,
                        Err(fault) => fault,
                    }
                }
                Err(fault) => fault,
            };
            tracing::warn!(error = %fault, pause_ms = pause.as_millis(), "events wait for the broker");
            if pause == LONGEST_PAUSE {
                self.report().await;
            }
            tokio::select! {
                _ = stopping.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Publishes as events come, until told to stop or the line breaks. A line that has carried a round is a sound one: `pause` begins anew after it.
    async fn relay(&self, line: &Line, pause: &mut Duration, stopping: &mut watch::Receiver<bool>) -> Result<(), Fault> {
        let mut movements = self.movements.listen_to_all();
        let mut waiting: BTreeMap<TenantId, Waiting> = BTreeMap::new();
        let mut due = self.all_tenants().await;
        // Whatever else happens meanwhile: a word that was lost on its way is made good by then.
        let mut sweep = tokio::time::interval_at(Instant::now() + SWEEP, SWEEP);
        loop {
            if *stopping.borrow() {
                return Ok(());
            }
            let now = self.environment.elapsed();
            due.retain(|tenant| waiting.get(tenant).is_none_or(|waiting| waiting.again_at <= now));
            if !due.is_empty() {
                due = self.turns(line, due, &mut waiting).await?;
                *pause = FIRST_PAUSE;
            }
            let mut swept = false;
            if due.is_empty() {
                let now = self.environment.elapsed();
                let retry = waiting.values().map(|waiting| waiting.again_at.saturating_sub(now)).min().unwrap_or(SWEEP);
                tokio::select! {
                    stopped = stopping.changed() => if stopped.is_err() { return Ok(()) },
                    moved = movements.next() => due = moved,
                    _ = sweep.tick() => swept = true,
                    () = tokio::time::sleep(retry) => {}
                }
                line.check()?;
            } else {
                // One company that has much to tell keeps no other waiting.
                due.extend(movements.next().now_or_never().unwrap_or_default());
                swept = sweep.tick().now_or_never().is_some();
            }
            let now = self.environment.elapsed();
            due.extend(waiting.iter().filter(|(_, waiting)| waiting.again_at <= now).map(|(tenant, _)| *tenant));
            if swept {
                self.report().await;
                due.extend(self.all_tenants().await);
            }
        }
    }

    /// A turn for each of these companies; those that may have more.
    async fn turns(&self, line: &Line, due: BTreeSet<TenantId>, waiting: &mut BTreeMap<TenantId, Waiting>) -> Result<BTreeSet<TenantId>, Fault> {
        let mut turns = stream::iter(due).map(|tenant| async move { (tenant, self.turn(line, tenant).await) }).buffer_unordered(COMPANIES_AT_ONCE);
        let (mut further, mut broke) = (BTreeSet::new(), None);
        while let Some((tenant, turn)) = turns.next().await {
            match turn {
                Ok(turn) => {
                    waiting.remove(&tenant);
                    if turn == Turn::Further {
                        further.insert(tenant);
                    }
                }
                // What is under way for the others is kept, as far as it is confirmed.
                Err(Stuck::Line(fault)) => broke = Some(fault),
                Err(Stuck::Company(fault)) => {
                    let times = waiting.get(&tenant).map_or(1, |waiting| waiting.times + 1);
                    let wait = FIRST_WAIT.saturating_mul(1 << times.min(16)).min(LONGEST_WAIT);
                    tracing::error!(tenant.id = %tenant, times, error = %fault, "events were not published");
                    waiting.insert(tenant, Waiting { times, again_at: self.environment.elapsed() + wait });
                }
            }
        }
        broke.map_or(Ok(further), Err)
    }

    /// Publishes the next of a company's events, and keeps how far the broker has them.
    async fn turn(&self, line: &Line, tenant: TenantId) -> Result<Turn, Stuck> {
        let mut tx = self.database.tenant(TenantScope::system(tenant)).await?;
        let Some(cursor) = queries::lock_cursor(&mut tx, CURSOR).await? else { return Ok(Turn::Through) };
        let events = queries::events_after(&mut tx, cursor, None, BATCH).await?;
        let places: Vec<_> = events.iter().map(|event| event.place).collect();
        if places.is_empty() {
            tx.commit().await?;
            return Ok(Turn::Through);
        }
        let (confirmed, broke) = line.publish(events).await;
        if let Some(last) = confirmed.checked_sub(1).and_then(|last| places.get(last)) {
            queries::move_cursor(&mut tx, CURSOR, *last).await?;
            tx.commit().await?;
            metrics::count_broker_published(confirmed);
        }
        match broke {
            Some(Broke::Line(fault)) => Err(Stuck::Line(fault)),
            Some(Broke::Refused(fault)) => Err(Stuck::Company(fault)),
            None if places.len() < BATCH as usize => Ok(Turn::Through),
            None => Ok(Turn::Further),
        }
    }

    async fn all_tenants(&self) -> BTreeSet<TenantId> {
        let listed = async { self.database.before_tenant().await?.tenants().await };
        listed.await.map(BTreeSet::from_iter).unwrap_or_else(|fault: Fault| {
            tracing::error!(error = %fault, "the tenants could not be listed");
            BTreeSet::new()
        })
    }

    async fn report(&self) {
        // What cannot be counted now is counted the next time.
        if let Ok((events, oldest_ms)) = self.behind().await {
            metrics::set_broker_lag(events, Duration::from_millis(oldest_ms));
        }
    }

    /// How many events the broker does not have yet, of all companies, and how old the oldest is, in milliseconds.
    pub(crate) async fn behind(&self) -> Result<(u64, u64), Fault> {
        let (mut events, mut oldest_ms) = (0, 0);
        for tenant in self.database.before_tenant().await?.tenants().await? {
            let mut tx = self.database.tenant(TenantScope::system(tenant)).await?;
            let behind = queries::behind(&mut tx, CURSOR, None).await?;
            tx.commit().await?;
            events += behind.events;
            let age_ms = behind.oldest.map_or(0, |oldest| self.environment.now().0 - oldest.0);
            oldest_ms = oldest_ms.max(u64::try_from(age_ms).unwrap_or(0));
        }
        Ok((events, oldest_ms))
    }
}
