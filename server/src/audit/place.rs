//! Where an entry stands among all of them: newest first, and of one instant what people did in the office before what came from devices.

use crate::failure::Refusal;
use crate::sync::ActPlace;
use holdfast_domain::kernel::{IntentId, Timestamp};
use std::cmp::Ordering;

/// An entry's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Of an entry that is kept here.
    Kept { at: Timestamp, ordinal: i64 },
    /// Of an intent on a document.
    Act { at: Timestamp, intent: IntentId },
}

impl Place {
    const fn at(self) -> Timestamp {
        match self {
            Self::Kept { at, .. } | Self::Act { at, .. } => at,
        }
    }

    /// How the entries that are kept go on behind it: below this instant, or at it below this number.
    pub(super) const fn for_kept(self) -> (Timestamp, i64) {
        match self {
            Self::Kept { at, ordinal } => (at, ordinal),
            // All that is kept of the instant came before.
            Self::Act { at, .. } => (at, i64::MIN),
        }
    }

    /// And how the intents do.
    pub(super) const fn for_acts(self) -> ActPlace {
        match self {
            Self::Kept { at, .. } => ActPlace { at, intent: None },
            Self::Act { at, intent } => ActPlace { at, intent: Some(intent) },
        }
    }

    /// Whether it comes before the other in a list.
    pub(super) fn is_before(self, other: Self) -> bool {
        let order = other.at().cmp(&self.at()).then_with(|| match (self, other) {
            (Self::Kept { ordinal, .. }, Self::Kept { ordinal: other, .. }) => other.cmp(&ordinal),
            (Self::Kept { .. }, Self::Act { .. }) => Ordering::Less,
            (Self::Act { .. }, Self::Kept { .. }) => Ordering::Greater,
            (Self::Act { intent, .. }, Self::Act { intent: other, .. }) => other.cmp(&intent),
        });
        order == Ordering::Less
    }

    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let read = |text: &str| {
            let (at, rest) = text.split_once('.')?;
            let at = Timestamp(at.parse().ok()?);
            match rest.split_at_checked(1)? {
                ("e", ordinal) => Some(Self::Kept { at, ordinal: ordinal.parse().ok()? }),
                ("d", intent) => Some(Self::Act { at, intent: intent.parse().ok()? }),
                _ => None,
            }
        };
        // Only as it was written: no second spelling leads to the same place.
        let place = read(text).filter(|place| place.write() == text);
        place.ok_or_else(|| Refusal::new(400, "cursor_malformed", "The cursor is none of ours", "Send what `next` of the page before said."))
    }

    pub(super) fn write(self) -> String {
        match self {
            Self::Kept { at, ordinal } => format!("{}.e{ordinal}", at.0),
            Self::Act { at, intent } => format!("{}.d{intent}", at.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn kept(at: i64, ordinal: i64) -> Place {
        Place::Kept { at: Timestamp(at), ordinal }
    }

    fn act(at: i64, intent: u128) -> Place {
        Place::Act { at: Timestamp(at), intent: IntentId(Uuid::from_u128(intent)) }
    }

    #[test]
    fn the_newest_comes_first_and_of_one_instant_what_is_kept() {
        let ordered = [kept(2, 9), kept(2, 3), act(2, 7), act(2, 1), kept(1, 2), act(1, 9)];
        for (n, place) in ordered.iter().enumerate() {
            for (m, other) in ordered.iter().enumerate() {
                assert_eq!(place.is_before(*other), n < m, "{place:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_given_and_no_other_is_taken() {
        for place in [kept(1_795_165_200_123, 42), act(-1, 7)] {
            assert_eq!(Place::read(&place.write()), Ok(place));
        }
        let malformed = ["", "1", "1.", "1.e", "1.x5", "1.5", "x.e5", "1.e+5", "01.e5", "1.d7", "1.e99999999999999999999", "1.e5 ", "1.é5"];
        for text in malformed {
            assert_eq!(Place::read(text).unwrap_err().code, "cursor_malformed", "{text:?}");
        }
    }
}
