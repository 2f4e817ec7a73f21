//! Takes each consumer through each tenant's events: at start, whenever a tenant's feed moves, and now and then for what was missed.

use super::{Consumer, Effect, queries};
use crate::environment::Environment;
use crate::failure::Fault;
use crate::http::App;
use crate::metrics;
use crate::sync::Movements;
use crate::tenancy::{Database, Done, TenantScope, TenantTx};
use holdfast_domain::kernel::TenantId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often all tenants are looked at, whether their feed is known to have moved or not.
const SWEEP: Duration = Duration::from_secs(30);
/// The wait after a first failure; it doubles from there.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How many steps a tenant's turn has, so that a busy one does not keep the others waiting.
const STEPS_PER_TURN: u32 = 32;

/// Runs the consumers.
pub struct Runner {
    /// The door to the tables.
    pub database: Database,
    /// The time.
    pub environment: Environment,
    /// Says which tenant's feed moved.
    pub movements: Movements,
    /// Each consumer, once.
    pub consumers: Vec<Arc<dyn Consumer>>,
}

/// How a consumer stands with a tenant where it failed.
#[derive(Debug, Clone, Copy)]
struct Parked {
    failures: u32,
    /// By the clock that only runs forward.
    again_at: Duration,
}

/// What a step through the events came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// So many events were worked through; there may be more.
    Done(u32, Effect),
    /// Nothing is left, or another server is at it.
    Rest,
}

/// How far a tenant's turn got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walked {
    /// Nothing was left.
    ToTheEnd,
    /// There may be more; the others come first.
    Further,
}

impl Runner {
    /// For a server's own consumers.
    pub fn of(app: &App) -> Self {
        Self {
            database: app.database.clone(),
            environment: app.environment.clone(),
            movements: app.movements.clone(),
            consumers: crate::consumers(app),
        }
    }

