//! Lists of rows: of a supplier its contacts, of a variant its options. A list is one field, written as a whole; each row has an id of its own that stays, so that two versions of a
//! list, the audit and an event can say which row is meant. An id tells rows of one list apart, and means nothing beside it.

use super::check::{FieldProblem, Wrong, tidy_one, wrong_of};
use super::field::Field;
use super::list::{Changes, Values};
use super::record::Resource;
use super::shape::{FieldValue, Shape};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// What is known of the rows of a list; [`rows!`](crate::rows) declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowShape {
    /// What a row is called: the section of the languages' files with its fields' names.
    pub called: &'static str,
    /// Its fields beside its id, in the order of a form and of a file. What a row is called by is the first of them.
    pub fields: &'static [Field],
    /// Whether the order of the rows says something.
    pub ordered: bool,
    /// What the declaration says of it (feature `schema`).
    pub said: &'static str,
}

/// A list of rows; how many there may be, the field says ([`Field::longest`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rows<T>(pub Vec<T>);

/// A type whose values are rows.
pub trait Row {
    /// Its declaration.
    const SHAPE: RowShape;
}

impl<T: Row> FieldValue for Rows<T> {
    const SHAPE: Shape = Shape::Rows(&T::SHAPE);
    const REQUIRED: bool = false;
}

