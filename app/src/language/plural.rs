//! Which form of a text goes with a number: CLDR's cardinal rules for whole numbers, in the languages we speak.

use super::Language;

/// The plural categories that whole numbers have in our languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// One thing; in French also none.
    One,
    /// In Romanian none, and 2 to 19 at the end of a number.
    Few,
    /// All else. French and Italian have a form for whole millions as well, which no count of ours reaches.
    Other,
}

impl Category {
    /// The form for so many.
    pub fn of(count: u64, language: Language) -> Self {
        match (language, count) {
            (Language::French, 0) | (_, 1) => Self::One,
            (Language::Romanian, 0) => Self::Few,
            (Language::Romanian, count) if (1..=19).contains(&(count % 100)) => Self::Few,
            _ => Self::Other,
        }
    }

    /// As it stands behind a text's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Few => "few",
            Self::Other => "other",
        }
    }

    /// Those that a language has.
    #[cfg(test)]
    pub const fn all_of(language: Language) -> &'static [Self] {
        match language {
            Language::Romanian => &[Self::One, Self::Few, Self::Other],
            _ => &[Self::One, Self::Other],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Category::{Few, One, Other};
    use super::*;

    #[test]
    fn a_number_takes_the_form_that_its_language_has_for_it() {
        for (language, count, expected) in [
            (Language::English, 0, Other),
            (Language::English, 1, One),
            (Language::English, 2, Other),
            (Language::German, 101, Other),
            (Language::Turkish, 1, One),
            (Language::Italian, 0, Other),
            (Language::French, 0, One),
            (Language::French, 2, Other),
            (Language::Romanian, 0, Few),
            (Language::Romanian, 1, One),
            (Language::Romanian, 19, Few),
            (Language::Romanian, 20, Other),
            (Language::Romanian, 100, Other),
            (Language::Romanian, 101, Few),
            (Language::Romanian, 119, Few),
            (Language::Romanian, 120, Other),
        ] {
            assert_eq!(Category::of(count, language), expected, "{count} in {}", language.own_name());
        }
    }
}
