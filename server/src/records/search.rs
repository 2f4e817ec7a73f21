//! Finding records by their words: within a list, and over everything that somebody may look at.

use super::queries::{self, Hit, Look};
use super::refusal::invalid_query;
use crate::failure::{Failure, Refusal};
use crate::http::{App, QueryOf};
use crate::identity::{Fields, SignedIn};
use crate::tenancy::TenantScope;
use axum::Json;
use axum::extract::State;
use holdfast_domain::RESOURCES;
use holdfast_domain::kernel::resource::{Field, Found, FoundPage};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most that a search brings, however it is paged through.
pub(super) const MOST_FOUND: i32 = 500;
/// What the palette shows.
const SHOWN: i32 = 30;
const LONGEST: usize = 200;
const MOST_WORDS: usize = 12;

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// Each word or the beginning of one, all of them.
    pub(super) tsquery: String,
    pub(super) phrase: String,
}

impl Words {
    /// Reads what was typed; none where there is no letter and no digit in it.
    pub(super) fn read(text: &str) -> Result<Option<Self>, Refusal> {
        if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return Err(invalid_query(format!("Search for at most {LONGEST} characters that can be printed.")));
        }
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(MOST_WORDS).collect();
        let tsquery: Vec<String> = words.iter().map(|word| format!("{word}:*")).collect();
        Ok((!words.is_empty()).then(|| Self { tsquery: tsquery.join(" & "), phrase: words.join(" ") }))
    }
}

/// Whether whoever asks may read all that the resource's records are found by, of all of them.
pub(super) fn searched_whole(fields: &Fields<'_>) -> bool {
    fields.resource().fields.iter().all(|field| !field.searched || fields.of_all(field.name).reads()) && fields.reached().is_empty()
}

/// What they may find records by.
pub(super) fn searched(fields: &Fields<'_>) -> Vec<&'static Field> {
    fields.resource().fields.iter().filter(|field| field.searched && fields.of_all(field.name).reads()).collect()
}

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchQuery {
    /// The words, or their beginnings.
    #[schemars(length(max = LONGEST))]
    q: String,
}

/// `GET /api/v1/search?q=…`: over all that the account may look at, where it may look at it.
pub(super) async fn everywhere(
    State(app): State<App>,
    signed_in: SignedIn,
    QueryOf(query): QueryOf<SearchQuery>,
) -> Result<Json<FoundPage>, Failure> {
    let Some(words) = Words::read(&query.q)? else { return Ok(Json(FoundPage { found: Vec::new() })) };
    // Kinds that one may read at the same sites are looked for together.
    let mut scopes: Vec<(TenantScope, Vec<String>)> = Vec::new();
    let mut sifted = Vec::new();
    for resource in RESOURCES {
        let Ok(scope) = signed_in.scope_for(&resource.rights.read) else { continue };
        let fields = signed_in.rights.fields(resource, &resource.rights.read);
        if !searched_whole(&fields) {
            sifted.push((scope, fields));
            continue;
        }
        match scopes.iter_mut().find(|(known, _)| *known == scope) {
            Some((_, kinds)) => kinds.push(resource.kind.to_owned()),
            None => scopes.push((scope, vec![resource.kind.to_owned()])),
        }
    }
    let mut hits = Vec::new();
    for (scope, kinds) in scopes {
        let mut tx = app.database.tenant(scope).await?;
        hits.extend(queries::search(&mut tx, &Look { kinds: &kinds, words: &words, archived: false, most: SHOWN }).await?);
        tx.commit().await?;
    }
    for (scope, fields) in sifted {
        let mut tx = app.database.tenant(scope).await?;
        let look = Look { kinds: &[fields.resource().kind.to_owned()], words: &words, archived: false, most: SHOWN };
        hits.extend(queries::search_within(&mut tx, &fields, &look).await?);
        tx.commit().await?;
    }
    hits.sort_by(|a, b| b.nearness.total_cmp(&a.nearness));
    hits.truncate(SHOWN.cast_unsigned() as usize);
    Ok(Json(FoundPage { found: hits.into_iter().map(|Hit { kind, id, title, .. }| Found { kind, id, name: title }).collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_words_and_nothing_else() {
        for (text, tsquery) in [
            ("Café du Port", "Café:* & du:* & Port:*"),
            ("o'neill & (co) | !x:*", "o:* & neill:* & co:* & x:*"),
            ("a'); drop table", "a:* & drop:* & table:*"),
        ] {
            assert_eq!(Words::read(text).unwrap().unwrap().tsquery, tsquery);
        }
        for nothing in ["", "  ", "!&|", "%", "''"] {
            assert_eq!(Words::read(nothing).unwrap(), None, "{nothing:?}");
        }
        assert!(Words::read("\0").is_err() && Words::read(&"x".repeat(201)).is_err());
    }
}