    /// Runs until `stopping` becomes true. Each consumer goes at its own pace.
    pub async fn run(self, stopping: watch::Receiver<bool>) {
        let runner = Arc::new(self);
        let mut tasks = JoinSet::new();
        for consumer in &runner.consumers {
            let (runner, consumer, stopping) = (Arc::clone(&runner), Arc::clone(consumer), stopping.clone());
            tasks.spawn(async move { runner.keep_walking(consumer.as_ref(), stopping).await });
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Takes each consumer through everything that there is, once.
    pub async fn catch_up(&self) -> Result<(), Fault> {
        for tenant in self.tenants().await? {
            for consumer in &self.consumers {
                while self.walk(consumer.as_ref(), tenant).await? == Walked::Further {}
            }
        }
        Ok(())
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, Fault> {
        self.database.before_tenant().await?.tenants().await
    }

    async fn keep_walking(&self, consumer: &dyn Consumer, mut stopping: watch::Receiver<bool>) {
        let mut movements = self.movements.listen_to_all();
        let mut parked: BTreeMap<TenantId, Parked> = BTreeMap::new();
        let mut due = self.all_tenants(consumer).await;
        loop {
            for tenant in std::mem::take(&mut due) {
                if *stopping.borrow() {
                    return;
                }
                if self.attend(consumer, tenant, &mut parked).await == Walked::Further {
                    due.insert(tenant);
                }
            }
            if !due.is_empty() {
                continue;
            }
            self.report(consumer, &parked).await;
            let retry = parked.values().map(|parked| parked.again_at).min().map_or(SWEEP, |at| at.saturating_sub(self.environment.elapsed()));
            let sooner = retry < SWEEP;
            tokio::select! {
                stopped = stopping.changed() => if stopped.is_err() { return },
                moved = movements.next() => due = moved,
                () = tokio::time::sleep(retry.min(SWEEP)) => due = if sooner { parked.keys().copied().collect() } else { self.all_tenants(consumer).await },
            }
            if *stopping.borrow() {
                return;
            }
        }
    }

    async fn all_tenants(&self, consumer: &dyn Consumer) -> BTreeSet<TenantId> {
        self.tenants().await.map(BTreeSet::from_iter).unwrap_or_else(|fault| {
            tracing::error!(consumer = consumer.name(), error = %fault, "the tenants could not be listed");
            BTreeSet::new()
        })
    }

    /// Walks, unless the tenant's turn has not come again; keeps count of failures.
    async fn attend(&self, consumer: &dyn Consumer, tenant: TenantId, parked: &mut BTreeMap<TenantId, Parked>) -> Walked {
        if parked.get(&tenant).is_some_and(|parked| parked.again_at > self.environment.elapsed()) {
            return Walked::ToTheEnd;
        }
        match self.walk(consumer, tenant).await {
            Ok(walked) => {
                parked.remove(&tenant);
                walked
            }
            Err(fault) => {
                let failures = parked.get(&tenant).map_or(0, |parked| parked.failures) + 1;
                let pause = FIRST_PAUSE.saturating_mul(1 << failures.min(16)).min(LONGEST_PAUSE);
                parked.insert(tenant, Parked { failures, again_at: self.environment.elapsed() + pause });
                tracing::error!(consumer = consumer.name(), tenant.id = %tenant, failures, error = %fault, "an event waits for another try");
                Walked::ToTheEnd
            }
        }
    }

    /// Works through what there is, or a turn's worth of it. A batch that fails is done again event by event, so that only what is behind the failing
    /// one waits.
    async fn walk(&self, consumer: &dyn Consumer, tenant: TenantId) -> Result<Walked, Fault> {
        for _ in 0..STEPS_PER_TURN {
            let step = match self.step(consumer, tenant, consumer.batch()).await {
                Err(_) if consumer.batch() > 1 => self.step(consumer, tenant, 1).await?,
                other => other?,
            };
            match step {
                Step::Done(_, Effect::Seen) => self.movements.moved(tenant),
                Step::Done(_, Effect::Unseen) => {}
                Step::Rest => return Ok(Walked::ToTheEnd),
            }
        }
        Ok(Walked::Further)
    }

    async fn step(&self, consumer: &dyn Consumer, tenant: TenantId, limit: u32) -> Result<Step, Fault> {
        let step = self.database.in_tenant(&TenantScope::system(tenant), |tx| step(tx, consumer, limit)).await?;
        if let Step::Done(count, _) = step {
            metrics::count_consumed(consumer.name(), count);
        }
        Ok(step)
    }

    /// How far the consumer is behind with the tenants where it stands still; elsewhere it is at the end.
    async fn report(&self, consumer: &dyn Consumer, parked: &BTreeMap<TenantId, Parked>) {
        let (mut events, mut lag_ms) = (0, 0);
        for tenant in parked.keys() {
            if let Ok(behind) = self.behind(consumer, *tenant).await {
                events += behind.events;
                let age_ms = behind.oldest.map_or(0, |oldest| self.environment.now().0 - oldest.0);
                lag_ms = lag_ms.max(u64::try_from(age_ms).unwrap_or(0));
            }
        }
        metrics::set_parked_events(consumer.name(), parked.len());
        metrics::set_consumer_lag(consumer.name(), events);
        metrics::set_outbox_lag(consumer.name(), Duration::from_millis(lag_ms));
    }

    async fn behind(&self, consumer: &dyn Consumer, tenant: TenantId) -> Result<queries::Behind, Fault> {
        let mut tx = self.database.tenant(TenantScope::system(tenant)).await?;
        queries::behind(&mut tx, consumer.name(), &kinds(consumer)).await
    }
}

/// The next events, their effects, and the cursor: all in one transaction.
async fn step(mut tx: TenantTx, consumer: &dyn Consumer, limit: u32) -> Result<Done<Step>, Fault> {
    let Some(cursor) = queries::lock_cursor(&mut tx, consumer.name()).await? else { return Ok(tx.done(Step::Rest)) };
    let events = queries::events_after(&mut tx, cursor, Some(&kinds(consumer)), limit).await?;
    let Some(last) = events.last().map(|event| event.place) else { return Ok(tx.done(Step::Rest)) };
    queries::move_cursor(&mut tx, consumer.name(), last).await?;
    let mut effect = Effect::Unseen;
    for event in &events {
        if queries::insert_effect(&mut tx, consumer.name(), event.id).await? {
            tx.set_cause(event.cause.clone());
            effect = effect.max(consumer.handle(&mut tx, event).await?);
        }
    }
    Ok(tx.done(Step::Done(u32::try_from(events.len()).unwrap_or(u32::MAX), effect)))
}

fn kinds(consumer: &dyn Consumer) -> Vec<String> {
    consumer.kinds().iter().map(|kind| (*kind).to_owned()).collect()
}
