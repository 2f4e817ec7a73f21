//! Countries as people write them in files: by their code of two or three letters, or by their name in one of our languages.

use holdfast_domain::kernel::Country;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A line per country: the codes of ISO 3166-1 alpha-2 and alpha-3 (iso-codes 4.15), its names in English, Romanian, French, Italian, German and Turkish (Unicode CLDR 48), and
/// what else it is called where many write that.
const NAMES: &str = include_str!("countries.txt");

static BY_NAME: LazyLock<HashMap<String, Country>> = LazyLock::new(|| {
    let named = |line: &'static str| {
        let code = line.split('|').next().and_then(|code| code.parse().ok());
        code.into_iter().flat_map(move |country: Country| line.split('|').map(move |name| (folded(name), country)))
    };
    NAMES.lines().flat_map(named).collect()
});

/// The country of that code or name.
pub(super) fn read(text: &str) -> Option<Country> {
    BY_NAME.get(&folded(text)).copied()
}

/// In lower case, without the dots of abbreviations and in one form of apostrophe.
fn folded(name: &str) -> String {
    name.to_lowercase().replace('.', "").replace('’', "'").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::COUNTRIES;
    use std::collections::BTreeMap;

    #[test]
    fn a_country_is_known_by_its_codes_and_its_names_in_our_languages() {
        for (text, code) in [
            ("DE", "DE"),
            ("deu", "DE"),
            ("Germany", "DE"),
            ("Deutschland", "DE"),
            ("Allemagne", "DE"),
            ("Almanya", "DE"),
            ("UK", "GB"),
            ("U.S.A.", "US"),
            ("România", "RO"),
            ("Côte d’Ivoire", "CI"),
            ("  Czech  Republic ", "CZ"),
        ] {
            assert_eq!(read(text).map(Country::code), Some(code), "{text}");
        }
        for text in ["", "Narnia", "Europe", "XX"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn every_country_has_its_line_and_no_name_is_two_countries() {
        let codes: Vec<&str> = NAMES.lines().filter_map(|line| line.split('|').next()).collect();
        assert_eq!(codes, COUNTRIES);
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        for line in NAMES.lines() {
            for name in line.split('|') {
                let code = &line[..2];
                assert_eq!(*owners.entry(folded(name)).or_insert(code), code, "{name}");
            }
        }
    }
}
