//! A history that fails, made small: steps are taken out for as long as the same invariant still breaks.

use crate::sim::fault::Fault;
use crate::sim::script::Script;
use crate::sim::{Violation, play};

/// The smallest failing history that can be found by playing it at most `plays` times more.
pub fn smallest(violation: Violation, fault: Fault, plays: usize) -> Violation {
    let mut found = violation;
    let mut left = plays;
    let mut chunk = found.script.moments.len().div_ceil(2);
    while chunk > 0 && left > 0 {
        let mut shrunk = false;
        let mut at = 0;
        while at < found.script.moments.len() && left > 0 {
            left -= 1;
            match without(&found.script, at, chunk, fault).filter(|other| other.broken.invariant == found.broken.invariant) {
                Some(smaller) => {
                    found = smaller;
                    shrunk = true;
                }
                None => at += chunk,
            }
        }
        // The last steps may have kept each other; look again, until a whole pass of single steps finds nothing.
        chunk = if chunk == 1 && shrunk { 1 } else { chunk / 2 };
    }
    found
}

fn without(script: &Script, at: usize, chunk: usize, fault: Fault) -> Option<Violation> {
    let mut moments = script.moments.clone();
    moments.drain(at..(at + chunk).min(script.moments.len()));
    play(&Script { cast: script.cast, moments }, fault).err()
}
