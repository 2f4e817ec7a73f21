//! Who is told that a tenant's feed moved, or that someone's rights did: listeners on this server at once, those on others through the
//! [relay](super::relay).

use holdfast_domain::kernel::TenantId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, watch};

/// Tells whoever listens. Moves that come faster than a listener takes them are told once.
#[derive(Clone, Default)]
pub struct Movements {
    tenants: Arc<Mutex<BTreeMap<TenantId, Senders>>>,
    any: Arc<watch::Sender<u64>>,
    /// What began here and other servers have not been told; at most two words per tenant.
    untold: Arc<Untold>,
}

#[derive(Default)]
struct Untold {
    words: Mutex<BTreeSet<Word>>,
    more: Notify,
}

/// What is told of one tenant.
#[derive(Clone, Default)]
struct Senders {
    feed: watch::Sender<u64>,
    rights: watch::Sender<u64>,
}

/// Something that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    /// The tenant's feed.
    Feed(TenantId),
    /// A session, a device or a grant of the tenant's ended.
    Rights(TenantId),
}

/// Learns which tenants' feeds moved.
pub struct AllMovements {
    movements: Movements,
    any: watch::Receiver<u64>,
    seen: BTreeMap<TenantId, u64>,
}

impl Movements {
    /// The feed moved.
    pub fn moved(&self, tenant: TenantId) {
        self.began_here(Word::Feed(tenant));
    }

    /// A session, a device or a grant ended: whoever holds a line open looks again whether it may.
    pub fn rights_changed(&self, tenant: TenantId) {
        self.began_here(Word::Rights(tenant));
    }

    /// Learns of all tenants' moves from now on.
    pub fn listen_to_all(&self) -> AllMovements {
        AllMovements { any: self.any.subscribe(), seen: self.counts(), movements: self.clone() }
    }

    /// Learns of the moves from now on.
    pub fn listen(&self, tenant: TenantId) -> watch::Receiver<u64> {
        self.senders(tenant).feed.subscribe()
    }

    pub(super) fn listen_to_rights(&self, tenant: TenantId) -> watch::Receiver<u64> {
        self.senders(tenant).rights.subscribe()
    }

    /// It moved, here or elsewhere.
    pub(super) fn tell(&self, word: Word) {
        match word {
            Word::Feed(tenant) => {
                self.senders(tenant).feed.send_modify(|count| *count += 1);
                self.any.send_modify(|count| *count += 1);
            }
            Word::Rights(tenant) => self.senders(tenant).rights.send_modify(|count| *count += 1),
        }
    }

    /// Nobody knows what was missed: everything that somebody listens to may have moved.
    pub(super) fn tell_everything(&self) {
        for tenant in self.counts().into_keys() {
            self.tell(Word::Feed(tenant));
            self.tell(Word::Rights(tenant));
        }
    }

    /// Waits for what began here, to be told elsewhere.
    pub(super) async fn untold(&self) -> BTreeSet<Word> {
        loop {
            let words = std::mem::take(&mut *self.untold.words.lock().unwrap_or_else(PoisonError::into_inner));
            if !words.is_empty() {
                return words;
            }
            self.untold.more.notified().await;
        }
    }

    /// Says again what could not be told.
    pub(super) fn still_untold(&self, words: BTreeSet<Word>) {
        self.untold.words.lock().unwrap_or_else(PoisonError::into_inner).extend(words);
        self.untold.more.notify_one();
    }

    fn began_here(&self, word: Word) {
        self.tell(word);
        self.still_untold(BTreeSet::from([word]));
    }

    fn counts(&self) -> BTreeMap<TenantId, u64> {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.iter().map(|(tenant, sender)| (*tenant, *sender.feed.borrow())).collect()
    }

    fn senders(&self, tenant: TenantId) -> Senders {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.entry(tenant).or_default().clone()
    }
}

impl AllMovements {
    /// Waits for a move, and says whose feeds moved since it was asked last.
    pub async fn next(&mut self) -> BTreeSet<TenantId> {
        self.any.changed().await.expect("the sender lives as long as the movements held here");
        let counts = self.movements.counts();
        let moved = counts.iter().filter(|(tenant, count)| self.seen.get(tenant) != Some(count)).map(|(tenant, _)| *tenant).collect();
        self.seen = counts;
        moved
    }
}