/// Declares the rows of a list; `in order` where their order says something.
///
/// ```
/// use holdfast_domain::kernel::resource::{Record, Rows};
/// use holdfast_domain::{resource, rows};
///
/// rows! {
///     /// A van.
///     pub struct Van called "van", in order {
///         /// On its plate.
///         plate: String => longest(20),
///     }
/// }
///
/// resource! {
///     /// Who drives.
///     pub struct Haulier in "wms", one "haulier", many "hauliers", called by name {
///         /// Its name.
///         name: String,
///         /// What it drives.
///         vans: Rows<Van> => longest(5),
///     }
/// }
///
/// assert!(Haulier::RESOURCE.field("vans").is_some_and(|vans| vans.rows().is_some_and(|row| row.ordered)));
/// ```
#[macro_export]
macro_rules! rows {
    (
        $(#[doc = $doc:literal])*
        pub struct $row:ident called $called:literal $(, in $order:ident)? {
            $( $(#[doc = $field_doc:literal])* $field:ident : $type:ty $(=> $($word:ident $(($argument:expr))?)+ )? ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $row {
            /// Tells it from the others of its list, and stays.
            pub id: uuid::Uuid,
            $( $(#[doc = $field_doc])* pub $field: $type, )*
        }

        impl $crate::kernel::resource::Row for $row {
            const SHAPE: $crate::kernel::resource::RowShape = $crate::kernel::resource::RowShape {
                called: $called,
                fields: &[
                    $({
                        use $crate::kernel::resource::Field;
                        const FIELD: Field = Field::of::<$type>(stringify!($field)).said(concat!($($field_doc),*)) $($(.$word($($argument)?))+)?;
                        FIELD.in_rows($called)
                    }),*
                ],
                ordered: {
                    let ordered: &[&str] = &[$(stringify!($order))?];
                    !ordered.is_empty()
                },
                said: $crate::kernel::resource::said(concat!($($doc),*)),
            };
        }
    };
}

/// The id of a row.
fn id_of(row: &Value) -> Option<Uuid> {
    row.get("id")?.as_str()?.parse().ok()
}

/// The lists of a resource, each with how its rows look.
fn lists(resource: &Resource) -> impl Iterator<Item = (&'static Field, &'static RowShape)> + use<> {
    resource.fields.iter().filter_map(|field| Some((field, field.rows()?)))
}

/// The rows among the values, where there are no more than there may be: more are refused, and looked through by nobody.
fn rows_of<'a>(field: &Field, values: &'a mut Values) -> Option<&'a mut Vec<Value>> {
    values.get_mut(field.name)?.as_array_mut().filter(|rows| rows.len() <= usize::from(field.longest))
}

/// Where a field of a row is, in what is said to be wrong: `contacts[2].email`, counted from 0.
pub fn row_path(list: &str, at: usize, field: &str) -> String {
    format!("{list}[{at}].{field}")
}

pub(super) fn tidy_rows(shape: &RowShape, rows: &mut [Value]) {
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        for field in shape.fields {
            row.get_mut(field.name).into_iter().for_each(|value| tidy_one(field, value));
        }
    }
}

/// What is wrong with each row; a field that a row does not name is not looked at.
pub(super) fn wrong_rows(list: &Field, shape: &RowShape, rows: &[Value]) -> Vec<FieldProblem> {
    if rows.len() > usize::from(list.longest) {
        return vec![FieldProblem::new(list.name, Wrong::TooLong)];
    }
    let wrong = |(at, row): (usize, &Value)| {
        let Some(row) = row.as_object() else { return vec![FieldProblem::new(&format!("{}[{at}]", list.name), Wrong::WrongType)] };
        let of = |(name, value): (&String, &Value)| match name.as_str() {
            "id" => wrong_id(value).or_else(|| rows[..at].iter().any(|before| before.get("id") == Some(value)).then_some(Wrong::Twice)),
            name => shape.fields.iter().find(|field| field.name == name).map_or(Some(Wrong::UnknownField), |field| wrong_of(field, value)),
        };
        // However long somebody made the name of what there is not.
        let path = |name: &str| row_path(list.name, at, &name.chars().take(40).collect::<String>());
        row.iter().filter_map(|said| of(said).map(|wrong| FieldProblem::new(&path(said.0), wrong))).collect()
    };
    rows.iter().enumerate().flat_map(wrong).collect()
}

/// An id is written as everywhere: in lower case, with hyphens. A row that is new may have none yet.
fn wrong_id(value: &Value) -> Option<Wrong> {
    let Some(text) = value.as_str() else { return Some(Wrong::WrongType) };
    let sound = text.parse::<Uuid>().is_ok_and(|id| !id.is_nil() && id.to_string() == text);
    (!sound).then_some(Wrong::NotValid)
}

/// Makes each row whole: one that says no id and what a kept row says is that one, as is one that is called like it; of a kept row what it does not name stays, of a new one it is
/// nothing. So whoever sends a list without ids, such as a file, changes nothing that they did not mean to.
pub(super) fn make_rows_whole(resource: &Resource, kept: Option<&Values>, values: &mut Values) {
    for (field, shape) in lists(resource) {
        let kept = kept.and_then(|kept| kept.get(field.name)?.as_array()).map(Vec::as_slice).unwrap_or_default();
        let Some(rows) = rows_of(field, values) else { continue };
        for row in rows.iter_mut().filter_map(Value::as_object_mut) {
            if row.get("id").is_some_and(Value::is_null) {
                row.remove("id");
            }
        }
        let title = shape.fields.first().map_or("", |field| field.name);
        let says_all = |row: &Value, kept: &Value| row.as_object().is_some_and(|row| row.iter().all(|(name, value)| kept.get(name) == Some(value)));
        let is_called = |row: &Value, kept: &Value| row.get(title).is_some_and(|name| !name.is_null() && kept.get(title) == Some(name));
        recognise(kept, rows, says_all);
        recognise(kept, rows, is_called);
        for row in rows.iter_mut().filter(|row| row.is_object()) {
            let was = id_of(row).and_then(|id| kept.iter().find(|kept| id_of(kept) == Some(id)));
            let Some(row) = row.as_object_mut() else { continue };
            for field in shape.fields {
                row.entry(field.name).or_insert_with(|| was.and_then(|was| was.get(field.name)).cloned().unwrap_or_else(|| field.unsaid()));
            }
        }
    }
}

/// Gives rows without an id that of the first kept row that they are, and that no other row is.
fn recognise(kept: &[Value], rows: &mut [Value], is_that: impl Fn(&Value, &Value) -> bool) {
    for at in 0..rows.len() {
        if !rows[at].is_object() || rows[at].get("id").is_some() {
            continue;
        }
        let free = |kept: &&Value| rows.iter().all(|row| row.get("id") != kept.get("id"));
        let found = kept.iter().filter(free).find(|kept| is_that(&rows[at], kept)).and_then(|kept| kept.get("id")).cloned();
        if let Some(id) = found {
            rows[at]["id"] = id;
        }
    }
}

/// Gives each new row that came without an id one of its own.
pub fn name_rows(resource: &Resource, values: &mut Values, mut fresh: impl FnMut() -> Uuid) {
    for row in lists(resource).flat_map(|(field, _)| values.get(field.name).and(Some(field))).collect::<Vec<_>>() {
        for row in rows_of(row, values).into_iter().flatten().filter_map(Value::as_object_mut) {
            row.entry("id").or_insert_with(|| json!(fresh()));
        }
    }
}

/// Which rows of a list became other ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RowChanges {
    /// Those that are new.
    pub added: Vec<Uuid>,
    /// Those that say something else.
    pub changed: Vec<Uuid>,
    /// Those that are gone.
    pub removed: Vec<Uuid>,
    /// Whether those that stayed stand in another order.
    pub moved: bool,
}

impl RowChanges {
    /// From one list to another; anything but a list is an empty one.
    pub fn between(before: &Value, after: &Value) -> Self {
        let rows = |list: &Value| -> Vec<(Uuid, Value)> {
            list.as_array().into_iter().flatten().filter_map(|row| Some((id_of(row)?, row.clone()))).collect()
        };
        let (before, after) = (rows(before), rows(after));
        let was = |id: Uuid| before.iter().find(|(known, _)| *known == id);
        let is = |id: Uuid| after.iter().any(|(known, _)| *known == id);
        let ids = |rows: &[(Uuid, Value)]| rows.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        let stayed_before: Vec<Uuid> = ids(&before).into_iter().filter(|id| is(*id)).collect();
        let stayed_after: Vec<Uuid> = ids(&after).into_iter().filter(|id| was(*id).is_some()).collect();
        Self {
            added: ids(&after).into_iter().filter(|id| was(*id).is_none()).collect(),
            changed: after.iter().filter(|(id, row)| was(*id).is_some_and(|(_, before)| before != row)).map(|(id, _)| *id).collect(),
            removed: ids(&before).into_iter().filter(|id| !is(*id)).collect(),
            moved: stayed_before != stayed_after,
        }
    }

    /// The rows that are not as they were, in the order of the list and those that are gone behind.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.changed.iter().chain(&self.added).chain(&self.removed).copied()
    }
}

