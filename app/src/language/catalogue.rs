//! The texts, one file per language: `public/languages/<tag>.txt`, and English, which is compiled in and stands in for what cannot be fetched.
//!
//! ```text
//! # a comment
//! [shell]
//! sign_in = Sign in
//! pin_of = PIN of {name}
//! waiting.one = 1 change waits
//! waiting.other = {count} changes wait
//! ```
//! A module's texts stand below its name. What is put in stands in braces. A text that counts has a form per plural category (CLDR).

use super::plural::Category;
use super::{Language, language};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::OnceLock;

/// The English texts.
const ENGLISH: &str = include_str!("en.txt");

static CHOSEN: OnceLock<Catalogue> = OnceLock::new();
static SPARE: OnceLock<Catalogue> = OnceLock::new();

/// The texts of a language, by module and name.
#[derive(Debug, PartialEq, Eq)]
pub struct Catalogue(BTreeMap<(&'static str, &'static str), &'static str>);

impl Catalogue {
    /// Reads a language's file. A line that says nothing is left out: the English text stands in for it.
    pub fn read(file: &'static str) -> Self {
        let mut module = "";
        let mut texts = BTreeMap::new();
        for line in file.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                module = name;
            } else if let Some((name, text)) = line.split_once(" = ")
                && !line.starts_with('#')
            {
                texts.insert((module, name), text);
            }
        }
        Self(texts)
    }

    fn text(&self, module: &str, name: &str) -> Option<&'static str> {
        let texts: &BTreeMap<(&str, &str), &'static str> = &self.0;
        texts.get(&(module, name)).copied()
    }

    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = ((&'static str, &'static str), &'static str)> {
        self.0.iter().map(|(name, text)| (*name, *text))
    }
}

/// Speaks this language from now on. Told before the first text is asked for; a change of language loads the page anew.
pub fn speak(file: String) {
    // It is spoken as long as the page lives.
    let _first = CHOSEN.set(Catalogue::read(Box::leak(file.into_boxed_str())));
}

/// A module's text, in the language spoken, else in English.
pub fn find(module: &str, name: &str) -> Option<&'static str> {
    let spare = || SPARE.get_or_init(|| Catalogue::read(ENGLISH)).text(module, name);
    CHOSEN.get().and_then(|chosen| chosen.text(module, name)).or_else(spare)
}

/// The same of a text that is there: a test compares the files with what the modules ask for.
pub fn text(module: &str, name: &'static str) -> &'static str {
    find(module, name).unwrap_or(name)
}

/// A text that counts, in the form that goes with the number.
pub fn counted(module: &str, name: &'static str, count: u64) -> &'static str {
    let form = |category: Category| find(module, &format!("{name}.{}", category.name()));
    // A file that could not be fetched leaves English words, and English has fewer forms.
    form(Category::of(count, language())).or_else(|| form(Category::Other)).unwrap_or(name)
}

/// Puts values into a text's braces.
pub fn filled(text: &str, values: &[(&str, &dyn Display)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
}

/// The address of a language's file, in a build; none for English, which is compiled in.
pub fn address(language: Language, build: &str) -> Option<String> {
    let folder = if build.is_empty() { String::new() } else { format!("/{build}") };
    (language != Language::English).then(|| format!("{folder}/languages/{}.txt", language.tag()))
}

#[cfg(test)]
pub(super) fn english() -> Catalogue {
    Catalogue::read(ENGLISH)
}
