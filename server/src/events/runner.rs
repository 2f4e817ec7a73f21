//! Takes each consumer through each tenant's events: at start, whenever a tenant's feed moves, when something set aside is to be tried again, and now and
//! then for what was missed.

use super::set_aside::{self, Standing};
use super::step::{self, Step, Stone, Stumble, kinds};
use super::{Consumer, Effect, queries};
use crate::environment::Environment;
use crate::failure::Fault;
use crate::http::App;
use crate::metrics;
use crate::sync::Movements;
use crate::tenancy::{Database, TenantScope};
use futures::FutureExt as _;
use holdfast_domain::kernel::TenantId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How often all tenants are looked at, whether their feed is known to have moved or not.
const SWEEP: Duration = Duration::from_secs(30);
/// The wait after the database failed a first time; it doubles from there.
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

/// How a consumer stands with a tenant that it is not through with. Times are by the clock that only runs forward.
#[derive(Debug, Clone, Copy)]
enum Unfinished {
    /// The database failed so many times in a row; nothing is tried before that time.
    Failing { times: u32, again_at: Duration },
    /// Events are set aside; the next is due then, if any is.
    SetAside { standing: Standing, again_at: Option<Duration> },
}

impl Unfinished {
    fn put_off(self, until: Duration) -> Self {
        match self {
            Self::Failing { times, again_at } => Self::Failing { times, again_at: again_at.max(until) },
            Self::SetAside { standing, again_at } => Self::SetAside { standing, again_at: again_at.map(|at| at.max(until)) },
        }
    }

    fn again_at(self) -> Option<Duration> {
        match self {
            Self::Failing { again_at, .. } => Some(again_at),
            Self::SetAside { again_at, .. } => again_at,
        }
    }
}