/// Whether that is a change of a list that is told whole, row by row.
pub fn is_change_of_rows(resource: &Resource, change: &Changes) -> bool {
    let told = |value: &Value| value.is_array() || value.is_null();
    resource.field(&change.field).is_some_and(|field| field.rows().is_some()) && told(&change.before) && told(&change.after)
}

/// Tells a change of a list row by row: each that is new, gone or another one as a list of it alone; where those that stayed were moved, the whole list as well.
pub(super) fn changes_of_rows(change: Changes) -> Vec<Changes> {
    let changes = RowChanges::between(&change.before, &change.after);
    let alone = |list: &Value, id: Uuid| Value::Array(list.as_array().into_iter().flatten().filter(|row| id_of(row) == Some(id)).cloned().collect());
    let row = |id: Uuid| Changes { field: change.field.clone(), before: alone(&change.before, id), after: alone(&change.after, id) };
    let told: Vec<Changes> = changes.ids().map(row).collect();
    if changes.moved || told.is_empty() { told.into_iter().chain([change]).collect() } else { told }
}

#[cfg(test)]
mod tests {
    use super::super::{Record as _, changes_of_parts, check, complete, make_whole, tidy};
    use super::*;
    use crate::kernel::Day;
    use crate::resource;

    crate::rows! {
        /// A van.
        pub struct Van called "van", in order {
            /// On its plate.
            plate: String => longest(8),
            /// When it is inspected next.
            inspected: Option<Day>,
            /// Whether it cools.
            cools: bool,
        }
    }

    resource! {
        /// Who drives.
        pub struct Haulier in "wms", one "haulier", many "hauliers", called by name {
            /// Its name.
            name: String,
            /// What it drives.
            vans: Rows<Van> => longest(3),
        }
    }

    static HAULIER: Resource = Haulier::RESOURCE;
    const FIRST: Uuid = Uuid::from_u128(1);
    const SECOND: Uuid = Uuid::from_u128(2);

    fn vans(rows: Value) -> Values {
        Values::from_iter([("vans".to_owned(), rows)])
    }

    fn van(id: Uuid, plate: &str) -> Value {
        json!({ "id": id, "plate": plate, "inspected": null, "cools": true })
    }

    /// What becomes of a list that is sent where `kept` is kept.
    fn settled(kept: Value, sent: Value) -> Value {
        let mut values = vans(sent);
        tidy(&HAULIER, &mut values);
        make_whole(&HAULIER, Some(&vans(kept)), &mut values);
        values.remove("vans").unwrap()
    }

