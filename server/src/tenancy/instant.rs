//! Instants between the domain (milliseconds since 1970) and Postgres (`timestamptz`).

use holdfast_domain::kernel::{Day, Timestamp};
use time::{Date, Month, OffsetDateTime};

/// As Postgres stores it. An instant beyond the years 1 to 9999 is stored as the nearest of them.
pub fn to_stored(at: Timestamp) -> OffsetDateTime {
    const LAST: i64 = 253_402_300_799_999;
    const FIRST: i64 = -62_135_596_800_000;
    let ms = at.0.clamp(FIRST, LAST);
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).expect("the instant was clamped to the years 1 to 9999")
}

/// As the domain counts it; what is finer than a millisecond is dropped.
pub fn from_stored(at: OffsetDateTime) -> Timestamp {
    let ms = at.unix_timestamp_nanos().div_euclid(1_000_000);
    Timestamp(i64::try_from(ms).expect("the years that OffsetDateTime knows fit into 64 bits of milliseconds"))
}

/// As Postgres stores a day of a calendar.
pub fn to_stored_day(day: Day) -> Date {
    let (year, month, day) = day.parts();
    let month = Month::try_from(month).expect("a day's month is one of twelve");
    Date::from_calendar_date(year.into(), month, day).expect("a day exists in the calendar, which is the same there")
}

/// As the domain has it; none beyond the years 1 to 9999.
pub fn from_stored_day(date: Date) -> Option<Day> {
    let (year, month, day) = date.to_calendar_date();
    Day::new(u16::try_from(year).ok()?, month.into(), day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_survives_storage_to_the_millisecond() {
        for ms in [0, -1, 1, 1_793_232_000_123, -62_135_596_800_000, 253_402_300_799_999] {
            assert_eq!(from_stored(to_stored(Timestamp(ms))), Timestamp(ms));
        }
    }

    #[test]
    fn a_day_survives_storage() {
        for text in ["0001-01-01", "2028-02-29", "2026-11-20", "9999-12-31"] {
            let day: Day = text.parse().unwrap();
            assert_eq!(from_stored_day(to_stored_day(day)), Some(day));
        }
    }

    #[test]
    fn an_instant_out_of_range_is_stored_as_the_nearest() {
        assert_eq!(from_stored(to_stored(Timestamp(i64::MAX))), Timestamp(253_402_300_799_999));
        assert_eq!(from_stored(to_stored(Timestamp(i64::MIN))), Timestamp(-62_135_596_800_000));
    }
}
