//! The languages' files are whole: a module finds each text it asks for, and each language says what English says.

use super::Language;
use super::catalogue::{Catalogue, english};
use super::plural::Category;
use std::collections::{BTreeMap, BTreeSet};

/// How a module asks for a text.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// With these values.
    Text(&'static [&'static str]),
    /// In the form that goes with a number.
    Counted,
    /// A title and a text, by a code.
    Said,
}

/// Every file but English.
const FILES: [(Language, &str); 5] = [
    (Language::Romanian, include_str!("../../../public/languages/ro.txt")),
    (Language::French, include_str!("../../../public/languages/fr.txt")),
    (Language::Italian, include_str!("../../../public/languages/it.txt")),
    (Language::German, include_str!("../../../public/languages/de.txt")),
    (Language::Turkish, include_str!("../../../public/languages/tr.txt")),
];

/// That the English texts of a module are those it asks for, with the values it gives.
pub fn prove(module: &str, asked: &[(&str, Asked)]) {
    let mut there: BTreeMap<String, &str> =
        english().names().filter(|((of, _), _)| *of == module).map(|((_, name), text)| (name.to_owned(), text)).collect();
    for (name, asked) in asked {
        match asked {
            Asked::Text(values) => {
                let text = there.remove(*name).unwrap_or_else(|| panic!("{module}: no text {name}"));
                assert_eq!(values_in(text), values.iter().map(|value| (*value).to_owned()).collect(), "{module}: the values of {name}");
            }
            Asked::Counted => {
                for category in Category::all_of(Language::English) {
                    assert!(there.remove(&format!("{name}.{}", category.name())).is_some(), "{module}: no {} of {name}", category.name());
                }
            }
            Asked::Said => {
                let group = format!("{name}.");
                let parts: BTreeSet<String> = there.keys().filter(|key| key.starts_with(&group)).cloned().collect();
                assert!(!parts.is_empty(), "{module}: nothing is said of {name}");
                for part in parts {
                    let code = part.trim_end_matches(".title").trim_end_matches(".text");
                    for end in ["title", "text"] {
                        assert!(there.contains_key(&format!("{code}.{end}")) || !there.contains_key(&part), "{module}: no {code}.{end}");
                    }
                }
                there.retain(|key, _| !key.starts_with(&group));
            }
        }
    }
    assert_eq!(there, BTreeMap::new(), "{module}: nobody asks for these");
}

/// That a section has, in every language, these texts, perhaps some of the others, and nothing else.
pub fn prove_section(section: &str, needed: &BTreeSet<String>, others: &BTreeSet<String>) {
    let files = FILES.iter().map(|(language, file)| (*language, Catalogue::read(file)));
    for (language, catalogue) in std::iter::once((Language::English, english())).chain(files) {
        let there: BTreeSet<String> = catalogue.names().filter(|((of, _), _)| *of == section).map(|((_, name), _)| name.to_owned()).collect();
        let missing: Vec<_> = needed.difference(&there).collect();
        let strange: Vec<_> = there.iter().filter(|name| !needed.contains(*name) && !others.contains(*name)).collect();
        assert!(missing.is_empty() && strange.is_empty(), "[{section}] in {}: missing {missing:?}, strange {strange:?}", language.own_name());
    }
}

/// The names in a text's braces.
fn values_in(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// A text's name without its plural form, and the form.
fn form_of(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((base, form @ ("one" | "few" | "other"))) => (base, Some(form)),
        _ => (name, None),
    }
}

fn forms(catalogue: &Catalogue) -> BTreeMap<(&'static str, &'static str), BTreeSet<&'static str>> {
    let mut forms: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for ((module, name), _) in catalogue.names() {
        let (base, form) = form_of(name);
        forms.entry((module, base)).or_default().extend(form);
    }
    forms
}

#[test]
fn every_language_has_each_text_of_english_and_no_other() {
    let expected: BTreeSet<_> = forms(&english()).into_keys().collect();
    for (language, file) in FILES {
        let found: BTreeSet<_> = forms(&Catalogue::read(file)).into_keys().collect();
        let missing: Vec<_> = expected.difference(&found).collect();
        let strange: Vec<_> = found.difference(&expected).collect();
        assert!(missing.is_empty() && strange.is_empty(), "{}: missing {missing:?}, strange {strange:?}", language.own_name());
    }
}

#[test]
fn every_count_has_the_forms_of_its_language() {
    for (language, file) in FILES {
        let expected: BTreeSet<&str> = Category::all_of(language).iter().map(|category| category.name()).collect();
        for (name, found) in forms(&Catalogue::read(file)) {
            assert!(found.is_empty() || found == expected, "{}: {name:?} has {found:?}", language.own_name());
        }
    }
}

#[test]
fn a_translation_puts_in_what_english_puts_in() {
    let english = english();
    let english: BTreeMap<_, _> = english.names().collect();
    for (language, file) in FILES {
        for ((module, name), text) in Catalogue::read(file).names() {
            let (base, form) = form_of(name);
            let found = values_in(text);
            let expected = match form {
                None => values_in(english[&(module, name)]),
                // "One line" needs no number.
                Some("one") if found.is_empty() => BTreeSet::new(),
                Some(_) => BTreeSet::from(["count".to_owned()]),
            };
            assert_eq!(found, expected, "{}: {module}.{base}", language.own_name());
        }
    }
}

#[test]
fn every_line_of_a_file_is_a_heading_a_text_or_a_comment() {
    for (language, file) in FILES {
        for (number, line) in file.lines().enumerate() {
            let heading = line.starts_with('[') && line.ends_with(']');
            let text = line.split_once(" = ").is_some_and(|(name, text)| !name.contains(' ') && !text.trim().is_empty() && text.trim() == text);
            assert!(line.is_empty() || line.starts_with('#') || heading || text, "{}, line {}: {line:?}", language.own_name(), number + 1);
        }
    }
}

#[test]
fn no_text_stands_twice_in_a_file() {
    for (language, file) in FILES {
        let lines = file.lines().filter(|line| line.contains(" = ")).count();
        assert_eq!(lines, Catalogue::read(file).names().count(), "{}", language.own_name());
    }
}
