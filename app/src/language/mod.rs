//! The person's language and formats: which one it is, and numbers, money and times written in it.
//!
//! Every module lists its texts in its own `messages.rs`; what they say in each language stands in that language's file ([`catalogue`]). English is
//! compiled in; any other language is one small file, fetched before the first screen is drawn and kept for use without a network like every
//! file of the build.

mod catalogue;
mod format;
mod messages;
mod plural;
#[cfg(test)]
pub mod proof;

pub use catalogue::{address, counted, filled, find, speak, text};

pub use format::{
    Clock, clock_time, country_name, day_and_time, day_in_words, decimal, decimal_fixed, full_time, hour, in_order, long_day, minor_digits, money,
    money_plain, today, whole,
};

pub(crate) use messages::messages;

use std::cell::RefCell;

/// The languages of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Română.
    Romanian,
    /// Français.
    French,
    /// Italiano.
    Italian,
    /// Deutsch.
    German,
    /// Türkçe.
    Turkish,
}

impl Language {
    /// All of them, in the order a person chooses from.
    pub const ALL: [Self; 6] = [Self::English, Self::Romanian, Self::French, Self::Italian, Self::German, Self::Turkish];

    /// The BCP 47 primary subtag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Romanian => "ro",
            Self::French => "fr",
            Self::Italian => "it",
            Self::German => "de",
            Self::Turkish => "tr",
        }
    }

    /// What its speakers call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Romanian => "Română",
            Self::French => "Français",
            Self::Italian => "Italiano",
            Self::German => "Deutsch",
            Self::Turkish => "Türkçe",
        }
    }

    /// The language of a BCP 47 tag such as `de-AT`, where it is one of ours.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or(tag);
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

/// The language of the texts, and the locale of dates and numbers, which may be a country's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale {
    /// Of the texts.
    pub language: Language,
    /// A BCP 47 tag, such as `en-GB`.
    pub formats: String,
}

impl Locale {
    /// The first of the person's wishes that we speak, with its country; English where we speak none.
    pub fn of_wishes<S: AsRef<str>>(wishes: &[S]) -> Self {
        let known = |tag: &S| Language::of_tag(tag.as_ref()).map(|language| (language, tag.as_ref().to_owned()));
        let (language, formats) = wishes.iter().find_map(known).unwrap_or((Language::English, "en".to_owned()));
        Self { language, formats }
    }
}

thread_local! {
    static CURRENT: RefCell<Locale> = RefCell::new(Locale { language: Language::English, formats: "en".to_owned() });
}

/// Sets the locale of the page, before the first screen is drawn; a change of language loads the page anew.
pub fn choose(locale: Locale) {
    CURRENT.with_borrow_mut(|current| *current = locale);
}

/// The language of the texts.
pub fn language() -> Language {
    CURRENT.with_borrow(|current| current.language)
}

/// The BCP 47 tag of dates and numbers.
pub fn formats() -> String {
    CURRENT.with_borrow(|current| current.formats.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wish_we_speak_decides_and_keeps_its_country() {
        assert_eq!(Locale::of_wishes(&["pl-PL", "de-AT", "en"]), Locale { language: Language::German, formats: "de-AT".to_owned() });
    }

    #[test]
    fn whoever_wishes_nothing_we_speak_reads_english() {
        assert_eq!(Locale::of_wishes(&["pl-PL"]).language, Language::English);
        assert_eq!(Locale::of_wishes::<&str>(&[]).language, Language::English);
    }
}
