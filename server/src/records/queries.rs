//! The statements about records: built of declarations by [`statement`](super::statement), run here.

use super::order::{Order, Place};
use super::sealed;
use super::search::{Words, searched};
use super::statement::{
    alike_column, archive, as_words, columns, equals, insert, insert_many, quoted, selected, sort_key, to_columns, update, update_many,
};
use super::within::{Within, within};
use crate::failure::Fault;
use crate::identity::Fields;
use crate::tenancy::{BeforeTenant, TenantTx, from_stored, to_stored};
use holdfast_domain::kernel::AccountId;
use holdfast_domain::kernel::resource::{Field, RecordView, Resource, Shape, Values};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

/// What a list is narrowed to.
#[derive(Default)]
pub(super) struct Narrowed {
    /// Those that are archived, instead of those in use.
    pub archived: bool,
    /// Each field has one of the texts; none of them stands for no value.
    pub filters: Vec<(&'static Field, Option<String>)>,
    /// Only these.
    pub among: Option<Vec<Uuid>>,
}

/// A record that was found by its words.
pub(super) struct Hit {
    pub kind: String,
    pub id: Uuid,
    pub title: String,
    pub nearness: f32,
}

/// Which part of a list, in which order.
pub(super) struct Part<'a> {
    pub order: Order,
    pub after: Option<&'a Place>,
    pub limit: u32,
}

/// What is looked for, and where.
pub(super) struct Look<'a> {
    pub kinds: &'a [String],
    pub words: &'a Words,
    /// Also what is archived.
    pub archived: bool,
    pub most: i32,
}

/// A record with the key that the list is sorted by, as text.
pub(super) type Keyed = (RecordView, Option<String>);

fn view(tx: &TenantTx, resource: &Resource, row: &PgRow) -> Result<RecordView, sqlx::Error> {
    let version: i64 = row.try_get("version")?;
    let archived_at: Option<OffsetDateTime> = row.try_get("archived_at")?;
    let values: Value = row.try_get("values")?;
    let Value::Object(values) = values else { return Err(sqlx::Error::RowNotFound) };
    let mut record = RecordView {
        id: row.try_get("id")?,
        version: version.cast_unsigned(),
        archived_at: archived_at.map(from_stored),
        created_at: from_stored(row.try_get("created_at")?),
        created_by: row.try_get::<Option<Uuid>, _>("created_by")?.map(AccountId),
        modified_at: from_stored(row.try_get("modified_at")?),
        modified_by: row.try_get::<Option<Uuid>, _>("modified_by")?.map(AccountId),
        values,
        names: BTreeMap::new(),
        merged_into: None,
        alike: Vec::new(),
    };
    sealed::open(tx, resource, &mut record);
    Ok(record)
}

/// One record, where those who ask may do to it what they ask for.
pub(crate) async fn reached(tx: &mut TenantTx, fields: &Fields<'_>, id: Uuid) -> Result<Option<RecordView>, Fault> {
    Ok(record(tx, fields.resource(), id, false).await?.filter(|record| fields.reach(record)))
}

/// These records, as far as they are there.
pub(super) async fn records(tx: &mut TenantTx, resource: &Resource, ids: &[Uuid]) -> Result<Vec<RecordView>, Fault> {
    let sql = format!("select {} from {} t where t.tid = $1 and t.id = any ($2)", selected(resource), quoted(resource.plural));
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(ids).fetch_all(tx.connection()).await?;
    Ok(rows.iter().map(|row| view(tx, resource, row)).collect::<Result<_, _>>()?)
}

