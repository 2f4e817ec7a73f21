//! Time and randomness that a test decides.

use holdfast_domain::kernel::Timestamp;
use holdfast_server::environment::{Clock, Entropy, Environment};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// 2026-11-20T09:00:00Z, when every test begins.
pub const MORNING: Timestamp = Timestamp(1_795_165_200_000);

/// The world a test's server lives in. Clones share the clock.
#[derive(Clone)]
pub struct TestWorld {
    clock: Arc<TestClock>,
    entropy: Arc<SeededEntropy>,
}

struct TestClock(AtomicI64);
struct SeededEntropy(Mutex<ChaCha12Rng>);

impl TestWorld {
    /// It is morning.
    pub fn new() -> Self {
        Self { clock: Arc::new(TestClock(AtomicI64::new(MORNING.0))), entropy: Arc::new(SeededEntropy(Mutex::new(ChaCha12Rng::seed_from_u64(1)))) }
    }

    /// Time passes.
    pub fn pass(&self, time: Duration) {
        self.clock.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// It is that time.
    pub fn set(&self, now: Timestamp) {
        self.clock.0.store(now.0, Ordering::SeqCst);
    }

    /// For the server.
    pub fn environment(&self) -> Environment {
        Environment::new(self.clock.clone(), self.entropy.clone())
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.now().0).unwrap())
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(bytes);
    }
}
