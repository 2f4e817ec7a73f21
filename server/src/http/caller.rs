//! Where a request came from, and how often somebody may come.
//!
//! The address is the connection's, unless that is a proxy that the operator named: only such a one's `X-Forwarded-For` is believed, and only as far
//! as it was written by such proxies. Sign-in throttling and the pace below rest on it, so that nobody chooses their own address.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const FORWARDED_FOR: &str = "x-forwarded-for";
/// Callers remembered; beyond, those whose pause is over are forgotten.
const MOST_CALLERS: usize = 100_000;

/// The proxies in front of the server.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Whoever connects from these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks.into())
    }

    /// The caller's address, given the connection's. A word that is no address ends the search: the last proxy that said something sound is taken.
    pub(super) fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let said: Vec<&str> =
            headers.get_all(FORWARDED_FOR).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(',')).collect();
        let mut caller = peer.to_canonical();
        for word in said.iter().rev() {
            let Ok(before) = word.trim().parse::<IpAddr>() else { break };
            if !self.trusts(caller) {
                break;
            }
            caller = before.to_canonical();
        }
        caller
    }

    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// How often one address may ask, over all routes.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// In the long run.
    pub per_second: u32,
    /// At once, after a quiet while.
    pub burst: u32,
}

/// Keeps each address to the pace: the generic cell rate algorithm, of which a caller costs one number.
#[derive(Clone)]
pub(super) struct Pacer {
    pace: Pace,
    /// By when each caller has used up what it asked for, on the clock that only runs forward.
    used_until: Arc<Mutex<HashMap<IpAddr, Duration>>>,
}

impl Pacer {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, used_until: Arc::default() }
    }

    /// Lets a request in, or says how long to wait.
    pub(super) fn admit(&self, caller: IpAddr, now: Duration) -> Result<(), Duration> {
        let each = Duration::from_secs(1) / self.pace.per_second.max(1);
        let mut callers = self.used_until.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MOST_CALLERS {
            callers.retain(|_, until| *until > now);
        }
        let until = callers.entry(household(caller)).or_insert(now);
        let next = (*until).max(now) + each;
        let ahead = next.saturating_sub(now).saturating_sub(each * self.pace.burst);
        if ahead.is_zero() {
            *until = next;
            return Ok(());
        }
        Err(ahead)
    }
}

/// How many things of each address are under way: requests, connections, open lines.
#[derive(Clone)]
pub(super) struct Seats {
    most: u32,
    taken: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

/// Given back when it is dropped.
pub(super) struct Seat {
    whose: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

impl Seats {
    pub(super) fn new(most: u32) -> Self {
        Self { most, taken: Arc::default() }
    }

    /// None where the address has as many as one may have.
    pub(super) fn take(&self, caller: IpAddr) -> Option<Seat> {
        let whose = household(caller);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(whose).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Seat { whose, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.whose);
            }
        }
    }
}

/// Who has one IPv6 address has 2^64 of them.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn caller(proxies: &[&str], peer: &str, said: &[&'static str]) -> String {
        let proxies = TrustedProxies::new(proxies.iter().map(|network| network.parse().unwrap()).collect());
        let headers = said.iter().map(|line| (FORWARDED_FOR.parse().unwrap(), HeaderValue::from_static(line))).collect();
        proxies.caller(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxys_word_on_the_address_counts() {
        assert_eq!(caller(&[], "203.0.113.7", &["198.51.100.1"]), "203.0.113.7", "nobody is trusted");
        assert_eq!(caller(&["10.0.0.0/8"], "203.0.113.7", &["198.51.100.1"]), "203.0.113.7", "a stranger is not");
        assert_eq!(caller(&["10.0.0.0/8"], "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(caller(&["10.0.0.0/8"], "::ffff:10.1.2.3", &["198.51.100.1"]), "198.51.100.1", "however it is written");
        assert_eq!(caller(&["10.0.0.0/8"], "10.1.2.3", &[]), "10.1.2.3", "it says nothing");
    }

    #[test]
    fn what_the_caller_itself_wrote_before_the_proxies_does_not_count() {
        assert_eq!(caller(&["10.0.0.0/8"], "10.1.2.3", &["1.2.3.4, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(caller(&["10.0.0.0/8"], "10.1.2.3", &["1.2.3.4", "198.51.100.1, 10.9.9.9"]), "198.51.100.1", "through two proxies");
        assert_eq!(caller(&["10.0.0.0/8"], "10.1.2.3", &["198.51.100.1, nonsense"]), "10.1.2.3", "nobody knows who wrote that");
    }

    #[test]
    fn a_caller_that_keeps_to_the_pace_is_never_stopped_and_one_beyond_it_is() {
        let pacer = Pacer::new(Pace { per_second: 10, burst: 3 });
        let (one, other): (IpAddr, IpAddr) = ("198.51.100.1".parse().unwrap(), "198.51.100.2".parse().unwrap());
        let at = Duration::from_millis;
        for _ in 0..3 {
            assert_eq!(pacer.admit(one, at(0)), Ok(()));
        }
        assert_eq!(pacer.admit(one, at(0)), Err(at(100)));
        assert_eq!(pacer.admit(other, at(0)), Ok(()), "another is not held up");
        assert_eq!(pacer.admit(one, at(99)), Err(at(1)), "being refused costs nothing more");
        for n in 1..=50 {
            assert_eq!(pacer.admit(one, at(100 * n)), Ok(()), "{n}");
        }
    }

    #[test]
    fn one_household_is_one_caller() {
        let pacer = Pacer::new(Pace { per_second: 1, burst: 1 });
        assert_eq!(pacer.admit("2001:db8::1".parse().unwrap(), Duration::ZERO), Ok(()));
        assert!(pacer.admit("2001:db8::2".parse().unwrap(), Duration::ZERO).is_err());
        assert_eq!(pacer.admit("2001:db8:0:1::1".parse().unwrap(), Duration::ZERO), Ok(()));
    }

    #[test]
    fn an_address_has_only_so_many_seats_and_gets_them_back() {
        let seats = Seats::new(2);
        let (one, other): (IpAddr, IpAddr) = ("198.51.100.1".parse().unwrap(), "198.51.100.2".parse().unwrap());
        let (first, _second) = (seats.take(one), seats.take(one));
        assert!(first.is_some());
        assert!(seats.take(one).is_none());
        assert!(seats.take(other).is_some(), "another is not held up");
        drop(first);
        assert!(seats.take(one).is_some());
        drop(_second);
        assert!(seats.taken.lock().unwrap().is_empty(), "who has gone is forgotten");
    }

    #[test]
    fn callers_who_have_gone_are_forgotten() {
        let pacer = Pacer::new(Pace { per_second: 1, burst: 1 });
        for n in 0..u32::try_from(MOST_CALLERS).unwrap() {
            pacer.admit(IpAddr::V4(n.into()), Duration::ZERO).unwrap();
        }
        pacer.admit("203.0.113.7".parse().unwrap(), Duration::from_secs(2)).unwrap();
        assert_eq!(pacer.used_until.lock().unwrap().len(), 1);
    }
}
