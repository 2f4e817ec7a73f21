//! Lists: narrowed, sorted, searched, a page at a time.

use super::order::{Order, Place};
use super::queries::{self, Look, Narrowed, Part};
use super::read::show;
use super::refusal::{bad_cursor, invalid_query};
use super::search::{MOST_FOUND, Words, searched_whole};
use super::statement::from_query;
use crate::failure::{Failure, Refusal};
use crate::http::App;
use crate::identity::{Fields, SignedIn};
use crate::tenancy::TenantTx;
use axum::extract::Query;
use axum::http::Uri;
use holdfast_domain::kernel::resource::{Field, LONGEST_QUERY, MOST_COUNTED, Page, RecordView, Resource, wrong_of};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most records of one page.
pub(super) const MOST_PAGE: u32 = 200;
/// Where no limit is given.
const USUAL: u32 = 50;
/// The most values that a list is narrowed to.
pub(super) const MOST_FILTERS: usize = 40;

/// What the query string says.
#[derive(Default)]
pub(super) struct Asked {
    q: Option<String>,
    sort: Option<String>,
    after: Option<Place>,
    limit: Option<u32>,
    count: bool,
    narrowed: Narrowed,
}

impl Asked {
    pub(super) fn read(resource: &Resource, query: &[(String, String)]) -> Result<Self, Failure> {
        let mut asked = Self::default();
        let said = |value: &str| match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(invalid_query("Say true or false.")),
        };
        for (n, (name, value)) in query.iter().enumerate() {
            let is_filter = resource.leaf(name).is_some_and(|field| field.filtered);
            if !is_filter && query[..n].iter().any(|(before, _)| before == name) {
                return Err(invalid_query(format!("{name} is said twice.")).into());
            }
            match name.as_str() {
                "q" => asked.q = Some(value.clone()),
                "sort" => asked.sort = Some(value.clone()),
                "after" => asked.after = Some(Place::read(value)?),
                "limit" => asked.limit = Some(value.parse().map_err(|_| invalid_query("The limit is no number."))?),
                "count" => asked.count = said(value)?,
                "archived" => asked.narrowed.archived = said(value)?,
                _ => asked.narrowed.filters.push(filter(resource, name, value)?),
            }
        }
        if asked.narrowed.filters.len() > MOST_FILTERS {
            return Err(invalid_query(format!("Narrow a list to at most {MOST_FILTERS} values.")).into());
        }
        Ok(asked)
    }

    /// Reads what stands behind `?` in the list's address, as far as it says which records are meant, and in which order.
    pub(super) fn of_records(resource: &'static Resource, query: &str) -> Result<Self, Failure> {
        let pairs = pairs(query).ok_or_else(|| invalid_query(format!("Write it as in an address, in at most {LONGEST_QUERY} characters.")))?;
        if let Some((name, _)) = pairs.iter().find(|(name, _)| ["after", "limit", "count"].contains(&name.as_str())) {
            return Err(invalid_query(format!("{name} does not say which records are meant.")).into());
        }
        let asked = Self::read(resource, &pairs)?;
        Order::read(resource, asked.sort.as_deref())?;
        asked.q.as_deref().map(Words::read).transpose()?;
        Ok(asked)
    }

    /// Refuses what would tell of a field that is not to be read: sorted or narrowed by it, a list says what it holds.
    pub(super) fn refuse_hidden(&self, resource: &'static Resource, fields: &Fields<'_>) -> Result<(), Refusal> {
        fields.require_read(Order::read(resource, self.sort.as_deref())?.field)?;
        self.narrowed.filters.iter().try_for_each(|(field, _)| fields.require_read(field))
    }

    /// Whether it asks for less than the whole list.
    pub(super) const fn is_a_part(&self) -> bool {
        self.q.is_some() || self.after.is_some() || self.limit.is_some()
    }

    /// From a place on.
    pub(super) fn go_on(&mut self, place: Place) {
        self.after = Some(place);
    }

    fn limit(&self) -> Result<u32, Refusal> {
        let limit = self.limit.unwrap_or(USUAL);
        let detail = format!("Ask for 1 to {MOST_PAGE} records at once.");
        if (1..=MOST_PAGE).contains(&limit) { Ok(limit) } else { Err(Refusal::new(400, "limit_out_of_range", "The limit is out of range", detail)) }
    }
}

