//! CBOR as lines that a person can read: each value with its name. What nobody here knows is shown all the same.

use holdfast_domain::held::Said;
use holdfast_sync::cbor;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use uuid::Uuid;

/// The most lines of one envelope, and the most characters of one value: whoever made it may mean harm.
const MOST_LINES: usize = 60;
const LONGEST: usize = 200;

/// The values of some CBOR, below `name`.
pub(super) fn lines(name: &str, bytes: &[u8]) -> Vec<Said> {
    let mut lines = Vec::new();
    if let Ok(tree) = cbor::decode::<Tree>(bytes) {
        tree.collect(name, &mut lines);
    }
    lines
}

enum Tree {
    Value(String),
    Branches(Vec<(String, Tree)>),
}

impl Tree {
    fn collect(self, name: &str, lines: &mut Vec<Said>) {
        match self {
            Self::Value(value) if lines.len() < MOST_LINES => {
                lines.push(Said { name: name.to_owned(), value: value.chars().take(LONGEST).collect() })
            }
            Self::Value(_) => {}
            Self::Branches(branches) => {
                for (key, branch) in branches {
                    let key: String = key.chars().take(LONGEST).collect();
                    branch.collect(&if name.is_empty() { key } else { format!("{name}.{key}") }, lines);
                }
            }
        }
    }
}

struct Reader;

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Value(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Value(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Value(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Value(value.to_owned()))
    }

    /// Ids are sixteen bytes.
    fn visit_bytes<E>(self, value: &[u8]) -> Result<Tree, E> {
        let id = <[u8; 16]>::try_from(value).map(|bytes| Uuid::from_bytes(bytes).to_string());
        Ok(Tree::Value(id.unwrap_or_else(|_| format!("{} B", value.len()))))
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Branches(Vec::new()))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Branches(Vec::new()))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut branches = Vec::new();
        while let Some(item) = items.next_element()? {
            branches.push((branches.len().to_string(), item));
        }
        Ok(Tree::Branches(branches))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut branches = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Tree, Tree>()? {
            let Tree::Value(key) = key else { continue };
            branches.push((key, value));
        }
        Ok(Tree::Branches(branches))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::{Currency, Money, SiteId, TillId};
    use holdfast_domain::sales::till_session::Open;

    #[test]
    fn each_value_is_shown_with_its_name() {
        let [site, till] = [1, 2].map(Uuid::from_u128);
        let open = Open { till: TillId(till), site: SiteId(site), currency: Currency::EUR, float: Money::new(5_000, Currency::EUR) };
        let lines: Vec<_> = lines("", &cbor::encode(&open)).into_iter().map(|said| format!("{}={}", said.name, said.value)).collect();
        let expected = [
            format!("till={till}"),
            format!("site={site}"),
            "currency=EUR".to_owned(),
            "float.minor=5000".to_owned(),
            "float.currency=EUR".to_owned(),
        ];
        for line in expected {
            assert!(lines.contains(&line), "{line} is not in {lines:?}");
        }
    }

    #[test]
    fn what_is_no_cbor_or_without_end_is_shown_as_far_as_it_goes() {
        assert_eq!(lines("", &[0xff]), []);
        let many: Vec<String> = (0..1_000).map(|_| "x".repeat(1_000)).collect();
        let lines = lines("all", &cbor::encode(&many));
        assert_eq!((lines.len(), lines[0].value.len()), (MOST_LINES, LONGEST));
    }
}