/// One record, whoever asks; locked until the transaction ends, where it is to be changed.
pub(super) async fn record(tx: &mut TenantTx, resource: &Resource, id: Uuid, locked: bool) -> Result<Option<RecordView>, Fault> {
    let lock = if locked { " for update" } else { "" };
    let sql = format!("select {} from {} t where t.tid = $1 and t.id = $2{lock}", selected(resource), quoted(resource.plural));
    let row = sqlx::query(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(id).fetch_optional(tx.connection()).await?;
    Ok(row.as_ref().map(|row| view(tx, resource, row)).transpose()?)
}

pub(super) async fn insert_record(tx: &mut TenantTx, resource: &Resource, id: Uuid, values: &Values) -> Result<(), sqlx::Error> {
    let sql = insert(resource, values);
    let columns = to_columns(resource, &sealed::seal(tx, resource, (id, values)));
    sqlx::query(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(id).bind(columns).execute(tx.connection()).await.map(drop)
}

pub(super) async fn update_record(tx: &mut TenantTx, resource: &Resource, id: Uuid, values: &Values) -> Result<(), sqlx::Error> {
    let sql = update(resource, values);
    let columns = to_columns(resource, &sealed::seal(tx, resource, (id, values)));
    sqlx::query(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(id).bind(columns).execute(tx.connection()).await.map(drop)
}

/// Those that have one of the values in the field, or one of the ids; locked, one after the other in the order of their ids.
pub(super) async fn records_by(tx: &mut TenantTx, resource: &Resource, by: Option<&Field>, values: &[String]) -> Result<Vec<RecordView>, Fault> {
    let (fields, table) = (selected(resource), quoted(resource.plural));
    let found = match by {
        None => "select w.value::uuid as id from unnest($2::text[]) as w (value)".to_owned(),
        Some(field) => found_by(resource, field),
    };
    // Locked in the order of their ids, like everywhere.
    let sql = format!(
        "select {fields} from (select distinct id from ({found}) as f order by id) as f
         cross join lateral (select t.* from {table} t where t.tid = $1 and t.id = f.id limit 1 for update) as t order by t.id"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(values).fetch_all(tx.connection()).await?;
    Ok(rows.iter().map(|row| view(tx, resource, row)).collect::<Result<_, _>>()?)
}

/// Which records have one of the texts of `$2` in a field that no two share, or in one that tells that they are probably the same. Each is looked up by itself: in a table that grows as a file is taken in no plan is sure of
/// how few there are, and one that compares every record with every text takes longer with each batch.
fn found_by(resource: &Resource, field: &Field) -> String {
    let table = quoted(resource.plural);
    if field.alike.is_some() && !field.unique {
        let column = quoted(&alike_column(field));
        // Two in use are one too many to tell which is meant; one that is archived counts where none is.
        return format!(
            "select w.value, t.id from unnest($2::text[]) as w (value)
             cross join lateral (select t.id from {table} t where t.tid = $1 and t.{column} = w.value order by t.archived_at is not null, t.id limit 2) as t"
        );
    }
    let column = quoted(field.name);
    let own_type = columns(field).first().map_or("text", |column| column.sql_type);
    let is_it = match field.within.map(quoted) {
        None => format!("t.{column} = w.value::{own_type}"),
        // `<id>/<value>`
        Some(within) => format!("t.{within} = left(w.value, 36)::uuid and t.{column} = substr(w.value, 38)::{own_type}"),
    };
    format!(
        "select w.value, t.id from unnest($2::text[]) as w (value)
         cross join lateral (select t.id from {table} t where t.tid = $1 and {is_it} limit 1) as t"
    )
}

/// Whose these values of a field are.
pub(super) async fn owners(tx: &mut TenantTx, resource: &Resource, field: &Field, values: &[String]) -> Result<Vec<(String, Uuid)>, Fault> {
    let sql = found_by(resource, field);
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(values).fetch_all(tx.connection()).await?;
    Ok(rows.iter().map(|row| Ok((row.try_get("value")?, row.try_get("id")?))).collect::<Result<_, sqlx::Error>>()?)
}

/// Records in use that are called by one of the texts, or have it as their id.
pub(super) async fn called(tx: &mut TenantTx, fields: &Fields<'_>, texts: &[String]) -> Result<Vec<(Uuid, String)>, Fault> {
    let (resource, Within { said, bound }) = (fields.resource(), within(fields, "$4"));
    let ids: Vec<Uuid> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    let (title, table) = (quoted(resource.title), quoted(resource.plural));
    // Also by what no two of them share, such as an article number, where whoever asks may read it.
    let known_by = |field: &&Field| field.is_unique() && matches!(field.shape, Shape::Text | Shape::Gtin) && field.name != resource.title;
    let numbers = resource.fields.iter().filter(known_by).filter(|field| fields.require_read(field).is_ok()).map(|field| quoted(field.name));
    let by = |name: &str| {
        format!(
            "select t.id, t.{name} as title from {table} t join unnest($2::text[]) as w (title) on t.{name} = w.title where t.tid = $1 and t.archived_at is null{said}"
        )
    };
    let by_number: String = numbers.map(|number| format!(" union {}", by(&number))).collect();
    let sql = format!(
        "{}{by_number}
         union select t.id, t.{title} from {table} t join unnest($3::uuid[]) as w (id) on t.id = w.id where t.tid = $1 and t.archived_at is null{said} limit 5000",
        by(&title)
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(texts).bind(ids).bind(bound).fetch_all(tx.connection()).await?;
    Ok(rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("title")?))).collect::<Result<_, sqlx::Error>>()?)
}

/// Makes many records; the ids of those that were made.
pub(super) async fn insert_records(tx: &mut TenantTx, resource: &Resource, rows: &[(Uuid, &Values)]) -> Result<BTreeSet<Uuid>, sqlx::Error> {
    if rows.is_empty() {
        return Ok(BTreeSet::new());
    }
    let made = sqlx::query_scalar(AssertSqlSafe(insert_many(resource))).bind(tx.tenant().0).bind(to_rows(tx, resource, rows));
    Ok(made.fetch_all(tx.connection()).await?.into_iter().collect())
}

/// Sets all values of many records; how many there were.
pub(super) async fn update_records(tx: &mut TenantTx, resource: &Resource, rows: &[(Uuid, &Values)]) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let set = sqlx::query(AssertSqlSafe(update_many(resource))).bind(tx.tenant().0).bind(to_rows(tx, resource, rows));
    Ok(set.execute(tx.connection()).await?.rows_affected())
}

fn to_rows(tx: &TenantTx, resource: &Resource, rows: &[(Uuid, &Values)]) -> Value {
    let row = |(id, values): &(Uuid, &Values)| {
        let mut row = to_columns(resource, &sealed::seal(tx, resource, (*id, values)));
        row["id"] = Value::String(id.to_string());
        row
    };
    rows.iter().map(row).collect()
}

/// Puts many away, or takes them back into use; how many there were.
pub(super) async fn archive_records(tx: &mut TenantTx, resource: &Resource, ids: &[Uuid], archived: bool) -> Result<u64, Fault> {
    let at = archived.then(|| to_stored(tx.now()));
    let put = sqlx::query(AssertSqlSafe(archive(resource))).bind(tx.tenant().0).bind(ids).bind(at);
    Ok(put.execute(tx.connection()).await?.rows_affected())
}

/// A condition per filter, and what is bound for it from the parameter `first` on.
fn conditions(narrowed: &Narrowed, first: usize) -> (Vec<String>, Vec<&str>) {
    let mut said = vec![if narrowed.archived { "t.archived_at is not null" } else { "t.archived_at is null" }.to_owned()];
    let mut bound = Vec::new();
    if narrowed.among.is_some() {
        said.push("t.id = any ($2)".to_owned());
    }
    let mut by_field: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (field, value) in &narrowed.filters {
        let said = match value {
            None if field.shape == Shape::Tags => Some(format!("t.{} = '{{}}'", quoted(field.name))),
            None => columns(field).first().map(|column| format!("t.{} is null", quoted(&column.name))),
            Some(text) => {
                bound.push(text.as_str());
                equals(field, &format!("${}", first + bound.len() - 1))
            }
        };
        by_field.entry(field.name).or_default().extend(said);
    }
    said.extend(by_field.into_values().map(|any| format!("({})", any.join(" or "))));
    (said, bound)
}

/// A page in an order, of what is within reach. `$1` the tenant, `$2` the ids it is narrowed to, `$3` how many, `$4` and `$5` the place, `$6` the reach.
pub(super) async fn page(tx: &mut TenantTx, fields: &Fields<'_>, narrowed: &Narrowed, wanted: &Part<'_>) -> Result<Vec<Keyed>, Fault> {
    let (resource, within) = (fields.resource(), within(fields, "$6"));
    let Part { order, after, limit } = *wanted;
    let (key, sql_type) = sort_key(order.field);
    let (said, bound) = conditions(narrowed, 7);
    let (behind, key_after, id_after) = match after {
        Some(Place::Behind { key, id, .. }) => (true, key.clone(), Some(*id)),
        _ => (false, None, None),
    };
    let compared = if order.descending { "<" } else { ">" };
    let tuple = format!("({key}, t.id) {compared} ($4::{sql_type}, $5)");
    let in_nulls = format!("{key} is null and t.id {compared} $5");
    // What has no value comes last, and first the other way round: so both are one index. Each part is read from where it begins, one after the other.
    let arms = match (behind, order.field.required, key_after.is_some(), order.descending) {
        (false, ..) => vec![None],
        (true, true, ..) | (true, false, true, true) => vec![Some(tuple)],
        (true, false, true, false) => vec![Some(tuple), Some(format!("{key} is null"))],
        (true, false, false, false) => vec![Some(in_nulls)],
        (true, false, false, true) => vec![Some(in_nulls), Some(format!("{key} is not null"))],
    };
    let way = if order.descending { "desc" } else { "asc" };
    let mut keyed: Vec<Keyed> = Vec::new();
    for arm in arms {
        let left = i64::from(limit) - keyed.len() as i64;
        let wanted: String = said.iter().chain(&arm).map(|said| format!(" and {said}")).chain([within.said.clone()]).collect();
        let sql = format!(
            "select {}, ({key})::text as key from {} t where t.tid = $1 and ($2::uuid[] is null or true) and ($4::text is null or true) and ($5::uuid is null or true){wanted}
             order by {key} {way}, t.id {way} limit $3",
            selected(resource),
            quoted(resource.plural)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql))
            .bind(tx.tenant().0)
            .bind(narrowed.among.clone())
            .bind(left)
            .bind(key_after.clone())
            .bind(id_after)
            .bind(&within.bound);
        for text in &bound {
            query = query.bind(*text);
        }
        let rows = query.fetch_all(tx.connection()).await?;
        for row in &rows {
            keyed.push((view(tx, resource, row)?, row.try_get("key").map_err(Fault::from)?));
        }
        if keyed.len() >= limit as usize {
            break;
        }
    }
    Ok(keyed)
}