    #[test]
    fn a_row_is_whole_and_one_that_is_new_is_given_an_id() {
        let mut values = vans(json!([{ "plate": " B 1 " }, { "plate": "B 2", "id": SECOND, "inspected": "" }]));
        tidy(&HAULIER, &mut values);
        complete(&HAULIER, &mut values);
        name_rows(&HAULIER, &mut values, || FIRST);
        assert_eq!(
            values["vans"],
            json!([{ "id": FIRST, "plate": "B 1", "inspected": null, "cools": false }, { "id": SECOND, "plate": "B 2", "inspected": null, "cools": false }])
        );
        assert_eq!(Haulier::RESOURCE.field("vans").map(|vans| vans.unsaid()), Some(json!([])));
    }

    #[test]
    fn a_row_without_an_id_is_the_kept_one_that_says_the_same_or_is_called_the_same() {
        let kept = json!([van(FIRST, "B 1"), van(SECOND, "B 1")]);
        let second = json!({ "id": SECOND, "plate": "B 1", "inspected": "2026-01-02", "cools": true });
        assert_eq!(
            settled(json!([van(FIRST, "B 1"), second]), json!([{ "plate": "B 1", "inspected": "2026-01-02", "cools": true }])),
            json!([second])
        );
        assert_eq!(
            settled(kept.clone(), json!([{ "plate": "B 1" }, { "plate": "B 1", "cools": false }]))[1]["id"],
            json!(SECOND),
            "each is one row only"
        );
        assert_eq!(settled(kept.clone(), json!([{ "id": SECOND }, { "plate": "B 1" }]))[1]["id"], json!(FIRST));
        assert!(settled(kept, json!([{ "plate": "B 9" }]))[0].get("id").is_none(), "a new one");
    }

    #[test]
    fn what_is_wrong_names_the_row_and_more_rows_than_there_may_be_are_looked_through_by_nobody() {
        let wrong = |rows: Value| check(&HAULIER, &vans(rows)).into_iter().map(|problem| (problem.field, problem.wrong)).collect::<Vec<_>>();
        assert_eq!(wrong(json!([van(FIRST, "B 1"), { "plate": "123456789" }])), [("vans[1].plate".to_owned(), Wrong::TooLong)]);
        assert_eq!(wrong(json!([van(FIRST, "B 1"), van(FIRST, "B 2")])), [("vans[1].id".to_owned(), Wrong::Twice)]);
        assert_eq!(wrong(json!([{ "plate": "B", "cools": null }])), [("vans[0].cools".to_owned(), Wrong::Missing)]);
        assert_eq!(wrong(json!([[]])), [("vans[0]".to_owned(), Wrong::WrongType)]);
        let mut many = vans(json!([{ "plate": " B " }, 1, 2, 3]));
        tidy(&HAULIER, &mut many);
        make_whole(&HAULIER, None, &mut many);
        assert_eq!((many["vans"][0].clone(), check(&HAULIER, &many)), (json!({ "plate": " B " }), vec![FieldProblem::new("vans", Wrong::TooLong)]));
    }

    #[test]
    fn of_two_lists_it_is_told_which_rows_became_other_ones() {
        let (before, after) = (json!([van(FIRST, "B 1"), van(SECOND, "B 2")]), json!([van(SECOND, "B 2"), van(FIRST, "B 9")]));
        let changes = RowChanges::between(&before, &after);
        assert_eq!(changes, RowChanges { changed: vec![FIRST], moved: true, ..RowChanges::default() });
        let third = Uuid::from_u128(3);
        let changes = RowChanges::between(&before, &json!([van(third, "B 3"), van(SECOND, "B 2")]));
        assert_eq!(changes, RowChanges { added: vec![third], removed: vec![FIRST], ..RowChanges::default() });
        assert_eq!(RowChanges::between(&Value::Null, &before).added, [FIRST, SECOND]);
    }

    #[test]
    fn a_change_of_a_list_is_told_row_by_row_and_what_is_told_in_part_stays_one() {
        let told = |before: Value, after: Value| {
            let change = Changes { field: "vans".to_owned(), before, after };
            changes_of_parts(&HAULIER, vec![change]).into_iter().map(|one| (one.before, one.after)).collect::<Vec<_>>()
        };
        let (first, second) = (van(FIRST, "B 1"), van(SECOND, "B 2"));
        assert_eq!(told(json!([first]), json!([first, second])), [(json!([]), json!([second]))]);
        assert_eq!(told(json!([first, second]), json!([second, first])), [(json!([first, second]), json!([second, first]))]);
        assert_eq!(told(Value::Null, json!("•••")), [(Value::Null, json!("•••"))]);
    }
}
