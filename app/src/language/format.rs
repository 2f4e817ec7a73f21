//! Numbers, money, dates and times by locale, through the browser's `Intl`. Amounts go in as decimal text, never as floats.

use holdfast_domain::kernel::{Day, Timestamp};
use js_sys::{Array, Function, Intl, JsString, Object, Reflect};
use rust_decimal::Decimal;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    /// Making a formatter costs far more than using one: each is made once per set of options.
    static FORMATTERS: RefCell<BTreeMap<String, Function>> = const { RefCell::new(BTreeMap::new()) };
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in pairs {
        let value = value.parse::<u32>().map_or_else(|_| JsValue::from_str(value), JsValue::from);
        let _set = Reflect::set(&options, &JsValue::from_str(name), &value);
    }
    options
}

fn formatter(kind: &str, pairs: &[(&str, &str)], make: impl FnOnce(&Array, &Object) -> Function) -> Function {
    let key = pairs.iter().fold(kind.to_owned(), |key, (name, value)| key + name + value);
    FORMATTERS
        .with_borrow_mut(|made| made.entry(key).or_insert_with(|| make(&Array::of1(&JsValue::from_str(&super::formats())), &options(pairs))).clone())
}

fn number(value: &str, pairs: &[(&str, &str)]) -> String {
    let format = formatter("n", pairs, |locales, options| Intl::NumberFormat::new(locales, options).format());
    text_or(format.call1(&JsValue::UNDEFINED, &JsValue::from_str(value)), value)
}

fn date(at: Timestamp, pairs: &[(&str, &str)]) -> String {
    let format = formatter("d", pairs, |locales, options| Intl::DateTimeFormat::new(locales, options).format());
    text_or(format.call1(&JsValue::UNDEFINED, &millis(at)), "")
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 stay below 2^53, which a JavaScript date holds exactly")]
fn millis(at: Timestamp) -> JsValue {
    JsValue::from_f64(at.0 as f64)
}

fn text_or(formatted: Result<JsValue, JsValue>, otherwise: &str) -> String {
    formatted.ok().and_then(|text| text.as_string()).unwrap_or_else(|| otherwise.to_owned())
}

/// What a country is called; its code, where the browser knows no name for it.
pub fn country_name(code: &str) -> String {
    let named = formatter("c", &[("type", "region")], |locales, options| {
        let intl = Reflect::get(&js_sys::global(), &JsValue::from_str("Intl"));
        let names = intl.and_then(|intl| Reflect::get(&intl, &JsValue::from_str("DisplayNames"))).and_then(|made| made.dyn_into::<Function>());
        let names = names.and_then(|names| Reflect::construct(&names, &Array::of2(locales, options)));
        let of = names.and_then(|names| Ok(Reflect::get(&names, &JsValue::from_str("of"))?.dyn_into::<Function>()?.bind0(&names)));
        let otherwise = || Reflect::get(&js_sys::global(), &JsValue::from_str("String")).and_then(|text| text.dyn_into::<Function>());
        of.or_else(|_| otherwise()).expect("every browser makes texts of values")
    });
    text_or(named.call1(&JsValue::UNDEFINED, &JsValue::from_str(code)), code)
}

/// Two texts as they are sorted where they are read.
pub fn in_order(one: &str, other: &str) -> Ordering {
    JsString::from(one).locale_compare(other, &Array::of1(&JsValue::from_str(&super::formats())), &Object::new()).cmp(&0)
}

/// How many digits stand behind the point in a currency; `Intl` knows ISO 4217.
pub fn minor_digits(currency: &str) -> usize {
    let resolved =
        Intl::NumberFormat::new(&Array::of1(&JsValue::from_str("en")), &options(&[("style", "currency"), ("currency", currency)])).resolved_options();
    let digits = Reflect::get(resolved.unchecked_ref(), &JsValue::from_str("maximumFractionDigits")).ok().and_then(|digits| digits.as_f64());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a currency has zero to four minor digits")]
    digits.map_or(2, |digits| digits as usize)
}

/// `8450` with two digits is `84.50`.
fn decimal_text(minor: i64, digits: usize) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let all = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = all.split_at(all.len() - digits);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// An amount with its currency, such as `€84.50`.
pub fn money(minor: i64, currency: &str) -> String {
    number(&decimal_text(minor, minor_digits(currency)), &[("style", "currency"), ("currency", currency)])
}

/// An amount without its currency, for columns that say it once, such as `1,284.50`.
pub fn money_plain(minor: i64, currency: &str) -> String {
    let digits = minor_digits(currency);
    let fixed = digits.to_string();
    number(&decimal_text(minor, digits), &[("minimumFractionDigits", &fixed), ("maximumFractionDigits", &fixed)])
}

/// A quantity, as exact as it is.
pub fn decimal(value: Decimal) -> String {
    number(&value.normalize().to_string(), &[("maximumFractionDigits", "10")])
}

/// A quantity with so many decimals, as a scale shows it, such as `0.480`.
pub fn decimal_fixed(value: Decimal, decimals: u32) -> String {
    let fixed = decimals.to_string();
    number(&value.to_string(), &[("minimumFractionDigits", &fixed), ("maximumFractionDigits", &fixed)])
}

/// A whole number, such as `1,284`.
pub fn whole(value: u64) -> String {
    number(&value.to_string(), &[])
}

/// Whether a time shows its seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// `14:02`.
    Minutes,
    /// `14:02:31`.
    Seconds,
}

