//! What of a list is asked for. It stands in the page's address, so that the way back leads to the same list.

use holdfast_domain::kernel::resource::{Field, Resource, Shape, wrong_of};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Rows of the first page: it is there at once, and read again whenever something changed.
const FIRST: u32 = 50;
/// Rows of those after it, for whoever reads on: as many as the server gives.
const LATER: u32 = 200;

/// A list, narrowed and sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// What is searched for.
    pub search: String,
    /// The field and whether it runs down; none for the list's own order.
    pub sort: Option<(&'static str, bool)>,
    /// Those that were put away instead of those in use.
    pub archived: bool,
    /// One value each.
    pub filters: BTreeMap<&'static str, String>,
}

impl Query {
    /// What an address asks for; what it does not know is left out.
    pub fn read(resource: &Resource, asked: impl Fn(&str) -> Option<String>) -> Self {
        let sort = asked("sort").and_then(|sort| {
            let (name, down) = sort.strip_prefix('-').map_or((sort.as_str(), false), |name| (name, true));
            resource.leaf(name).filter(|field| field.sorted).map(|field| (field.name, down))
        });
        let filtered = resource.leaves().filter(|field| field.filtered);
        let filters = filtered.filter_map(|field| Some((field.name, asked(field.name).filter(|value| can_be(field, value))?))).collect();
        Self { search: asked("q").unwrap_or_default(), sort, archived: asked("archived").as_deref() == Some("true"), filters }
    }

    /// The same of the part behind `?` alone.
    pub fn of_text(resource: &Resource, text: &str) -> Self {
        let pairs: Vec<(String, String)> =
            text.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (decoded(name), decoded(value))).collect();
        Self::read(resource, |name| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()))
    }

    /// The same, with nothing asked of fields other than these.
    pub fn within(mut self, fields: impl Fn(&str) -> bool) -> Self {
        self.sort = self.sort.filter(|(field, _)| fields(field));
        self.filters.retain(|field, _| fields(field));
        self
    }

    /// The end of the page's address.
    pub fn of_page(&self) -> String {
        let pairs = self.pairs();
        if pairs.is_empty() { String::new() } else { format!("?{}", joined(&pairs)) }
    }

    /// The address that the server answers.
    pub fn address(&self, resource: &Resource, after: Option<&str>) -> String {
        let mut pairs = self.pairs();
        pairs.push(("limit", if after.is_none() { FIRST } else { LATER }.to_string()));
        // How many there are in all is asked once.
        pairs.push(after.map_or_else(|| ("count", "true".to_owned()), |after| ("after", after.to_owned())));
        format!("{}?{}", resource.path, joined(&pairs))
    }

    /// The address that gives the whole list out as a file of that kind (`csv`, `xlsx`), narrowed and sorted as it is; what is searched for leaves nothing out of it.
    pub fn file(&self, resource: &Resource, kind: &str) -> String {
        let whole = Self { search: String::new(), ..self.clone() };
        let mut pairs = whole.pairs();
        pairs.push(("as", kind.to_owned()));
        format!("{}/export?{}", resource.path, joined(&pairs))
    }

    /// The order that the list comes in: where nobody chose and nothing is searched for, by what records are called.
    pub fn order(&self, resource: &Resource) -> Option<(&'static str, bool)> {
        self.sort.or_else(|| self.search.is_empty().then_some((resource.title, false)))
    }

    /// The same, sorted as pressing a column's head has it: up at first, then down.
    pub fn pressed(&self, resource: &Resource, field: &'static str) -> Self {
        let down = self.order(resource) == Some((field, false));
        Self { sort: Some((field, down)), ..self.clone() }
    }

    /// The same with a field narrowed to a value; to none, where that is empty.
    pub fn narrowed(&self, field: &'static str, value: &str) -> Self {
        let mut narrowed = self.clone();
        match value.trim() {
            "" => narrowed.filters.remove(field),
            value => narrowed.filters.insert(field, value.to_owned()),
        };
        narrowed
    }

    /// Whether it leaves records out.
    pub fn narrows(&self) -> bool {
        !self.search.is_empty() || !self.filters.is_empty()
    }

    /// The same order, with nothing left out.
    pub fn widened(&self) -> Self {
        Self { sort: self.sort, archived: self.archived, ..Self::default() }
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if !self.search.is_empty() {
            pairs.push(("q", self.search.clone()));
        }
        if let Some((field, down)) = self.sort {
            pairs.push(("sort", if down { format!("-{field}") } else { field.to_owned() }));
        }
        if self.archived {
            pairs.push(("archived", "true".to_owned()));
        }
        pairs.extend(self.filters.iter().map(|(field, value)| (*field, value.clone())));
        pairs
    }
}

