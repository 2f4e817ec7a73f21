//! The place after a row in a list that is sorted by time and id, newest first.

use crate::failure::Refusal;
use holdfast_domain::kernel::Timestamp;
use uuid::Uuid;

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub at: Timestamp,
    pub id: Uuid,
}

impl Cursor {
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        let read = |text: &str| {
            let (at, id) = text.split_once('.')?;
            Some(Self { at: Timestamp(at.parse().ok()?), id: id.parse().ok()? })
        };
        read(text).ok_or_else(|| Refusal::new(400, "cursor_malformed", "The cursor is none of ours", "Send what `next` of the page before said."))
    }

    pub(crate) fn write(self) -> String {
        format!("{}.{}", self.at.0, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_given() {
        let cursor = Cursor { at: Timestamp(1_795_165_200_123), id: Uuid::from_u128(7) };
        assert_eq!(Cursor::read(&cursor.write()), Ok(cursor));
    }

    #[test]
    fn a_cursor_that_was_not_given_is_refused() {
        for text in ["", ".", "1", "1.2", "x.00000000-0000-0000-0000-000000000007", "99999999999999999999.00000000-0000-0000-0000-000000000007"] {
            assert_eq!(Cursor::read(text).unwrap_err().code, "cursor_malformed", "{text:?}");
        }
    }
}
