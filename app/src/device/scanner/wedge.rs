//! A keyboard wedge told from a person: a scanner is a keyboard that types a whole code within a few milliseconds and ends it with Enter.
//!
//! ```text
//!            first character                third, still at a scanner's pace
//!   Quiet ──────────────────► Suspected ─────────────────────────────────────► Burst ──Enter──► Scan, Quiet
//!     ▲                          │ too slow, Enter, another key                 │
//!     └──────────────────────────┴──────────────── too slow: given back as typed┘
//! ```
//! A burst of digits may stall once: radio scanners do, and so does a page that is drawing what the scan before brought.
//!
//! The first two characters do what keys do, because a person must not wait for their own typing; when the third comes at a scanner's pace,
//! what they did is taken back and everything up to Enter is kept from the page. Time is a parameter; the shell listens to the keys.

/// The most between two keys of one code. Scanners need 1 to 30 ms; people typing fast, 80 and more.
const PACE_MS: u64 = 45;
/// How long a burst of digits may stall, once.
const STALL_MS: u64 = 250;
/// The least that a code has.
const CODE_LEAST: usize = 4;
/// The most that a code has; what is longer is no code that a till could know.
const CODE_MOST: usize = 128;
/// From here on, keys at this pace come from a scanner.
const BURST_LEAST: usize = 3;

/// A key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// It types a character.
    Character(char),
    /// Enter or Tab: what a scanner ends with.
    End,
    /// Any other key, and every key that repeats because it is held down.
    Other,
}

/// What becomes of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A person's: it does what it does.
    Pass,
    /// A person's, as far as can be told: it does what it does, but what stood there before may be wanted back.
    PassAndRemember,
    /// A scanner's, and so were the ones before: nobody sees it, and what they did is taken back.
    SwallowAndTakeBack,
    /// A scanner's: nobody sees it.
    Swallow,
    /// A whole code was scanned with this key; nobody sees it.
    Scan(String),
}

/// The state between two keys.
#[derive(Debug, Default)]
pub struct Wedge {
    typed: String,
    count: usize,
    last_ms: u64,
    stalled: bool,
}

impl Wedge {
    /// A key at a time. What was swallowed before and turned out to be no scan comes back first.
    pub fn key(&mut self, key: Key, at_ms: u64) -> (Option<String>, Verdict) {
        let given_back = if self.is_late(at_ms) { self.give_up() } else { None };
        self.stalled |= self.count > 0 && at_ms.saturating_sub(self.last_ms) > PACE_MS;
        match key {
            Key::Character(character) => (given_back, self.character(character, at_ms)),
            Key::End if (CODE_LEAST..=CODE_MOST).contains(&self.count) => {
                let code = std::mem::take(&mut self.typed);
                (self.count, self.stalled) = (0, false);
                (None, Verdict::Scan(code))
            }
            Key::End | Key::Other => (given_back.or_else(|| self.give_up()), Verdict::Pass),
        }
    }

    /// Time passes without a key. Returns what was swallowed and turned out to be no scan: it is to be typed after all.
    pub fn pause(&mut self, now_ms: u64) -> Option<String> {
        if self.is_late(now_ms) { self.give_up() } else { None }
    }

    /// After how long without a key [`Self::pause`] may give something back.
    pub fn patience_ms(&self) -> u64 {
        self.tolerance_ms() + 1
    }

    fn is_late(&self, at_ms: u64) -> bool {
        self.count > 0 && at_ms.saturating_sub(self.last_ms) > self.tolerance_ms()
    }

    fn tolerance_ms(&self) -> u64 {
        let digits = self.count >= BURST_LEAST && self.typed.bytes().all(|byte| byte.is_ascii_digit());
        if digits && !self.stalled { STALL_MS } else { PACE_MS }
    }

    fn character(&mut self, character: char, at_ms: u64) -> Verdict {
        self.last_ms = at_ms;
        self.count += 1;
        if self.count > CODE_MOST {
            // Something leans on the keyboard, or pastes: not a code, and not worth keeping.
            return Verdict::Swallow;
        }
        self.typed.push(character);
        match self.count {
            1 => Verdict::PassAndRemember,
            count if count < BURST_LEAST => Verdict::Pass,
            BURST_LEAST => Verdict::SwallowAndTakeBack,
            _ => Verdict::Swallow,
        }
    }