/// How many there are within reach, up to one more than `most`.
pub(super) async fn count(tx: &mut TenantTx, fields: &Fields<'_>, narrowed: &Narrowed, most: u64) -> Result<u64, Fault> {
    let (resource, within) = (fields.resource(), within(fields, "$3"));
    let (said, bound) = conditions(narrowed, 4);
    let wanted: String = said.iter().map(|said| format!(" and {said}")).chain([within.said]).collect();
    let sql = format!(
        "select count(*) from (select from {} t where t.tid = $1 and ($2::uuid[] is null or true){wanted} limit {}) as counted",
        quoted(resource.plural),
        most + 1
    );
    let mut query = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(narrowed.among.clone()).bind(within.bound);
    for text in bound {
        query = query.bind(text);
    }
    Ok(query.fetch_one(tx.connection()).await?.cast_unsigned())
}

/// What these records are called, as far as they are within reach.
pub(super) async fn titles(tx: &mut TenantTx, fields: &Fields<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Fault> {
    let (resource, Within { said, bound }) = (fields.resource(), within(fields, "$3"));
    let (title, table) = (quoted(resource.title), quoted(resource.plural));
    let sql = format!("select t.id, t.{title} as title from {table} t where t.tid = $1 and t.id = any ($2){said}");
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(ids).bind(bound).fetch_all(tx.connection()).await?;
    Ok(rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("title")?))).collect::<Result<_, sqlx::Error>>()?)
}

