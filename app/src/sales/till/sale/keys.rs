//! What a person's key does while selling. Letters search, digits are a quantity, Enter pays, Escape goes back; where a control has the focus,
//! Enter, Space and the arrows are the control's.

use crate::device::keyboard::Focus;

/// What stands on the screen, as far as keys are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// Where the focus is.
    pub focus: Focus,
    /// A quantity or code is being entered.
    pub entering: bool,
    /// The focus is in the search, and nothing stands there.
    pub in_empty_search: bool,
    /// A line is chosen.
    pub line_chosen: bool,
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Goes on entering a quantity.
    Enter(char),
    /// Takes the last digit back.
    TakeBackDigit,
    /// The quantity or code that was entered counts.
    UseEntry,
    /// Puts the focus into the search.
    Search {
        /// Whether the key itself is to land there.
        types: bool,
    },
    /// To the first product.
    ToProducts,
    /// Takes payment.
    Pay,
    /// One step back: the entry, the chosen line, the search.
    Back,
    /// One more or one less of the chosen line, or the last.
    Step {
        /// One more.
        more: bool,
    },
    /// Takes the chosen line off.
    Remove,
    /// Chooses the next line, or the one before.
    Choose {
        /// The next.
        next: bool,
    },
    /// Kept for what comes later: customer, park, refund. Nothing happens, not even what the browser would do.
    Reserved,
}

/// What the key does here; none where it is not ours.
pub fn act(key: &str, situation: Situation) -> Option<Act> {
    if matches!(key, "F2" | "F4" | "F8") {
        return Some(Act::Reserved);
    }
    match situation.focus {
        Focus::Field => in_field(key, situation),
        Focus::Page | Focus::Control => on_page(key, situation),
    }
}

fn in_field(key: &str, situation: Situation) -> Option<Act> {
    match key {
        "Enter" if situation.in_empty_search => Some(Act::Pay),
        "ArrowDown" => Some(Act::ToProducts),
        "Escape" => Some(Act::Back),
        _ => None,
    }
}

fn on_page(key: &str, situation: Situation) -> Option<Act> {
    let control = situation.focus == Focus::Control;
    let mut characters = key.chars();
    let character = characters.next().filter(|_| characters.next().is_none());
    match (key, character) {
        ("Enter", _) if situation.entering => Some(Act::UseEntry),
        ("Enter", _) if !control => Some(Act::Pay),
        ("Escape", _) => Some(Act::Back),
        ("Backspace", _) if situation.entering => Some(Act::TakeBackDigit),
        ("Delete" | "Backspace", _) if situation.line_chosen => Some(Act::Remove),
        ("ArrowUp", _) if !control => Some(Act::Choose { next: false }),
        ("ArrowDown", _) if !control => Some(Act::Choose { next: true }),
        ("/", _) => Some(Act::Search { types: false }),
        ("+", _) => Some(Act::Step { more: true }),
        ("-", _) => Some(Act::Step { more: false }),
        (_, Some(digit @ '0'..='9')) => Some(Act::Enter(digit)),
        (_, Some(point @ ('.' | ','))) if situation.entering => Some(Act::Enter(point)),
        (_, Some(letter)) if letter.is_alphabetic() => Some(Act::Search { types: true }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Situation = Situation { focus: Focus::Page, entering: false, in_empty_search: false, line_chosen: false };
    const IN_SEARCH: Situation = Situation { focus: Focus::Field, ..IDLE };
    const ON_TILE: Situation = Situation { focus: Focus::Control, ..IDLE };

    #[test]
    fn each_key_does_what_the_till_promises() {
        let entering = Situation { entering: true, ..IDLE };
        let chosen = Situation { line_chosen: true, ..IDLE };
        let empty_search = Situation { in_empty_search: true, ..IN_SEARCH };
        for (key, situation, expected) in [
            ("e", IDLE, Some(Act::Search { types: true })),
            ("ș", IDLE, Some(Act::Search { types: true })),
            ("/", IDLE, Some(Act::Search { types: false })),
            ("3", IDLE, Some(Act::Enter('3'))),
            (",", IDLE, None),
            (",", entering, Some(Act::Enter(','))),
            ("Backspace", entering, Some(Act::TakeBackDigit)),
            ("Enter", entering, Some(Act::UseEntry)),
            ("Enter", IDLE, Some(Act::Pay)),
            ("Escape", IDLE, Some(Act::Back)),
            ("Delete", chosen, Some(Act::Remove)),
            ("Delete", IDLE, None),
            ("+", IDLE, Some(Act::Step { more: true })),
            ("-", chosen, Some(Act::Step { more: false })),
            ("ArrowDown", IDLE, Some(Act::Choose { next: true })),
            ("Enter", empty_search, Some(Act::Pay)),
            ("Enter", IN_SEARCH, None),
            ("ArrowDown", IN_SEARCH, Some(Act::ToProducts)),
            ("Escape", IN_SEARCH, Some(Act::Back)),
            ("Tab", IDLE, None),
            ("F5", IDLE, None),
        ] {
            assert_eq!(act(key, situation), expected, "{key} in {situation:?}");
        }
    }

    #[test]
    fn what_is_typed_into_the_search_stays_there() {
        for key in ["7", "a", "+", "/", "-", "Delete", "Backspace", " "] {
            assert_eq!(act(key, Situation { line_chosen: true, ..IN_SEARCH }), None, "{key}");
        }
    }

    #[test]
    fn a_focused_control_keeps_enter_space_and_arrows() {
        for key in ["Enter", " ", "ArrowDown", "ArrowUp"] {
            assert_eq!(act(key, ON_TILE), None, "{key}");
        }
        assert_eq!(act("e", ON_TILE), Some(Act::Search { types: true }), "and letters still search");
    }

    #[test]
    fn the_reserved_keys_do_nothing_wherever_the_focus_is() {
        for key in ["F2", "F4", "F8"] {
            for situation in [IDLE, IN_SEARCH, ON_TILE] {
                assert_eq!(act(key, situation), Some(Act::Reserved), "{key}");
            }
        }
    }
}
