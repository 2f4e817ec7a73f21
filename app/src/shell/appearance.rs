//! Theme and language: as the person chose on this device, else as the browser wishes.

use super::{api, update};
use crate::language::{self, Language, Locale};
use leptos::prelude::{document, window};

const THEME: &str = "holdfast.theme";
const LANGUAGE: &str = "holdfast.language";

/// The themes to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// High contrast, for the floor.
    Contrast,
}

impl Theme {
    /// All of them, in the order a person chooses from.
    pub const ALL: [Self; 4] = [Self::System, Self::Light, Self::Dark, Self::Contrast];

    /// As kept on the device, and as the style sheet knows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Contrast => "contrast",
        }
    }

    /// The theme of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

/// Applies both to the page, before anything is drawn.
pub(super) fn apply() {
    show_theme(chosen_theme());
    let navigator = window().navigator();
    let browser: Vec<String> = navigator.languages().iter().filter_map(|tag| tag.as_string()).collect();
    let mut locale = Locale::of_wishes(&browser);
    if let Some(language) = chosen_language()
        && language != locale.language
    {
        let formats = browser.into_iter().find(|tag| Language::of_tag(tag) == Some(language)).unwrap_or_else(|| language.tag().to_owned());
        locale = Locale { language, formats };
    }
    language::choose(locale);
}

/// Fetches the words of the person's language. They are a file of the build, kept on the device like all others; where it cannot be had, the
/// screens speak English.
pub(super) async fn fetch_words() {
    let mut spoken = Language::English;
    if let Some(address) = language::address(language::language(), &update::build()) {
        match api::text(&address).await {
            Ok(words) => {
                spoken = language::language();
                language::speak(words);
            }
            Err(failure) => leptos::logging::error!("the words at {address} cannot be read: {failure:?}"),
        }
    }
    if let Some(root) = document().document_element() {
        let _set = root.set_attribute("lang", spoken.tag());
    }
}

/// The theme chosen on this device.
pub fn chosen_theme() -> Theme {
    read(THEME).and_then(|name| Theme::of_name(&name)).unwrap_or(Theme::System)
}

/// Chooses a theme, at once and for the next time.
pub fn wish_theme(theme: Theme) {
    keep(THEME, theme.name());
    show_theme(theme);
}

/// The language chosen on this device; none where the browser's wish stands.
pub fn chosen_language() -> Option<Language> {
    read(LANGUAGE).and_then(|tag| Language::of_tag(&tag))
}

/// Chooses a language and loads the page anew in it.
pub fn wish_language(language: Language) {
    keep(LANGUAGE, language.tag());
    let _reloading = window().location().reload();
}

fn show_theme(theme: Theme) {
    if let Some(root) = document().document_element() {
        let _set = match theme {
            Theme::System => root.remove_attribute("data-theme"),
            theme => root.set_attribute("data-theme", theme.name()),
        };
    }
}

fn read(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

fn keep(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A full or forbidden storage costs only the memory of the choice.
        let _kept = storage.set_item(key, value);
    }
}