    /// It was a person after all: what was kept from the page is theirs.
    fn give_up(&mut self) -> Option<String> {
        let (typed, count) = (std::mem::take(&mut self.typed), std::mem::take(&mut self.count));
        self.stalled = false;
        (BURST_LEAST..=CODE_MOST).contains(&count).then_some(typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EAN: &str = "9521234543213";

    /// Types a text at a pace, from a time on; returns what was scanned, what came back as typed, and how many keys the page saw.
    fn typed(wedge: &mut Wedge, text: &str, pace_ms: u64, from_ms: u64) -> (Vec<String>, String, usize) {
        let (mut scans, mut back, mut seen) = (Vec::new(), String::new(), 0);
        for (place, character) in text.chars().enumerate() {
            let key = if character == '\n' { Key::End } else { Key::Character(character) };
            let (given_back, verdict) = wedge.key(key, from_ms + pace_ms * u64::try_from(place).unwrap());
            back.extend(given_back);
            match verdict {
                Verdict::Scan(code) => scans.push(code),
                Verdict::Pass | Verdict::PassAndRemember => seen += 1,
                Verdict::Swallow | Verdict::SwallowAndTakeBack => {}
            }
        }
        (scans, back, seen)
    }

    #[test]
    fn a_fast_burst_that_ends_with_enter_is_a_scan() {
        for pace_ms in [1, 5, 20, 45] {
            let (scans, back, seen) = typed(&mut Wedge::default(), &format!("{EAN}\n"), pace_ms, 1_000);
            assert_eq!((scans, back.as_str(), seen), (vec![EAN.to_owned()], "", 2), "at {pace_ms} ms");
        }
    }

    #[test]
    fn a_person_typing_fast_is_not_a_scanner() {
        let (scans, back, seen) = typed(&mut Wedge::default(), "espresso\n", 46, 0);
        assert_eq!((scans, back.as_str(), seen), (vec![], "", 9));
    }

    #[test]
    fn what_the_first_characters_did_is_taken_back_when_the_burst_is_known() {
        let mut wedge = Wedge::default();
        let verdicts: Vec<Verdict> = (0..4).map(|at| wedge.key(Key::Character('7'), at).1).collect();
        assert_eq!(verdicts, [Verdict::PassAndRemember, Verdict::Pass, Verdict::SwallowAndTakeBack, Verdict::Swallow]);
    }

    #[test]
    fn a_burst_without_an_end_comes_back_as_typed() {
        for (text, patience_ms) in [("95x1", PACE_MS), ("9521", STALL_MS)] {
            let mut wedge = Wedge::default();
            assert_eq!(typed(&mut wedge, text, 5, 0).0, Vec::<String>::new());
            assert_eq!(wedge.patience_ms(), patience_ms + 1);
            assert_eq!(wedge.pause(15 + patience_ms), None, "the next key may still come");
            assert_eq!(wedge.pause(16 + patience_ms).as_deref(), Some(text));
            assert_eq!(wedge.pause(1_000), None, "and only once");
        }
    }

    #[test]
    fn a_burst_of_digits_may_stall_once() {
        for (stalls_at, whole) in [(vec![3], true), (vec![12], true), (vec![3, 8], false), (vec![1], false)] {
            let (mut wedge, mut at_ms, mut scans) = (Wedge::default(), 0, Vec::new());
            for (place, character) in EAN.chars().enumerate() {
                at_ms += if stalls_at.contains(&place) { STALL_MS } else { 5 };
                wedge.key(Key::Character(character), at_ms);
            }
            if let Verdict::Scan(code) = wedge.key(Key::End, at_ms + 5).1 {
                scans.push(code);
            }
            assert_eq!(scans == [EAN], whole, "{stalls_at:?}: {scans:?}");
        }
    }

    #[test]
    fn a_burst_that_stalls_before_enter_comes_back_and_enter_is_the_persons() {
        let mut wedge = Wedge::default();
        typed(&mut wedge, "9521", 5, 0);
        assert_eq!(wedge.key(Key::End, 500), (Some("9521".to_owned()), Verdict::Pass));
    }

    #[test]
    fn two_scans_in_a_row_are_two_scans() {
        let (scans, back, _) = typed(&mut Wedge::default(), &format!("{EAN}\n4006381333931\n"), 3, 0);
        assert_eq!((scans, back.as_str()), (vec![EAN.to_owned(), "4006381333931".to_owned()], ""));
    }

    #[test]
    fn the_same_code_scanned_twice_is_two_scans() {
        let (scans, _, _) = typed(&mut Wedge::default(), &format!("{EAN}\n{EAN}\n"), 3, 0);
        assert_eq!(scans.len(), 2);
    }

    #[test]
    fn a_scan_right_after_typing_does_not_swallow_what_was_typed() {
        let mut wedge = Wedge::default();
        typed(&mut wedge, "te", 200, 0);
        let (scans, back, _) = typed(&mut wedge, &format!("{EAN}\n"), 4, 600);
        assert_eq!((scans, back.as_str()), (vec![EAN.to_owned()], ""));
    }

    #[test]
    fn short_bursts_are_a_persons() {
        for text in ["\n", "1\n", "12\n"] {
            let (scans, back, seen) = typed(&mut Wedge::default(), text, 2, 0);
            assert_eq!((scans, back.as_str(), seen), (vec![], "", text.chars().count()), "{text:?}");
        }
        let (scans, back, _) = typed(&mut Wedge::default(), "123\n", 2, 0);
        assert_eq!((scans, back.as_str()), (vec![], "123"), "three at that pace, and Enter: they come back as typed");
    }

    #[test]
    fn another_key_within_a_burst_ends_it() {
        let mut wedge = Wedge::default();
        typed(&mut wedge, "9521", 2, 0);
        assert_eq!(wedge.key(Key::Other, 10), (Some("9521".to_owned()), Verdict::Pass));
        assert_eq!(wedge.key(Key::End, 12).1, Verdict::Pass);
    }

    #[test]
    fn a_clock_that_jumps_back_breaks_nothing() {
        let mut wedge = Wedge::default();
        wedge.key(Key::Character('1'), 1_000);
        assert_eq!(wedge.key(Key::Character('2'), 10).1, Verdict::Pass);
    }

    #[test]
    fn something_leaning_on_the_keyboard_is_no_code() {
        let mut wedge = Wedge::default();
        let (scans, back, _) = typed(&mut wedge, &"8".repeat(400), 1, 0);
        assert_eq!((scans, back.as_str()), (vec![], ""));
        assert_eq!(wedge.pause(10_000), None);
    }
}
