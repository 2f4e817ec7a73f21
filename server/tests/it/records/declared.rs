//! The tables are what the declarations say.

use super::carrier::Carrier;
use super::{company, example, make, make_named, resource};
use holdfast_domain::RESOURCES;
use holdfast_domain::kernel::resource::{Field, Record as _, Resource, Shape, check, tidy};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

#[tokio::test]
async fn what_is_declared_sorted_searched_or_unique_is_so_in_the_database() {
    let test = crate::support::TestDatabase::create().await;
    let mut catalogue = test.as_superuser().connect().await.unwrap();
    for resource in RESOURCES {
        is_as_declared(&mut catalogue, resource).await;
    }
    catalogue.close().await.unwrap();
}

/// Whoever follows the documentation ends at a table that is what their declaration says.
#[tokio::test]
async fn the_example_of_the_documentation_works() {
    let document = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ADDING_A_RESOURCE.md")).unwrap();
    let block = |language: &str| document.split_once(&format!("```{language}\n")).unwrap().1.split_once("```").unwrap().0;
    assert!(include_str!("carrier.rs").ends_with(block("rust")), "carrier.rs is the example, word for word");
    let test = crate::support::TestDatabase::create().await;
    let mut owner = test.connections().owner.connect().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(block("sql").to_owned())).execute(&mut owner).await.unwrap();
    is_as_declared(&mut owner, &Carrier::RESOURCE).await;
    owner.close().await.unwrap();
    assert_eq!((Carrier::RESOURCE.path, Carrier::RESOURCE.events[1]), ("/api/v1/wms/carriers", "wms.carrier.changed"));
    assert_eq!(check(&Carrier::RESOURCE, &example(&Carrier::RESOURCE, "")), []);
    let lines = block("rust").lines().chain(block("sql").lines()).filter(|line| !line.trim().is_empty()).count();
    assert!(lines < 60, "{lines} lines");
}

async fn is_as_declared(catalogue: &mut PgConnection, resource: &Resource) {
    let indexes: Vec<String> =
        sqlx::query_scalar("select indexdef from pg_indexes where tablename = $1").bind(resource.plural).fetch_all(&mut *catalogue).await.unwrap();
    let keeper: String = sqlx::query_scalar(
        "select p.prosrc from pg_trigger t join pg_proc p on p.oid = t.tgfoid where t.tgrelid = $1::regclass and t.tgname = 'search_made'",
    )
    .bind(resource.plural)
    .fetch_one(catalogue)
    .await
    .unwrap();
    let words = |field: &Field| match field.shape {
        Shape::Tags => format!("array_to_string(w.{}, ' ')", field.name),
        Shape::Address => format!("address_words(w.{})", field.name),
        Shape::Rows(_) => format!("row_words(w.{})", field.name),
        _ => format!("w.{}", field.name),
    };
    let searched: Vec<String> = resource.fields.iter().filter(|field| field.searched).map(words).collect();
    let site = resource.site.map_or_else(|| "null::uuid".to_owned(), |site| format!("w.{site}"));
    let (place, words) = (format!("'{}', w.id, {site}, w.{},", resource.kind, resource.title), format!("concat_ws(' ', {})", searched.join(", ")));
    assert!(keeper.contains(&place) && keeper.contains(&words), "{}: {keeper} should have {place} and {words}", resource.kind);
    for field in resource.leaves() {
        let column = field.name.replace('.', "_");
        let plain = matches!(field.shape, Shape::Whole | Shape::Date | Shape::Boolean | Shape::Decimal | Shape::Reference(_));
        let key = match field.shape {
            Shape::Money => format!("{}_minor", field.name),
            Shape::Rate => format!("{}_millionths", field.name),
            _ if plain => column.clone(),
            _ => format!("{column}_key"),
        };
        let is_indexed = indexes.iter().any(|index| index.ends_with(&format!("(tid, {key}, id)")));
        assert_eq!(is_indexed, field.sorted, "{} {}: a sorted field has its index, and no other", resource.kind, field.name);
        let is_narrowed = indexes.iter().any(|index| index.ends_with(&format!("(tid, {column}, {}_key, id)", resource.title)));
        assert_eq!(is_narrowed, field.filtered && field.shape != Shape::Tags, "{} {}: a filtered field has its index", resource.kind, field.name);
        let is_told = field.searched || field.sorted || field.filtered || field.unique || field.alike.is_some() || field.name == resource.title;
        assert!(!field.is_sealed() || !is_told, "{} {}: what is kept encrypted is neither found nor compared", resource.kind, field.name);
        assert!(
            !field.sorted || !matches!(field.shape, Shape::Instant | Shape::Tags | Shape::Rows(_)),
            "{} {}: cannot be sorted by",
            resource.kind,
            field.name
        );
        let compared = !matches!(field.shape, Shape::Money | Shape::Rate | Shape::Instant | Shape::LongText | Shape::Rows(_));
        assert!(!field.filtered || compared, "{} {}: cannot be narrowed by", resource.kind, field.name);
        let is_alike = indexes.iter().any(|index| index.ends_with(&format!("(tid, {column}_alike)")));
        assert_eq!(is_alike, field.alike.is_some(), "{} {}: what tells records apart has its index", resource.kind, field.name);
        let is_unique = indexes.iter().any(|index| index.contains(&format!("{}_{column}_unique ", resource.plural)));
        assert_eq!(is_unique, field.unique, "{} {}: a unique field has its constraint", resource.kind, field.name);
    }
}

#[test]
fn every_example_is_one_that_is_taken() {
    for resource in RESOURCES {
        let mut values = example(resource, "");
        let before = values.clone();
        tidy(resource, &mut values);
        assert_eq!(values, before, "{}: an example is written as it is kept", resource.kind);
        assert_eq!(check(resource, &values), [], "{}", resource.kind);
    }
}

#[tokio::test]
async fn every_resource_keeps_its_example_as_it_is() {
    let (_company, owner) = company().await;
    for resource in RESOURCES {
        make_named(&owner, resource, "x").await;
        let values = example(resource, "x");
        let made = make(&owner, resource.path, serde_json::Value::Object(values.clone())).await;
        assert_eq!(made.values, values, "{}", resource.kind);
    }
    assert!(resource("procurement.supplier").site.is_none());
}

/// The schemas lie where integrators find them. With `HOLDFAST_WRITE_SCHEMAS` set, they are written there.
#[test]
fn the_schema_of_every_change_event_is_the_one_in_the_documentation() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events");
    for (event, schema) in RESOURCES.iter().flat_map(holdfast_server::records::schema::events) {
        let (file, text) = (folder.join(format!("{event}.json")), format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()));
        if std::env::var_os("HOLDFAST_WRITE_SCHEMAS").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), text, "{event}");
    }
}