/// Has Postgres count the table anew, so that it plans for what is there now.
pub(super) async fn count_resource(tx: &mut TenantTx, resource: &Resource) -> Result<(), Fault> {
    sqlx::query!("select count_resource($1)", resource.plural).fetch_one(tx.connection()).await?;
    Ok(())
}

/// Records by their words, the nearest first.
pub(super) async fn search(tx: &mut TenantTx, look: &Look<'_>) -> Result<Vec<Hit>, Fault> {
    let rows = sqlx::query!(
        r#"select kind as "kind!", id as "id!", title as "title!", nearness as "nearness!" from search_records($1, $2, $3, $4, $5)"#,
        look.kinds,
        look.words.tsquery,
        look.words.phrase,
        look.archived,
        look.most
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| Hit { kind: row.kind, id: row.id, title: row.title, nearness: row.nearness }).collect())
}

/// The same where only some of the searched fields, or of the records, may be read: what else there is neither finds a record nor brings it nearer.
pub(super) async fn search_within(tx: &mut TenantTx, fields: &Fields<'_>, look: &Look<'_>) -> Result<Vec<Hit>, Fault> {
    let (resource, Within { said, bound }) = (fields.resource(), within(fields, "$7"));
    for alike in [false, true] {
        let rows = sqlx::query(AssertSqlSafe(found_within(resource, (&searched(fields), &said), alike)))
            .bind(resource.kind)
            .bind(&look.words.tsquery)
            .bind(&look.words.phrase)
            .bind(look.archived)
            .bind(tx.tenant().0)
            .bind(look.most)
            .bind(&bound)
            .fetch_all(tx.connection())
            .await?;
        let hit = |row: &PgRow| {
            Ok(Hit { kind: resource.kind.to_owned(), id: row.try_get("id")?, title: row.try_get("title")?, nearness: row.try_get("nearness")? })
        };
        let hits = rows.iter().map(hit).collect::<Result<Vec<_>, sqlx::Error>>()?;
        if !hits.is_empty() {
            return Ok(hits);
        }
    }
    Ok(Vec::new())
}