/// How far a tenant's turn got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walked {
    /// Nothing is to be done now.
    ToTheEnd(Standing),
    /// Another server is at it.
    Elsewhere,
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
        let mut unfinished: BTreeMap<TenantId, Unfinished> = BTreeMap::new();
        let mut due = self.all_tenants(consumer).await;
        // Whatever else happens meanwhile: a word that was lost on its way is made good by then.
        let mut sweep = tokio::time::interval_at(Instant::now() + SWEEP, SWEEP);
        loop {
            for tenant in std::mem::take(&mut due) {
                if *stopping.borrow() {
                    return;
                }
                if self.attend(consumer, tenant, &mut unfinished).await == Walked::Further {
                    due.insert(tenant);
                }
            }
            let mut swept = false;
            if due.is_empty() {
                self.report(consumer, &unfinished).await;
                let now = self.environment.elapsed();
                let retry = unfinished.values().filter_map(|left| left.again_at()).min().map_or(SWEEP, |at| at.saturating_sub(now));
                tokio::select! {
                    stopped = stopping.changed() => if stopped.is_err() { return },
                    moved = movements.next() => due = moved,
                    _ = sweep.tick() => swept = true,
                    () = tokio::time::sleep(retry) => {}
                }
            } else {
                // One company that has much to do keeps no other waiting.
                due.extend(movements.next().now_or_never().unwrap_or_default());
                swept = sweep.tick().now_or_never().is_some();
            }
            due.extend(self.due_again(&unfinished));
            if swept {
                due.extend(self.all_tenants(consumer).await);
            }
            if *stopping.borrow() {
                return;
            }
        }
    }

    fn due_again(&self, unfinished: &BTreeMap<TenantId, Unfinished>) -> BTreeSet<TenantId> {
        let now = self.environment.elapsed();
        unfinished.iter().filter(|(_, left)| left.again_at().is_some_and(|at| at <= now)).map(|(tenant, _)| *tenant).collect()
    }

    async fn all_tenants(&self, consumer: &dyn Consumer) -> BTreeSet<TenantId> {
        self.tenants().await.map(BTreeSet::from_iter).unwrap_or_else(|fault| {
            tracing::error!(consumer = consumer.name(), error = %fault, "the tenants could not be listed");
            BTreeSet::new()
        })
    }

    /// Walks, unless the database failed and its turn has not come again; keeps what is left to do.
    async fn attend(&self, consumer: &dyn Consumer, tenant: TenantId, unfinished: &mut BTreeMap<TenantId, Unfinished>) -> Walked {
        let times = match unfinished.get(&tenant) {
            Some(Unfinished::Failing { again_at, .. }) if *again_at > self.environment.elapsed() => return Walked::Elsewhere,
            Some(Unfinished::Failing { times, .. }) => *times,
            Some(Unfinished::SetAside { .. }) | None => 0,
        };
        let walked = self.walk(consumer, tenant).await;
        let left = match &walked {
            // What is known of it stands, and is looked at again: that server may die.
            Ok(Walked::Elsewhere) => unfinished.get(&tenant).map(|left| left.put_off(self.environment.elapsed() + FIRST_PAUSE)),
            Ok(Walked::ToTheEnd(standing)) if *standing == Standing::default() => None,
            Ok(Walked::ToTheEnd(standing)) => Some(Unfinished::SetAside { standing: *standing, again_at: self.by_our_clock(*standing) }),
            Ok(Walked::Further) => None,
            Err(fault) => {
                let times = times + 1;
                let pause = FIRST_PAUSE.saturating_mul(1 << times.min(16)).min(LONGEST_PAUSE);
                tracing::error!(consumer = consumer.name(), tenant.id = %tenant, times, error = %fault, "events wait for the database");
                Some(Unfinished::Failing { times, again_at: self.environment.elapsed() + pause })
            }
        };
        match left {
            Some(left) => unfinished.insert(tenant, left),
            None => unfinished.remove(&tenant),
        };
        walked.unwrap_or(Walked::Elsewhere)
    }

    fn by_our_clock(&self, standing: Standing) -> Option<Duration> {
        let wait_ms = standing.next_try_at?.0.saturating_sub(self.environment.now().0);
        Some(self.environment.elapsed() + Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0)))
    }

    /// Works through what there is, or a turn's worth of it. A batch that fails at an event is done again up to it, and then the event is set aside.
    async fn walk(&self, consumer: &dyn Consumer, tenant: TenantId) -> Result<Walked, Fault> {
        let mut limit = consumer.batch();
        for _ in 0..STEPS_PER_TURN {
            match self.step(consumer, tenant, limit).await {
                Ok(Step::Done(_, effect)) => {
                    limit = consumer.batch();
                    if effect == Effect::Seen {
                        self.movements.moved(tenant);
                    }
                }
                Ok(Step::Rest(standing)) => return Ok(Walked::ToTheEnd(standing)),
                Ok(Step::Elsewhere) => return Ok(Walked::Elsewhere),
                Err(Stumble::At(stone)) if stone.before > 0 => limit = stone.before,
                Err(Stumble::At(stone)) => {
                    limit = consumer.batch();
                    self.set_aside(consumer, &stone).await?;
                }
                // Perhaps one of them is more than the database takes.
                Err(Stumble::Fault(fault)) if limit > 1 => {
                    tracing::warn!(consumer = consumer.name(), tenant.id = %tenant, error = %fault, "events are consumed one by one");
                    limit = 1;
                }
                Err(Stumble::Fault(fault)) => return Err(fault),
            }
        }
        Ok(Walked::Further)
    }

    async fn step(&self, consumer: &dyn Consumer, tenant: TenantId, limit: u32) -> Result<Step, Stumble> {
        let step = self.database.in_tenant(&TenantScope::system(tenant), |tx| step::step(tx, consumer, limit)).await?;
        if let Step::Done(count, _) = step {
            metrics::count_consumed(consumer.name(), count);
        }
        Ok(step)
    }

    async fn set_aside(&self, consumer: &dyn Consumer, stone: &Stone) -> Result<(), Fault> {
        let Stone { event, fault, .. } = stone;
        let error = fault.to_string();
        let scope = TenantScope::system(event.tenant);
        let tries = self.database.in_tenant(&scope, |tx| set_aside::set_aside(tx, consumer, event, &error)).await?;
        if let Some(tries) = tries {
            tracing::error!(consumer = consumer.name(), tenant.id = %event.tenant, event.id = %event.id, tries, error, "an event is set aside");
        }
        Ok(())
    }

    /// How far the consumer is behind with the tenants that it is not through with; elsewhere it is at the end.
    async fn report(&self, consumer: &dyn Consumer, unfinished: &BTreeMap<TenantId, Unfinished>) {
        let (mut events, mut parked, mut lag_ms) = (0, 0, 0);
        for (tenant, left) in unfinished {
            match left {
                Unfinished::SetAside { standing, .. } => {
                    parked += standing.parked;
                    events += standing.waiting;
                }
                Unfinished::Failing { .. } => {
                    if let Ok(behind) = self.behind(consumer, *tenant).await {
                        events += behind.events;
                        let age_ms = behind.oldest.map_or(0, |oldest| self.environment.now().0 - oldest.0);
                        lag_ms = lag_ms.max(u64::try_from(age_ms).unwrap_or(0));
                    }
                }
            }
        }
        metrics::set_parked_events(consumer.name(), parked);
        metrics::set_consumer_lag(consumer.name(), events);
        metrics::set_outbox_lag(consumer.name(), Duration::from_millis(lag_ms));
    }

    async fn behind(&self, consumer: &dyn Consumer, tenant: TenantId) -> Result<queries::Behind, Fault> {
        let mut tx = self.database.tenant(TenantScope::system(tenant)).await?;
        queries::behind(&mut tx, consumer.name(), Some(&kinds(consumer))).await
    }
}