/// The names and values of what stands behind `?` in an address; none where nothing could stand there.
pub(super) fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let address: Uri =
        Some(query).filter(|query| query.len() <= LONGEST_QUERY && !query.contains('#')).and_then(|query| format!("/?{query}").parse().ok())?;
    Query::try_from_uri(&address).ok().map(|Query(pairs)| pairs)
}

fn filter(resource: &Resource, name: &str, value: &str) -> Result<(&'static Field, Option<String>), Refusal> {
    let field = resource.leaf(name).filter(|field| field.filtered).ok_or_else(|| {
        let filtered: Vec<&str> = resource.leaves().filter(|field| field.filtered).map(|field| field.name).collect();
        invalid_query(format!("{name} is nothing that this list is narrowed by; there are: {}.", filtered.join(", ")))
    })?;
    if value.is_empty() {
        return Ok((field, None));
    }
    let sound = from_query(field, value).is_some_and(|value| wrong_of(field, &value).is_none());
    if sound { Ok((field, Some(value.to_owned()))) } else { Err(invalid_query(format!("{name} is never that."))) }
}

/// A page.
pub(super) async fn list(resource: &'static Resource, app: &App, signed_in: &SignedIn, query: &[(String, String)]) -> Result<Page, Failure> {
    let scope = signed_in.scope_for(&resource.rights.read)?;
    let asked = Asked::read(resource, query)?;
    let fields = signed_in.rights.fields(resource, &resource.rights.read);
    asked.refuse_hidden(resource, &fields)?;
    let limit = asked.limit()?;
    let mut tx = app.database.tenant(scope).await?;
    let words = asked.q.as_deref().map(Words::read).transpose()?;
    let mut page = match &words {
        None => in_order(&mut tx, &fields, &asked, limit).await?,
        Some(None) => Page { records: Vec::new(), next: None, total: Some(0) },
        Some(Some(words)) => found(&mut tx, &fields, &asked, (words, limit)).await?,
    };
    show(&mut tx, resource, &signed_in.rights, &mut page.records).await?;
    tx.commit().await?;
    Ok(page)
}

async fn in_order(tx: &mut TenantTx, fields: &Fields<'_>, asked: &Asked, limit: u32) -> Result<Page, Failure> {
    let order = Order::read(fields.resource(), asked.sort.as_deref())?;
    if asked.after.as_ref().is_some_and(|after| !order.admits(after)) {
        return Err(bad_cursor().into());
    }
    let (records, next) = step(tx, fields, asked, limit).await?;
    let total = if asked.count { Some(count(tx, fields, asked, MOST_COUNTED).await?) } else { None };
    Ok(Page { records, next: next.map(|place| place.write()), total })
}

/// So many records, and the place behind them where there are more.
pub(super) async fn step(tx: &mut TenantTx, fields: &Fields<'_>, asked: &Asked, limit: u32) -> Result<(Vec<RecordView>, Option<Place>), Failure> {
    let order = Order::read(fields.resource(), asked.sort.as_deref())?;
    // One more than asked for tells whether there are more.
    let mut keyed = queries::page(tx, fields, &asked.narrowed, &Part { order, after: asked.after.as_ref(), limit: limit + 1 }).await?;
    let more = keyed.len() > limit as usize;
    keyed.truncate(limit as usize);
    let next = keyed.last().filter(|_| more).map(|(record, key)| order.behind(key.clone(), record.id));
    Ok((keyed.into_iter().map(|(record, _)| record).collect(), next))
}