/// Whether a record can have that value in the field: the server refuses a list of what can never be.
pub fn can_be(field: &Field, text: &str) -> bool {
    let value = match field.shape {
        Shape::Boolean => text.parse().ok().map(Value::Bool),
        Shape::Whole => text.parse::<u32>().ok().map(Value::from),
        Shape::Instant => text.parse::<i64>().ok().map(Value::from),
        Shape::Tags => Some(json!([text])),
        _ => Some(Value::String(text.to_owned())),
    };
    !text.is_empty() && value.is_some_and(|value| wrong_of(field, &value).is_none())
}

fn joined(pairs: &[(&'static str, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}

/// A text as part of an address: every byte but letters, digits and `-_.~` by its number.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a text takes all that is written to it");
        }
        encoded
    })
}

/// Such a part of an address as text.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let number = others.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = match (first, number) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                &others[2..]
            }
            (b'+', _) => {
                bytes.push(b' ');
                others
            }
            _ => {
                bytes.push(*first);
                others
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::resource::Record;
    use holdfast_domain::procurement::Supplier;

    fn of(pairs: &[(&str, &str)]) -> Query {
        Query::read(&Supplier::RESOURCE, |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn what_an_address_says_is_asked_of_the_server_and_nothing_else() {
        let query = of(&[("q", "a&b=c/é"), ("sort", "-name"), ("archived", "true"), ("address.city", "São Paulo"), ("notes", "x"), ("limit", "9")]);
        assert_eq!(query.of_page(), "?q=a%26b%3Dc%2F%C3%A9&sort=-name&archived=true&address.city=S%C3%A3o%20Paulo");
        assert_eq!(
            query.address(&Supplier::RESOURCE, Some("c+1")),
            "/api/v1/procurement/suppliers?q=a%26b%3Dc%2F%C3%A9&sort=-name&archived=true&address.city=S%C3%A3o%20Paulo&limit=200&after=c%2B1"
        );
    }

    #[test]
    fn what_is_written_into_an_address_is_read_back() {
        let query = of(&[("q", "a&b=c/é +%"), ("sort", "-name"), ("archived", "true"), ("address.city", "São Paulo")]);
        assert_eq!(Query::of_text(&Supplier::RESOURCE, query.of_page().trim_start_matches('?')), query);
        assert_eq!(Query::of_text(&Supplier::RESOURCE, "q=a+b&address.city=%zz&sort").search, "a b");
        assert_eq!(Query::of_text(&Supplier::RESOURCE, "q=%C3%A9%").search, "é%");
        assert_eq!(Query::of_text(&Supplier::RESOURCE, ""), Query::default());
    }

    #[test]
    fn an_address_that_says_nothing_asks_for_the_whole_list() {
        let query = of(&[("sort", "notes"), ("archived", "yes"), ("address.city", ""), ("currency", "pound")]);
        assert_eq!(query, Query::default());
        assert_eq!(query.of_page(), "");
        assert_eq!(query.address(&Supplier::RESOURCE, None), "/api/v1/procurement/suppliers?limit=50&count=true");
    }

    #[test]
    fn a_head_pressed_again_and_again_turns_the_order_around() {
        let pressed = |query: &Query, field| query.pressed(&Supplier::RESOURCE, field);
        let once = pressed(&Query::default(), "address.city");
        let twice = pressed(&once, "address.city");
        assert_eq!((once.sort, twice.sort), (Some(("address.city", false)), Some(("address.city", true))));
        assert_eq!(pressed(&twice, "address.city").sort, Some(("address.city", false)));
        assert_eq!(pressed(&twice, "name").sort, Some(("name", false)));
    }

    #[test]
    fn a_list_that_nobody_sorted_runs_up_by_name_and_what_was_found_by_nearness() {
        let whole = Query::default();
        assert_eq!(whole.order(&Supplier::RESOURCE), Some(("name", false)));
        assert_eq!(whole.pressed(&Supplier::RESOURCE, "name").sort, Some(("name", true)));
        let found = Query { search: "exo".to_owned(), ..whole };
        assert_eq!(found.order(&Supplier::RESOURCE), None);
        assert_eq!(found.pressed(&Supplier::RESOURCE, "name").sort, Some(("name", false)));
    }

    #[test]
    fn a_filter_without_a_value_is_none() {
        let narrowed = Query::default().narrowed("address.city", " London ");
        assert_eq!(narrowed.filters.get("address.city").map(String::as_str), Some("London"));
        assert!(narrowed.narrows() && !narrowed.narrowed("address.city", " ").narrows());
        assert!(!narrowed.pressed(&Supplier::RESOURCE, "name").widened().narrows());
    }
}
