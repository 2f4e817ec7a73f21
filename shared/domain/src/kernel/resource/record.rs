//! A resource as a whole, and the declaration of one.

use super::field::Field;
use super::list::Values;
use crate::identity::Permission;
use crate::kernel::SiteId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// What is known of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The module it belongs to, such as `procurement`.
    pub module: &'static str,
    /// Such as `procurement.supplier`.
    pub kind: &'static str,
    /// The last part of its address and its table, such as `suppliers`.
    pub plural: &'static str,
    /// Where it is in the API, such as `/api/v1/procurement/suppliers`.
    pub path: &'static str,
    /// The field that a record is called by.
    pub title: &'static str,
    /// Its fields, in the order of a form.
    pub fields: &'static [Field],
    /// The field that says at which site a record is; none where records belong to the whole company.
    pub site: Option<&'static str>,
    /// What it takes to do something with it.
    pub rights: Rights,
    /// The types of its change events: made, changed, archived, restored.
    pub events: [&'static str; 4],
    /// The type of the event that two records were merged; of a resource that [merges](Self::merges).
    pub merged: &'static str,
    /// What the declaration says of it, where the API is described (feature `schema`); the app does without.
    pub said: &'static str,
}

/// The permissions of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// To look at records.
    pub read: Permission,
    /// To make one.
    pub create: Permission,
    /// To change one.
    pub update: Permission,
    /// To archive one and to restore it.
    pub delete: Permission,
    /// To take a list out as a file.
    pub export: Permission,
    /// To change or bring in many at once.
    pub bulk_edit: Permission,
}

/// A record's type.
pub trait Record: Serialize + DeserializeOwned {
    /// Its declaration.
    const RESOURCE: Resource;
}

impl Resource {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// What is sorted by, narrowed by, and has a column in a file: each field, and instead of an address its parts.
    pub fn leaves(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.fields.iter().flat_map(|field| if field.parts.is_empty() { std::slice::from_ref(field) } else { field.parts })
    }

    /// The leaf of that name: `city`, `address.city`.
    pub fn leaf(&self, name: &str) -> Option<&'static Field> {
        self.leaves().find(|leaf| leaf.name == name)
    }

    /// The field or the part of one of that name.
    pub fn named(&self, name: &str) -> Option<&'static Field> {
        self.field(name).or_else(|| self.leaf(name))
    }

    /// Whether two records of it can be merged: where a field tells that they are probably the same one.
    pub const fn merges(&self) -> bool {
        let mut n = 0;
        while n < self.fields.len() {
            if self.fields[n].alike.is_some() {
                return true;
            }
            n += 1;
        }
        false
    }

    /// Whether that is an event of its records.
    pub fn publishes(&self, event: &str) -> bool {
        self.events.contains(&event) || (self.merges() && self.merged == event)
    }

    /// The site that a record is at; none where it belongs to the whole company.
    pub fn site_of(&self, id: Uuid, values: &Values) -> Option<SiteId> {
        match self.site? {
            "id" => Some(SiteId(id)),
            field => values.get(field)?.as_str()?.parse().ok(),
        }
    }
}

impl Rights {
    /// All of them.
    pub fn all(&self) -> [&Permission; 6] {
        [&self.read, &self.create, &self.update, &self.delete, &self.export, &self.bulk_edit]
    }
}

/// Declares a resource: the record's type, and what is known of each field.
///
/// ```
/// use holdfast_domain::resource;
/// use holdfast_domain::kernel::resource::{Email, Record};
///
/// resource! {
///     /// Someone who brings coffee.
///     pub struct Roaster in "procurement", one "roaster", many "roasters", called by name {
///         /// As on the bags.
///         name: String => searched sorted listed example(r#""Café du Port""#),
///         /// Where to order.
///         email: Option<Email> => searched listed,
///     }
/// }
///
/// assert_eq!(Roaster::RESOURCE.path, "/api/v1/procurement/roasters");
/// assert!(Roaster::RESOURCE.field("name").is_some_and(|name| name.required));
/// ```
#[macro_export]
macro_rules! resource {
    (
        $(#[doc = $doc:literal])*
        pub struct $record:ident in $module:literal, one $one:literal, many $many:literal, called by $title:ident $(, at site $site:ident)? {
            $( $(#[doc = $field_doc:literal])* $field:ident : $type:ty $(=> $($word:ident $(($argument:expr))?)+ )? ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $record {
            $( $(#[doc = $field_doc])* pub $field: $type, )*
        }

        impl $crate::kernel::resource::Record for $record {
            const RESOURCE: $crate::kernel::resource::Resource = $crate::kernel::resource::Resource {
                module: $module,
                kind: concat!($module, ".", $one),
                plural: $many,
                path: concat!("/api/v1/", $module, "/", $many),
                title: stringify!($title),
                fields: &[
                    $({
                        use $crate::kernel::resource::Field;
                        const WHOLE: Field = Field::of::<$type>(stringify!($field)).said(concat!($($field_doc),*)) $($(.$word($($argument)?))+)?;
                        const PARTS: [Field; 6] = WHOLE.named_parts([
                            concat!(stringify!($field), ".line1"),
                            concat!(stringify!($field), ".line2"),
                            concat!(stringify!($field), ".postal_code"),
                            concat!(stringify!($field), ".city"),
                            concat!(stringify!($field), ".region"),
                            concat!(stringify!($field), ".country"),
                        ]);
                        WHOLE.of_parts(&PARTS)
                    }),*
                ],
                site: {
                    let site: Option<&'static str> = None;
                    $( let _none = site; let site = Some(stringify!($site)); )?
                    site
                },
                rights: $crate::kernel::resource::Rights {
                    read: $crate::identity::Permission::new(concat!($module, ".", $one, ".read")),
                    create: $crate::identity::Permission::new(concat!($module, ".", $one, ".create")),
                    update: $crate::identity::Permission::new(concat!($module, ".", $one, ".update")),
                    delete: $crate::identity::Permission::new(concat!($module, ".", $one, ".delete")),
                    export: $crate::identity::Permission::new(concat!($module, ".", $one, ".export")),
                    bulk_edit: $crate::identity::Permission::new(concat!($module, ".", $one, ".bulk_edit")),
                },
                events: [
                    concat!($module, ".", $one, ".created"),
                    concat!($module, ".", $one, ".changed"),
                    concat!($module, ".", $one, ".archived"),
                    concat!($module, ".", $one, ".restored"),
                ],
                merged: concat!($module, ".", $one, ".merged"),
                said: $crate::kernel::resource::said(concat!($($doc),*)),
            };
        }
    };
}
