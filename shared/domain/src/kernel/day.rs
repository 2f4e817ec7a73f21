//! A day of a site's calendar: on the wire `2026-11-20`, and nothing about time zones.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar, of the years 1 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// A text that is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written as 2026-11-20")]
pub struct BadDay;

impl Day {
    /// A day that exists.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, BadDay> {
        let exists = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
        if exists { Ok(Self { year, month, day }) } else { Err(BadDay) }
    }

    /// The day after; none after the last there is.
    pub fn next(self) -> Option<Self> {
        let Self { year, month, day } = self;
        Self::new(year, month, day + 1).or_else(|_| Self::new(year, month + 1, 1)).or_else(|_| Self::new(year + 1, 1, 1)).ok()
    }

    /// The day before; none before the first there is.
    pub fn previous(self) -> Option<Self> {
        let Self { year, month, day } = self;
        let last_of = |year: u16, month: u8| Self::new(year, month, days_of(year, month));
        Self::new(year, month, day - 1)
            .or_else(|_| if month > 1 { last_of(year, month - 1) } else { Err(BadDay) })
            .or_else(|_| last_of(year - 1, 12))
            .ok()
    }

    /// Year, month, day of the month.
    pub const fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }
}

const fn days_of(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = BadDay;

    fn from_str(text: &str) -> Result<Self, BadDay> {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let mut parts = text.split('-');
        let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return Err(BadDay) };
        if (year.len(), month.len(), day.len()) != (4, 2, 2) || ![year, month, day].into_iter().all(digits) {
            return Err(BadDay);
        }
        Self::new(year.parse().map_err(|_| BadDay)?, month.parse().map_err(|_| BadDay)?, day.parse().map_err(|_| BadDay)?)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

holdfast_sync::schema_of!(Day, { "type": "string", "format": "date", "examples": ["2026-11-20"] });

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_written_in_one_way_only() {
        assert_eq!(day("2026-11-20").to_string(), "2026-11-20");
        for text in ["2026-1-20", "20-11-2026", "2026-11-20T00", "2026-02-29", "2026-13-01", "2026-00-10", "0000-01-01", "+026-01-01", "", "2026-11"]
        {
            assert_eq!(text.parse::<Day>(), Err(BadDay), "{text:?}");
        }
    }

    #[test]
    fn the_next_and_the_previous_day_cross_months_and_years() {
        for (before, after) in [
            ("2026-11-20", "2026-11-21"),
            ("2026-11-30", "2026-12-01"),
            ("2026-12-31", "2027-01-01"),
            ("2028-02-28", "2028-02-29"),
            ("2100-02-28", "2100-03-01"),
        ] {
            assert_eq!(day(before).next(), Some(day(after)));
            assert_eq!(day(after).previous(), Some(day(before)));
        }
    }

    #[test]
    fn the_calendar_ends_where_it_ends() {
        assert_eq!(day("9999-12-31").next(), None);
        assert_eq!(day("0001-01-01").previous(), None);
    }
}