/// How many there are in all, up to one more than `most`.
pub(super) async fn count(tx: &mut TenantTx, fields: &Fields<'_>, asked: &Asked, most: u64) -> Result<u64, Failure> {
    Ok(queries::count(tx, fields, &asked.narrowed, most).await?)
}

/// All that are asked for, wherever a page of them would end; none where they are more than `most`, or more than a search brings.
pub(super) async fn all(tx: &mut TenantTx, fields: &Fields<'_>, asked: &Asked, most: usize) -> Result<Option<Vec<RecordView>>, Failure> {
    let limit = u32::try_from(most).unwrap_or(u32::MAX);
    let Some(words) = asked.q.as_deref().map(Words::read).transpose()? else {
        let (records, next) = step(tx, fields, asked, limit).await?;
        return Ok(next.is_none().then_some(records));
    };
    let Some(words) = words else { return Ok(Some(Vec::new())) };
    let hits = hits(tx, fields, asked, &words).await?;
    if hits.len() >= MOST_FOUND.cast_unsigned() as usize {
        return Ok(None);
    }
    let narrowed = Narrowed { archived: asked.narrowed.archived, filters: asked.narrowed.filters.clone(), among: Some(hits) };
    let order = Order::read(fields.resource(), asked.sort.as_deref())?;
    let keyed = queries::page(tx, fields, &narrowed, &Part { order, after: None, limit }).await?;
    Ok(Some(keyed.into_iter().map(|(record, _)| record).collect()))
}

/// The ids of those that the words find, the nearest first.
async fn hits(tx: &mut TenantTx, fields: &Fields<'_>, asked: &Asked, words: &Words) -> Result<Vec<Uuid>, Failure> {
    let look = Look { kinds: &[fields.resource().kind.to_owned()], words, archived: asked.narrowed.archived, most: MOST_FOUND };
    let hits = match searched_whole(fields) {
        true => queries::search(tx, &look).await?,
        false => queries::search_within(tx, fields, &look).await?,
    };
    Ok(hits.into_iter().map(|hit| hit.id).collect())
}

/// What was found: the nearest first, or in the order that was asked for.
async fn found(tx: &mut TenantTx, fields: &Fields<'_>, asked: &Asked, (words, limit): (&Words, u32)) -> Result<Page, Failure> {
    let skipped = match asked.after {
        None => 0,
        Some(Place::Found(told)) if told <= MOST_FOUND.cast_unsigned() => told,
        Some(_) => return Err(bad_cursor().into()),
    };
    let nearness = hits(tx, fields, asked, words).await?;
    let (skip, take) = (skipped as usize, limit as usize);
    // Where nearness alone decides, only what is told is read.
    let alone = asked.sort.is_none() && asked.narrowed.filters.is_empty();
    let among: Vec<Uuid> = if alone { nearness.iter().skip(skip).take(take).copied().collect() } else { nearness.clone() };
    let narrowed = Narrowed { archived: asked.narrowed.archived, filters: asked.narrowed.filters.clone(), among: Some(among) };
    let order = Order::read(fields.resource(), asked.sort.as_deref())?;
    let keyed = queries::page(tx, fields, &narrowed, &Part { order, after: None, limit: MOST_FOUND.cast_unsigned() }).await?;
    let mut records: Vec<RecordView> = keyed.into_iter().map(|(record, _)| record).collect();
    if asked.sort.is_none() {
        let place: BTreeMap<Uuid, usize> = nearness.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        records.sort_by_key(|record| place.get(&record.id).copied());
    }
    let total = if alone { nearness.len() } else { records.len() };
    let told = skipped + limit;
    let next = (total > told as usize).then(|| Place::Found(told).write());
    let records = if alone { records } else { records.into_iter().skip(skip).take(take).collect() };
    Ok(Page { records, next, total: asked.count.then_some(total as u64) })
}
