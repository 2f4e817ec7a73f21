//! The facts of a document, and what whoever reads them made of them: each is read once, however often the document is looked at while it grows.

use crate::ids::FactId;
use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The facts of a document: container → fact id → the fact's CBOR. Copies share what was read.
#[derive(Clone, Default)]
pub struct Facts {
    containers: BTreeMap<String, BTreeMap<FactId, Arc<Fact>>>,
    /// What all of them add up to, once somebody asked.
    sum: OnceLock<Arc<dyn Any + Send + Sync>>,
}

struct Fact {
    bytes: Vec<u8>,
    /// What the bytes say, once somebody asked.
    read: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Facts {
    /// Adds a fact; a fact that is there already stays as it is.
    pub fn insert(&mut self, container: &str, id: FactId, bytes: Vec<u8>) {
        let fact = || Arc::new(Fact { bytes, read: OnceLock::new() });
        match self.containers.get_mut(container) {
            Some(facts) => facts.entry(id).or_insert_with(fact),
            None => self.containers.entry(container.to_owned()).or_default().entry(id).or_insert_with(fact),
        };
        self.sum = OnceLock::new();
    }

    /// The facts of one container, by id.
    pub fn of(&self, container: &str) -> impl Iterator<Item = (FactId, &[u8])> {
        self.containers.get(container).into_iter().flatten().map(|(id, fact)| (*id, fact.bytes.as_slice()))
    }

    /// Whether the container holds a fact of that id.
    pub fn contains(&self, container: &str, id: FactId) -> bool {
        self.containers.get(container).is_some_and(|facts| facts.contains_key(&id))
    }

    /// All facts: container, id, bytes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, FactId, &[u8])> {
        self.all().map(|(name, id, fact)| (name, id, fact.bytes.as_slice()))
    }

    /// All facts: container, id, and what `read` makes of the bytes, which it is asked once for each.
    pub fn read<T: Any + Clone + Send + Sync>(&self, read: impl Fn(&[u8]) -> T) -> impl Iterator<Item = (&str, FactId, Cow<'_, T>)> {
        self.all().map(move |(name, id, fact)| {
            let known = fact.read.get_or_init(|| Box::new(read(&fact.bytes)));
            // Who reads them as something else asks for themselves.
            let said = known.downcast_ref().map_or_else(|| Cow::Owned(read(&fact.bytes)), Cow::Borrowed);
            (name, id, said)
        })
    }

    /// What `add` makes of all facts, which it is asked once for, until there is one more.
    pub fn sum<T: Any + Send + Sync>(&self, add: impl Fn(&Self) -> T) -> Arc<T> {
        let known = self.sum.get_or_init(|| Arc::new(add(self)));
        Arc::clone(known).downcast().unwrap_or_else(|_| Arc::new(add(self)))
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        self.containers.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing has been said yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn all(&self) -> impl Iterator<Item = (&str, FactId, &Fact)> {
        self.containers.iter().flat_map(|(name, facts)| facts.iter().map(move |(id, fact)| (name.as_str(), *id, &**fact)))
    }
}

/// By what is said, whoever has read it.
impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Facts {}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(name, id, bytes)| ((name, id), bytes))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn facts(ids: &[u8]) -> Facts {
        let mut facts = Facts::default();
        ids.iter().for_each(|id| facts.insert("lines", FactId::from_bytes([*id; 16]), vec![*id]));
        facts
    }

    #[test]
    fn a_fact_is_read_once_also_by_a_copy_that_grows() {
        let asked = AtomicUsize::new(0);
        let read = |facts: &Facts| -> Vec<usize> {
            let read = |bytes: &[u8]| {
                asked.fetch_add(1, Ordering::Relaxed);
                bytes.len() + usize::from(bytes[0])
            };
            facts.read(read).map(|(_, _, said)| said.into_owned()).collect()
        };
        let two = facts(&[1, 2]);
        assert_eq!(read(&two), [2, 3]);
        let mut three = two.clone();
        three.insert("lines", FactId::from_bytes([3; 16]), vec![3]);
        assert_eq!((read(&three), read(&two)), (vec![2, 3, 4], vec![2, 3]));
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn what_they_add_up_to_is_made_anew_when_there_is_one_more() {
        let mut facts = facts(&[1]);
        assert_eq!((*facts.sum(Facts::len), *facts.sum(Facts::len)), (1, 1));
        facts.insert("lines", FactId::from_bytes([2; 16]), vec![2]);
        assert_eq!(*facts.sum(Facts::len), 2);
    }

    #[test]
    fn whoever_reads_them_as_something_else_gets_that() {
        let facts = facts(&[7]);
        assert_eq!(facts.read(<[u8]>::len).map(|(_, _, said)| said.into_owned()).collect::<Vec<_>>(), [1]);
        assert_eq!(facts.read(<[u8]>::to_vec).map(|(_, _, said)| said.into_owned()).collect::<Vec<_>>(), [vec![7]]);
        assert_eq!((*facts.sum(Facts::len), *facts.sum(Facts::is_empty)), (1, false));
    }

    #[test]
    fn a_fact_that_is_there_stays_as_it_is() {
        let mut twice = facts(&[1]);
        twice.insert("lines", FactId::from_bytes([1; 16]), vec![9]);
        assert_eq!(twice, facts(&[1]));
    }
}