/// The time of day in a site's time zone (an IANA name; empty for the device's own).
pub fn clock_time(at: Timestamp, time_zone: &str, clock: Clock) -> String {
    let mut pairs = vec![("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23")];
    if clock == Clock::Seconds {
        pairs.push(("second", "2-digit"));
    }
    date(at, &in_zone(pairs, time_zone))
}

/// Day and time, such as `20 Nov, 14:02`.
pub fn day_and_time(at: Timestamp, time_zone: &str) -> String {
    let pairs = vec![("day", "numeric"), ("month", "short"), ("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23")];
    date(at, &in_zone(pairs, time_zone))
}

/// Day, month, year and time to the second, as a receipt needs them, such as `20/11/2026, 14:02:31`.
pub fn full_time(at: Timestamp, time_zone: &str) -> String {
    let day = [("day", "2-digit"), ("month", "2-digit"), ("year", "numeric")];
    let clock = [("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit"), ("hourCycle", "h23")];
    date(at, &in_zone(day.into_iter().chain(clock).collect(), time_zone))
}

/// A day in words, such as `Friday, 20 November 2026`.
pub fn long_day(at: Timestamp, time_zone: &str) -> String {
    let pairs = vec![("weekday", "long"), ("day", "numeric"), ("month", "long"), ("year", "numeric")];
    date(at, &in_zone(pairs, time_zone))
}

/// A day in words, such as `Fri 20 Nov 2026`.
pub fn day_in_words(day: Day) -> String {
    let (year, month, day_of_month) = day.parts();
    let midnight = js_sys::Date::utc(f64::from(year), f64::from(month) - 1.0);
    #[expect(clippy::cast_possible_truncation, reason = "midnight is a whole number of milliseconds below 2^53")]
    let at = Timestamp(midnight as i64).plus_ms((i64::from(day_of_month) - 1) * 24 * 60 * 60 * 1_000);
    date(at, &[("weekday", "short"), ("day", "numeric"), ("month", "short"), ("year", "numeric"), ("timeZone", "UTC")])
}

/// The hour of the day, such as `14`.
pub fn hour(at: Timestamp, time_zone: &str) -> String {
    date(at, &in_zone(vec![("hour", "2-digit"), ("hourCycle", "h23")], time_zone))
}

/// The day it is at an instant in a site's time zone. In a zone that the browser does not know it is the device's own day: the device stands at the site.
pub fn today(at: Timestamp, time_zone: &str) -> Day {
    const PARTS: [(&str, &str); 5] =
        [("year", "numeric"), ("month", "2-digit"), ("day", "2-digit"), ("calendar", "gregory"), ("numberingSystem", "latn")];
    let there = in_zone(PARTS.to_vec(), time_zone);
    let format = iso_days(&there).or_else(|| iso_days(&PARTS)).expect("the browser knows its own time zone").format();
    let millis = millis(at);
    let written = text_or(format.call1(&JsValue::UNDEFINED, &millis), "");
    written.parse().expect("the browser writes today as year, month and day")
}

/// What writes days as ISO 8601 does; none for options that the browser does not take.
fn iso_days(pairs: &[(&str, &str)]) -> Option<Intl::DateTimeFormat> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    // Swedish writes a date as ISO 8601 does.
    let made = Reflect::construct(&constructor, &Array::of2(&Array::of1(&"sv-SE".into()), &options(pairs))).ok()?;
    Some(made.unchecked_into())
}

fn in_zone<'a>(mut pairs: Vec<(&'a str, &'a str)>, time_zone: &'a str) -> Vec<(&'a str, &'a str)> {
    if !time_zone.is_empty() {
        pairs.push(("timeZone", time_zone));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::decimal_text;

    #[test]
    fn an_amount_is_written_out_exactly_whatever_its_currency() {
        for (minor, digits, expected) in [
            (8450, 2, "84.50"),
            (5, 2, "0.05"),
            (-5, 2, "-0.05"),
            (0, 2, "0.00"),
            (8450, 0, "8450"),
            (1, 3, "0.001"),
            (i64::MIN, 2, "-92233720368547758.08"),
        ] {
            assert_eq!(decimal_text(minor, digits), expected);
        }
    }
}