/// What may fit is looked up by all words, and kept where the words of these fields alone fit, too; what is ranked is bounded.
fn found_within(resource: &Resource, (fields, reached): (&[&Field], &str), alike: bool) -> String {
    let said: Vec<String> = fields.iter().map(|field| as_words(field)).collect();
    let (title, table) = (quoted(resource.title), quoted(resource.plural));
    let few = "array_to_string((string_to_array(fold($3), ' '))[1:3], ' ')";
    let (nearness, fits) = if alike {
        (format!("word_similarity({few}, w.words)"), format!("length(fold($3)) >= 3 and word_similarity({few}, w.words) >= 0.5"))
    } else {
        let named = "case when w.key = fold($3) then 8 when starts_with(w.key, fold($3)) then 4 end::real";
        let held = "to_tsvector('simple', w.words) @@ to_tsquery('simple', fold($2))";
        let rank = format!("case when {held} then ts_rank(to_tsvector('simple', w.words), to_tsquery('simple', fold($2))) end");
        (format!("greatest({named}, {rank})"), format!("(starts_with(w.key, fold($3)) or {held})"))
    };
    format!(
        "select f.id, f.title, f.nearness::real as nearness from (
           select w.id, w.title, {nearness} as nearness from (
             select t.id, t.{title} as title, fold(t.{title}) as key, regexp_replace(fold(concat_ws(' ', {})), '[[:space:][:punct:]]+', ' ', 'g') as words
             from search_candidates($1, $2, $3, $4, {alike}) as c join {table} as t on t.tid = $5 and t.id = c.id{reached} offset 0) as w
           where {fits} limit greatest($6, 2000)) as f
         order by f.nearness desc, f.title, f.id limit $6",
        said.join(", ")
    )
}

/// Whether Postgres can reckon with a time zone of that name. A name that it does not know ends the transaction, so it is asked in one of its own.
pub(super) async fn zone_is_known(tx: &mut BeforeTenant, name: &str) -> Result<bool, Fault> {
    const UNKNOWN: &str = "22023";
    match sqlx::query_scalar!("select now() at time zone $1", name).fetch_one(tx.connection()).await {
        Ok(_) => Ok(true),
        Err(error) if error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == UNKNOWN) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
